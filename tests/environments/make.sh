#!/usr/bin/env bash
# Makes .venvs/NAME from each tests/environments/NAME.txt: others' readers, which cannot live beside numpy 1.26.
# Usage: make.sh [NAME...]   (all when none is named; nothing to do takes no time). ./setup.sh test calls it.
set -euo pipefail
cd "$(dirname "$0")"
main=$(realpath ../../.venv)  # a checkout may share another's .venv: then it shares what stands beside it too
venvs=$(dirname "$main")/.venvs
mkdir -p "$venvs"

make() {  # make NAME
    local home=$venvs/$1 wanted
    wanted="$venvs $("$main/bin/python" -VV) $(grep -v '^#' "$1.txt" | sha256sum)"
    [ "$(cat "$home/.ready" 2>/dev/null || true)" = "$wanted" ] && return
    echo "setup: making .venvs/$1 for the tests"
    rm -rf "$home"
    "$main/bin/python" -m venv --without-pip "$home"
    "$main/bin/python" -m pip --python "$home/bin/python" install --quiet --quiet --disable-pip-version-check --no-deps \
        --no-compile --only-binary :all: --requirement "$1.txt"
    echo "$wanted" > "$home/.ready"
}

[ $# != 0 ] || set -- *.txt
exec 9> "$venvs/.lock"
flock 9  # two checkouts that share .venvs must not make them at once
jobs=()
for name in "$@"; do
    name=${name%.txt}
    [ -f "$name.txt" ] || { echo "setup: there is no tests/environments/$name.txt" >&2; exit 2; }
    make "$name" & jobs+=("$!:$name")
done
for job in "${jobs[@]}"; do
    wait "${job%%:*}" || { echo "setup: .venvs/${job#*:} could not be made; pip's last lines above say why" >&2; exit 2; }
done
