#!/bin/bash
#
# The source of another nginx, from the Debian archive that this machine uses
# already, and prints the folder it lies in:   fetch-nginx.sh newest|VERSION
#
#   build/nginx-VERSION/src/    upstream's tree as Debian holds it, unpatched
#   build/nginx-newest          the version that "newest" was
#
# What is there is not fetched again. apt works in folders of its own below
# build/, with source entries of our own: nothing of the system's configuration
# is read but the mirror's address, and nothing is changed. The index is signed,
# and names the hash that the file must have. An index may name files that a
# mirror has no more: then the next version counts.
#
#   NGINX_SUITES=stable   where to look, besides the machine's own suite

set -eu
export LC_ALL=C

top=$(cd "$(dirname "$0")/../.." && pwd)
want=${1:-newest}
apt=$top/build/nginx-apt
keys=/usr/share/keyrings/debian-archive-keyring.gpg
apt_helper=/usr/lib/apt/apt-helper


say() { echo "fetch-nginx.sh: $*" >&2; }


fail() {
    say "$*"
    say "NGINX_SECOND=skip tests with the installed nginx alone"
    exit 1
}


# apt-get and its kin with nothing of the system's but the programs.
own_apt() {
    local tool=$1

    shift
    "$tool" -q -o Dir::Etc::sourcelist="$apt/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" \
        -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
        -o Acquire::Retries=3 "$@"
}


# The machine's mirror of its own release, and an entry for each suite.
write_sources() {
    local own mirror suite signed=

    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # What "apt-get update" would fetch; it fetches nothing.
    mirror=$(apt-get update --print-uris 2>/dev/null \
        | sed -nE "s,^'(.*)/dists/($own|stable|oldstable)/InRelease'.*,\1,p" \
        | head -n 1)

    [ -n "$mirror" ] || fail "apt knows no mirror of Debian $own"

    [ ! -r "$keys" ] || signed="[signed-by=$keys] "

    for suite in ${NGINX_SUITES:-stable} "$own"; do
        echo "deb-src $signed$mirror $suite main"
    done >"$apt/sources.list"
}


# Versions of Debian's nginx, newest first.
offered() {
    own_apt apt-cache showsrc --only-source nginx 2>/dev/null \
        | sed -n 's/^Version: //p' | sort -ruV
}


# Fetches upstream's archive of a version into the folder apt/$upstream.
fetch() {
    local version=$1 upstream=$2 uri file size hash

    own_apt apt-get -qq source --print-uris --download-only "nginx=$version" \
        2>/dev/null | grep -E "'.*\.orig\.tar\.[a-z0-9]+' " >"$apt/uris" \
        || return 1

    read -r uri file size hash <"$apt/uris"
    uri=${uri#\'}
    uri=${uri%\'}

    say "nginx $version, $file, $size bytes"

    own_apt "$apt_helper" download-file "$uri" "$apt/$file" "$hash" \
        >"$apt/download.log" 2>&1 || return 1

    rm -rf "${apt:?}/$upstream"
    mkdir "$apt/$upstream"
    tar -xf "$apt/$file" -C "$apt/$upstream" --strip-components=1
}


have() { [ -x "$top/build/nginx-$1/src/configure" ]; }


if [ "$want" = newest ] && [ -s "$top/build/nginx-newest" ]; then
    want=$(cat "$top/build/nginx-newest")
fi

if [ "$want" != newest ] && have "$want"; then
    echo "$top/build/nginx-$want"
    exit 0
fi

command -v apt-get >/dev/null && [ -x "$apt_helper" ] \
    || fail "needs apt of Debian"

rm -rf "$apt"
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
write_sources

# A suite that fails does not take the others with it; what matters is below.
own_apt apt-get update >"$apt/update.log" 2>&1 || true

found=
for version in $(offered); do
    upstream=${version#*:}
    upstream=${upstream%-*}

    [ "$want" = newest ] || [ "$want" = "$upstream" ] || continue

    if have "$upstream" || fetch "$version" "$upstream"; then
        found=$upstream
        break
    fi

    say "the archive names nginx $version but does not hold it"
done

if [ -z "$found" ]; then
    grep -E '^(E|W|Err)' "$apt/update.log" >&2 || true
    fail "the package archive cannot be reached, or has no source of" \
         "nginx ($want)"
fi

if ! have "$found"; then
    mkdir -p "$top/build/nginx-$found"
    rm -rf "$top/build/nginx-$found/src"
    mv "$apt/$found" "$top/build/nginx-$found/src"
fi

[ "$want" != newest ] || echo "$found" >"$top/build/nginx-newest"

echo "$top/build/nginx-$found"
