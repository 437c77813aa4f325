#!/bin/sh
#
# Installs the Debian packages that the named groups need, and only those that
# are missing:   install-deps.sh GROUP...
#
# Run as root, or as a user who may sudo. Nothing is asked, no service is
# started: Debian starts nginx and redis-server when it installs them, so a
# policy-rc.d that says no stands in its place for the while. One that the
# machine has already is left alone.

set -eu

build="gcc make libc6-dev pkg-config nginx nginx-dev libhiredis-dev
       libjansson-dev libutf8proc-dev libuv1-dev libcurl4-openssl-dev
       libfyaml-dev libical-dev libssl-dev libseccomp-dev libpcre2-dev
       libexpat1-dev"
# What runs: servers and clients of the demo and of the tests.
run="nginx redis-server perl curl tini procps tzdata python3-aiosmtpd"
test="libcmocka-dev libtest-base-perl libtest-longstring-perl
      python3-jsonschema python3-yaml valgrind"
# What another nginx is built from, besides the above.
second="libpcre2-dev zlib1g-dev libssl-dev"
fuzz="clang libclang-rt-14-dev"
bench="wrk valgrind lua5.4"
# What crm-worker is measured beside; an npm of another kind does as well.
peer="nodejs npm"
coverage="lcov"
bare="debootstrap"

policy=/usr/sbin/policy-rc.d


installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null \
        | grep -qx installed
}


missing=""

for group in "$@"; do
    case $group in
        build|run|test|second|fuzz|bench|peer|coverage|bare)
            eval "packages=\$$group" ;;
        *)
            echo "install-deps.sh: no group \"$group\"; there are:" \
                 "build run test second fuzz bench peer coverage bare" >&2
            exit 64 ;;
    esac

    for p in $packages; do
        case " $missing " in *" $p "*) continue ;; esac
        installed "$p" || missing="$missing $p"
    done
done

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "install-deps.sh: not a Debian machine (no apt-get); install what" \
         "stands for:$missing" >&2
    exit 1
fi

root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "install-deps.sh: as root, run: apt-get install$missing" >&2
        exit 1
    fi
    root="sudo"
fi

echo "install-deps.sh: installing$missing" >&2

ours=""

cleanup() {
    [ -z "$ours" ] || $root rm -f "$policy"
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ ! -e "$policy" ]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive

apt() {
    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" </dev/null >&2
}

apt update
# shellcheck disable=SC2086
apt install --no-install-recommends $missing
