#!/usr/bin/env bash
# Sets up everything pairforge needs, once: system libraries, a virtual environment in .venv, the package.
# Usage: ./setup.sh [run|test]   (test adds the development tools and .venvs, where others' readers live). PYTHON names another Python 3.11.
set -euo pipefail
cd "$(dirname "$0")"
what=${1:-run}
stamp=.venv/.ready-$what

stop() { printf 'setup: %s\n' "$*" >&2; wait; exit 2; }

debian() {  # debian PACKAGE...: install as root, or say the one line that does
    command -v apt-get >/dev/null || stop "missing: $*. This system has no apt-get; install the same by its own means."
    [ "$(id -u)" = 0 ] || stop "missing system packages. Run: sudo apt-get install -y $*"
    echo "setup: installing $*"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        stop "apt-get could not install: $*"
}

libraries() {
    local cache missing=()
    cache=$(/sbin/ldconfig -p)
    while read -r object package; do
        case "$object" in ''|'#'*) continue ;; esac
        grep -qF "$object " <<<"$cache" || missing+=("$package")
    done < assets/system_libraries.txt
    [ ${#missing[@]} = 0 ] || debian "${missing[@]}"
}

is311() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in "${PYTHON:-}" python3.11 python3 python; do
        [ -n "$candidate" ] && is311 "$candidate" && { command -v "$candidate"; return; }
    done
    return 1
}

environment() {
    [ -x .venv/bin/python ] && is311 .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 && return
    local python
    python=$(find_python) || { debian python3.11 python3.11-venv; python=$(find_python); } ||
        stop "no Python 3.11 found. Install it, or name it: PYTHON=/path/to/python3.11 ./setup.sh"
    rm -rf .venv
    "$python" -m venv .venv 2>/dev/null || { rm -rf .venv; debian python3.11-venv; "$python" -m venv .venv; }
}

libraries
environment
others=''
if [ "$what" = test ]; then  # pip keeps one core busy: others' readers are installed beside it
    tests/environments/make.sh &
    others=$!
fi
# Installed anew when what is wanted changed, or when the environment was made for another checkout.
wanted="$PWD $(cat pyproject.toml constraints.txt setup.sh | sha256sum)"
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    extra=$([ "$what" = test ] && echo '[dev]' || true)
    echo "setup: installing pairforge$extra into .venv (about 3 GB unpacked; a few minutes the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".$extra" ||
        stop "pip could not install pairforge; its last lines above say why"
    # nuscenes-devkit asks for shapely 2.0, and reads what we write with the newer one that we need.
    [ "$what" != test ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps nuscenes-devkit==1.2.0 ||
        stop "pip could not install nuscenes-devkit; its last lines above say why"
    echo "$wanted" > "$stamp"
fi
[ -z "$others" ] || wait "$others"
