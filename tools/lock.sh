#!/usr/bin/env bash
# Write the lock files: every version exact, every hash named, no word of where the packages were fetched from.
# Arguments go to pip-compile, for example --upgrade or --upgrade-package httpx.
set -euo pipefail
cd "$(dirname "$0")/.."

export CUSTOM_COMPILE_COMMAND="make lock"
options=(
    --quiet --generate-hashes --strip-extras --allow-unsafe
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
)
ours=(--extra emulator)
pip-compile "${options[@]}" "${ours[@]}" "$@" --output-file requirements.lock pyproject.toml
pip-compile "${options[@]}" "${ours[@]}" "$@" --extra dev --constraint requirements.lock \
    --output-file requirements-dev.lock pyproject.toml
# The foreign clients of `make interop` have an environment of their own, with our versions of what we have as well.
pip-compile "${options[@]}" "$@" --constraint requirements.lock \
    --output-file requirements-interop.lock tests/interop/requirements.in
