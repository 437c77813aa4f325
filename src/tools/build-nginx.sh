#!/bin/bash
#
# Builds the dynamic module against the nginx source tree of Debian's nginx-dev,
# with the flags of the installed binary:   build-nginx.sh [--asan|--coverage]
#
#   build/nginx/          objects and the generated Makefile
#   build/ngx_http_crm_automation_module.so
#
# --asan builds with AddressSanitizer and UBSan into build/asan instead,
# --coverage for gcov into build/coverage. NGINX_SRC names another source tree
# (a copy: a mainline tree's configure writes into itself), configured with
# NGINX_FLAGS, default --with-compat.
#
# configure runs again only when the flags or the list of sources change.

set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build
# nginx's own default is -O; the evaluator is worth more. Calls inside the
# module need not go through its linkage table.
cc_opt="-O2 -g -fno-semantic-interposition"
ld_opt="-Wl,-z,relro,-z,now,-Bsymbolic-functions"

case "${1:-}" in
    "") ;;
    --asan)
        out=$top/build/asan
        cc_opt="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"
        # nginx unloads modules at its end; a leak report needs them still.
        ld_opt="-fsanitize=address,undefined -Wl,-z,nodelete" ;;
    --coverage)
        out=$top/build/coverage
        cc_opt="-O0 -g --coverage"
        ld_opt="--coverage" ;;
    *)
        echo "usage: build-nginx.sh [--asan|--coverage]" >&2
        exit 64 ;;
esac

flags=()

if [ -n "${NGINX_SRC:-}" ]; then
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

objs=$out/nginx
so=ngx_http_crm_automation_module.so

flags+=("--with-cc-opt=$cc_opt" "--with-ld-opt=$ld_opt" "--builddir=$objs" "--add-dynamic-module=$top")

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

    if ! (cd "$src" && ./configure "${flags[@]}") >"$objs/configure.log" 2>&1
    then
        tail -n 20 "$objs/configure.log" >&2
        echo "build-nginx.sh: configure failed: $objs/configure.log" >&2
        exit 1
    fi

    echo "$stamp" >"$objs/stamp"
fi

# nginx's rules rebuild every object of the addon when one header changes.
cd "$src"
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
    make -s -f "$objs/Makefile" -j"${JOBS:-$(nproc)}" modules

if ! cmp -s "$objs/$so" "$out/$so"; then
    cp "$objs/$so" "$out/$so.new"
    mv "$out/$so.new" "$out/$so"
fi
