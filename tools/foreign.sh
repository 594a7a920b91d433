#!/usr/bin/env bash
# Put what others wrote, and `make interop` lets loose on us, into .interop/: nothing of it enters .venv or the package.
# Everything is as the lock files say, every hash is checked, and no package's own script runs.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.interop
for program in node npm; do
    if ! command -v "$program" >/dev/null; then
        echo "make interop needs $program: install Node.js 20 or newer (with npm), so that it is on PATH" >&2
        exit 1
    fi
done
if [ "$(node --print 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
    echo "make interop needs Node.js 20 or newer; $(command -v node) is $(node --version)" >&2
    exit 1
fi
# Asked for again and again, installed once: what is there already fits when it was made from the same files.
wanted=$(cat requirements-interop.lock tests/interop/package.json tests/interop/package-lock.json "$0" | git hash-object --stdin)
if [ "$(cat "$folder/made-from" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

python=$(tools/python.sh)
echo "Setting up $folder with $("$python" --version) and Node.js $(node --version): 500 MB, one to three minutes"
rm -rf "$folder"
mkdir "$folder"
"$python" -m venv "$folder/python"
"$folder/python/bin/python" -m pip install -qq --no-deps --require-hashes --only-binary :all: \
    --requirement requirements-interop.lock
cp tests/interop/package.json tests/interop/package-lock.json "$folder/"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
echo "$wanted" >"$folder/made-from"
