#!/usr/bin/env bash
# Write both lock files: every version exact, every hash named, no word of where the packages were fetched from.
# Arguments go to pip-compile, for example --upgrade or --upgrade-package httpx.
set -euo pipefail
cd "$(dirname "$0")/.."

export CUSTOM_COMPILE_COMMAND="make lock"
options=(
    --quiet --generate-hashes --strip-extras --allow-unsafe
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
    --extra emulator
)
pip-compile "${options[@]}" "$@" --output-file requirements.lock pyproject.toml
pip-compile "${options[@]}" "$@" --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
