#!/bin/bash
#
# make test-bare: does it run from nothing? As root: a Debian 12 with nothing
# but git and make in build/bare (debootstrap), a clone of HEAD in it, then
# `make demo` twice, `make demo` interrupted, `make test` twice. After each: no
# process of it is left and no file outside its folder has appeared.
#
#   BARE_MIRROR=http://deb.debian.org/debian   BARE_STEPS="demo demo interrupt test test"
#   BARE_KEEP=1 keeps build/bare/root, BARE_REUSE=1 takes it for another run
#   (a fresh clone; what is installed stays)
#
# A mount namespace of its own keeps /proc and /dev of the folder to itself: they
# are gone with the last process.

set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
bare=$top/build/bare
root=$bare/root
steps=${BARE_STEPS:-demo demo interrupt test test}

if [ "$(id -u)" -ne 0 ]; then
    echo "test-bare: needs root (debootstrap, chroot)" >&2
    exit 1
fi

# The mirror that this machine uses.
mirror=${BARE_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources 2>/dev/null \
    | grep -oE '(URIs: |^deb (\[[^]]*\] )?)https?://[^ ]*debian/?( |$)' \
    | grep -oE 'https?://[^ ]*' | head -n 1)}
mirror=${mirror:-http://deb.debian.org/debian}


make_root() {
    if [ -n "${BARE_REUSE:-}" ] && [ -d "$root/etc" ]; then
        rm -rf "$root/src"
        git clone -q "file://$top" "$root/src"
        return
    fi

    command -v debootstrap >/dev/null || "$top/src/tools/install-deps.sh" bare

    rm -rf "$root"
    mkdir -p "$root" "$bare/debs"

    echo "test-bare: debootstrap bookworm from $mirror"
    debootstrap --variant=minbase --include=ca-certificates,git,make \
        bookworm "$root" "$mirror" >"$bare/debootstrap.log" 2>&1 \
        || { tail "$bare/debootstrap.log" >&2; exit 1; }

    # How this machine reaches its mirror: sources, proxies, certificates.
    rm -f "$root/etc/apt/sources.list"
    cp -r /etc/apt/sources.list* /etc/apt/apt.conf* "$root/etc/apt/" 2>/dev/null \
        || true
    rm -f "$root"/etc/apt/apt.conf.d/*docker-clean*
    find "$root/etc/apt/sources.list.d" -type f ! -name 'debian*' -delete
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    cp /etc/hosts "$root/etc/hosts"
    cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null \
        || true
    cp -r /usr/share/keyrings/. "$root/usr/share/keyrings/"

    # Packages fetched by an earlier run need not be fetched again.
    mkdir -p "$root/var/cache/apt/archives"
    cp "$bare"/debs/*.deb "$root/var/cache/apt/archives/" 2>/dev/null || true
    echo 'APT::Keep-Downloaded-Packages "true";' \
        >"$root/etc/apt/apt.conf.d/99keep"

    git clone -q "file://$top" "$root/src"
}


# Runs a script in the folder, in namespaces of its own. What outlives the
# script is listed; it dies with the namespace.

inside() {
    unshare --mount-proc --pid --fork --kill-child --propagation private \
        bash -eu -c '
            root=$1
            mount -t proc proc "$root/proc"
            mount -t tmpfs -o mode=755 dev "$root/dev"

            for d in null zero full random urandom; do
                touch "$root/dev/$d"
                mount --bind "/dev/$d" "$root/dev/$d"
            done

            mkdir -m 1777 "$root/dev/shm"
            ln -s /proc/self/fd "$root/dev/fd"

            rc=0
            chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C \
                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
                bash -c "cd /src; $2" </dev/null || rc=$?

            left=$(ps -eo pid=,args= | grep -vE "^ *1 |ps -eo|grep -vE" || true)

            if [ -n "$left" ]; then
                echo "test-bare: still running:"
                echo "$left"
                rc=97
            fi

            exit $rc' bash "$root" "$1"
}


# Every file outside the clone, but for what apt and dpkg keep for themselves.
# The first run of a kind installs packages: then only the places where a
# program might leave something are looked at.

outside() {
    local where=$root

    [ "$1" = all ] || where="$root/tmp $root/var/tmp $root/root $root/home
        $root/run $root/srv $root/opt $root/usr/sbin/policy-rc.d"

    # shellcheck disable=SC2086
    find $where -xdev \( -path "$root/src" -o -path "$root/var/lib/apt" \
        -o -path "$root/var/cache" -o -path "$root/var/lib/dpkg" \
        -o -path "$root/var/log" -o -path "$root/proc" -o -path "$root/dev" \
        -o -path "$root/run/lock" -o -path "$root/run/redis" \
        -o -path "$root/run/adduser" \) \
        -prune -o -print 2>/dev/null | sort
}


# step NAME SCRIPT

step() {
    local name=$1 rc=0 start=$SECONDS look=some log

    n=$((n + 1))
    log=$bare/$n-$name.log

    case " $seen " in *" $name "*) look=all ;; esac
    [ "$name" != interrupt ] || look=all
    seen="$seen $name"

    echo "test-bare: $name"
    outside "$look" >"$bare/before"
    inside "$2" >"$log" 2>&1 || rc=$?
    outside "$look" >"$bare/after"

    tail -n 3 "$log" | sed 's/^/    /'
    echo "    exit $rc after $((SECONDS - start)) s"

    [ "$rc" -eq 0 ] || failed "$name: exit $rc, see $log"

    if ! diff "$bare/before" "$bare/after" >"$bare/diff"; then
        head -n 20 "$bare/diff"
        failed "$name: files appeared outside its folder"
    fi

    cp -n "$root"/var/cache/apt/archives/*.deb "$bare/debs/" 2>/dev/null || true
}


failed() {
    echo "test-bare: FAILED: $*"
    bad=$((bad + 1))
}


# Ctrl-C reaches the whole process group: after some moments of the story, and
# again a moment later, as an impatient hand does it.

interrupt='
mkdir -p build
for t in 0.1 0.3 0.5 0.7 0.9 1.2 1.6 2 3 5; do
    rc=0
    setsid env --default-signal=INT,QUIT make demo KEEP=1 >build/out 2>&1 &
    pid=$!
    sleep $t
    kill -INT -- -$pid
    sleep 0.05
    kill -INT -- -$pid 2>/dev/null
    wait $pid || rc=$?
    echo "interrupted after $t s: exit $rc"
    for i in 1 2 3 4 5 6 7 8 9 10; do
        left=$(ps -eo comm= | grep -xE "redis-server|nginx|perl|crm-worker|make")
        [ -n "$left" ] || break
        sleep 0.1
    done

    if [ -e build/demo ] || [ -n "$left" ]; then
        echo "left: $left"
        ls -R build/demo
        cat build/out
        exit 1
    fi
done'

n=0
bad=0
seen=""

make_root

for s in $steps; do
    case $s in
        demo) step demo 'make demo' ;;
        test) step test 'make test' ;;
        interrupt) step interrupt "$interrupt" ;;
        *) failed "no step $s" ;;
    esac
done

[ -n "${BARE_KEEP:-}" ] || rm -rf "$root"

if [ "$bad" -ne 0 ]; then
    echo "test-bare: $bad wrong in $n steps"
    exit 1
fi

echo "test-bare: $n steps passed"
