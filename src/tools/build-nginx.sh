#!/bin/bash
#
# Builds the module:   build-nginx.sh [KIND]
#
#   (none)         the dynamic module, against the source tree of Debian's
#                  nginx-dev, with the flags of the installed binary:
#                  build/ngx_http_crm_automation_module.so, objects in build/nginx
#   --asan         the same with AddressSanitizer and UBSan, into build/asan
#   --coverage     the same for gcov, into build/coverage
#
# and with another nginx, of which src/tools/fetch-nginx.sh gets the source:
#
#   --second       nginx and the dynamic module: build/nginx-VERSION/dynamic
#   --static       nginx with the module linked in: build/nginx-VERSION/static
#   --debug-pool   the same, all of it with ASan and UBSan and each allocation
#                  from a pool by itself: build/nginx-VERSION/debug-pool
#
# NGINX_SECOND says which: newest (what the Debian archive has, the default), a
# version that it has, or skip: then nothing is built. build/second-nginx is a
# link to the folder of that version.
#
# NGINX_SRC names another source tree (a copy: upstream's configure writes into
# itself), configured with NGINX_FLAGS, default --with-compat.
#
# configure runs again only when the flags or the list of sources change.

set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build
objs=
add=--add-dynamic-module
target=modules
so=ngx_http_crm_automation_module.so
second=

# nginx's own default is -O; the evaluator is worth more. Calls inside the
# module need not go through its linkage table, nor those of it be bound late.
cc_opt="-O2 -g -fno-semantic-interposition -fno-plt"
ld_opt="-Wl,-z,relro,-z,now,-Bsymbolic-functions"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=undefined"

case "${1:-}" in
    "") ;;
    --asan)
        out=$top/build/asan
        cc_opt="-O1 -g -fno-omit-frame-pointer $sanitize"
        # nginx unloads modules at its end; a leak report needs them still.
        ld_opt="-fsanitize=address,undefined -Wl,-z,nodelete" ;;
    --coverage)
        out=$top/build/coverage
        cc_opt="-O0 -g --coverage"
        ld_opt="--coverage" ;;
    --second)
        second=dynamic
        target="binary modules" ;;
    --static)
        second=static
        cc_opt="-O1 -g"
        ld_opt=
        target=binary ;;
    --debug-pool)
        second=debug-pool
        # nginx hands memcpy() a null pointer and no bytes, here and there, and
        # reads words off their boundaries where it takes the machine for one
        # that allows it.
        cc_opt="-O1 -g -fno-omit-frame-pointer $sanitize"
        cc_opt="$cc_opt -fno-sanitize=nonnull-attribute"
        cc_opt="$cc_opt -DNGX_HAVE_NONALIGNED=0 -DNGX_DEBUG_PALLOC=1"
        ld_opt="-fsanitize=address,undefined"
        target=binary ;;
    *)
        echo "usage: build-nginx.sh [--asan|--coverage|--second|--static|" \
             "--debug-pool]" >&2
        exit 64 ;;
esac

[ "$second" = "" ] || [ "$second" = dynamic ] || add=--add-module

flags=()

if [ -n "$second" ]; then
    [ "${NGINX_SECOND:-}" != skip ] || exit 0

    folder=$("$top/src/tools/fetch-nginx.sh" "${NGINX_SECOND:-newest}")
    ln -sfn "$(basename "$folder")" "$top/build/second-nginx"
    src=$folder/src
    objs=$folder/$second
    # What the tests use of it, and no more.
    flags=(--with-compat --with-debug --with-threads --with-http_ssl_module
           --with-http_v2_module --with-http_auth_request_module
           --with-http_realip_module --with-http_stub_status_module
           --with-http_addition_module --with-http_gunzip_module
           --with-http_slice_module --with-http_sub_module)

elif [ -n "${NGINX_SRC:-}" ]; then
    src=$NGINX_SRC
    read -r -a flags <<<"${NGINX_FLAGS:---with-compat}"

else
    conf=$(dpkg -L nginx-dev 2>/dev/null | grep '/conf_flags$' || true)

    if [ -z "$conf" ]; then
        echo "build-nginx.sh: nginx-dev is not installed; run:" \
             "src/tools/install-deps.sh build" >&2
        exit 1
    fi

    src=$(dirname "$conf")
    # shellcheck disable=SC1090
    . "$conf"
    flags=("${NGX_CONF_FLAGS[@]}")
fi

objs=${objs:-$out/nginx}

flags+=("--with-cc-opt=$cc_opt" "--with-ld-opt=$ld_opt" "--builddir=$objs" "$add=$top")

mkdir -p "$objs"

# All that decides what the generated Makefile says.
stamp=$(cd "$top" && {
    echo "$src" "${flags[@]}"
    cat config src/core/SOURCES
    ls ngx_crm_automation/*.[ch] src/core/*/*.h
    ls -l "$src/src/core/nginx.h"
} | sha256sum)

if [ "$(cat "$objs/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -f "$objs/stamp"

    # Every object depends on these two, which are the same most of the time.
    for f in auto_config auto_headers; do
        [ ! -e "$objs/ngx_$f.h" ] || mv "$objs/ngx_$f.h" "$objs/$f.before"
    done

    if ! (cd "$src" && ./configure "${flags[@]}") >"$objs/configure.log" 2>&1
    then
        tail -n 20 "$objs/configure.log" >&2
        echo "build-nginx.sh: configure failed: $objs/configure.log" >&2
        exit 1
    fi

    for f in auto_config auto_headers; do
        ! cmp -s "$objs/ngx_$f.h" "$objs/$f.before" \
            || mv "$objs/$f.before" "$objs/ngx_$f.h"
    done

    echo "$stamp" >"$objs/stamp"
fi

# nginx's rules rebuild every object of the addon when one header changes.
# shellcheck disable=SC2086
cd "$src"
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
    make -s -f "$objs/Makefile" -j"${JOBS:-$(nproc)}" $target

[ -z "$second" ] || exit 0

if ! cmp -s "$objs/$so" "$out/$so"; then
    cp "$objs/$so" "$out/$so.new"
    mv "$out/$so.new" "$out/$so"
fi
