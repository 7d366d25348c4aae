#!/bin/sh
# Writes the lock files anew from pyproject.toml: every version and hash, no address of any registry.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header "$@"; }
compile pyproject.toml --group build -o requirements.lock
compile pyproject.toml --group build --group dev -o requirements-dev.lock
compile --group node -o requirements-node.lock
