#!/usr/bin/env bash
# Makes .venvs/peers-NAME from each benchmarks/peers/environments/NAME.txt: 4 GB for all three. No part of setup.sh.
set -euo pipefail
cd "$(dirname "$0")"
main=$(realpath ../../../.venv)
venvs=$(dirname "$main")/.venvs
mkdir -p "$venvs"
[ $# != 0 ] || set -- *.txt
for name in "$@"; do
    name=${name%.txt}
    home=$venvs/peers-$name
    wanted="$venvs $("$main/bin/python" -VV) $(grep -v '^#' "$name.txt" | sha256sum)"
    [ "$(cat "$home/.ready" 2>/dev/null || true)" != "$wanted" ] || continue
    echo "peers: making .venvs/peers-$name"
    rm -rf "$home"
    "$main/bin/python" -m venv --without-pip "$home"
    "$main/bin/python" -m pip --python "$home/bin/python" install --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --requirement "$name.txt"
    echo "$wanted" > "$home/.ready"
done
