#!/bin/sh
# Writes src/core/record/crm_dialect_data.c from src/dialects/*.json.
#
#   embed-dialects.sh PROGRAM            writes it where it differs
#   embed-dialects.sh PROGRAM --check    writes nothing, fails where it differs
#
# PROGRAM is what embed-dialects.c was built to.

set -eu
export LC_ALL=C

top=$(cd "$(dirname "$0")/../.." && pwd)
data=$top/src/core/record/crm_dialect_data.c
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

"$1" "$top"/src/dialects/*.json > "$tmp"

if cmp -s "$tmp" "$data"; then
    exit 0
fi

if [ "${2-}" = --check ]; then
    echo "crm_dialect_data.c is not what src/dialects says: make dialects" >&2
    exit 1
fi

cat "$tmp" > "$data"
