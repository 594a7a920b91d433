#!/usr/bin/env bash
# Print the first Python on PATH that is new enough for us, or say what is missing.
set -euo pipefail

for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$candidate"
        exit 0
    fi
done
echo "No Python 3.11 or newer with the venv module was found on PATH; install one, or name it: make PYTHON=/path/to/python3.11" >&2
exit 1
