#!/bin/sh
# Makes .venv and keeps it at the pinned versions: `sh scripts/venv.sh [dev]`.
# Quick when nothing changed: a stamp in .venv holds the checksum of the requirements files.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
files="requirements.txt constraints.txt"
list=requirements.txt
if [ "$kind" = dev ]; then list=requirements-dev.txt files="$files $list"; fi

say() { printf '%s\n' "$@" >&2; }

find_python() {
    for name in ${PYTHON3:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

make_venv() {
    python=$(find_python)
    if [ -z "$python" ]; then
        say "Python 3.11 or newer is needed and was not found." \
            "On Debian or Ubuntu: apt-get install python3 python3-venv" \
            "If it is somewhere else: make run PYTHON3=/path/to/python3"
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "$python comes without pip and venv, which are needed to install the packages." \
            "On Debian or Ubuntu: apt-get install python3-venv"
        exit 1
    fi
    say "Making .venv with $("$python" --version) …"
    "$python" -m venv --clear .venv
}

.venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv
# shellcheck disable=SC2086
sum=$(cat $files | cksum)
stamp=.venv/installed-$kind
if [ "$(cat "$stamp" 2>/dev/null || :)" != "$sum" ]; then
    say "Installing the packages of $list into .venv (the first time takes up to a minute) …"
    if ! .venv/bin/python -m pip install --disable-pip-version-check -r "$list"; then
        say "" "The packages could not be installed: pip says why above." \
            "A package index must be reachable; run the same command again to go on."
        exit 1
    fi
    echo "$sum" >"$stamp"
fi
