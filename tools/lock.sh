#!/bin/sh
# Compute the lock files anew from the declared dependencies: `make lock`.
# PyTorch stays out of the lock: where its CPU build comes from differs from machine to machine.
set -eu
cd "$(dirname "$0")/.."
uv="$PWD/.tools/bin/uv"
compile() {
  "$uv" pip compile --quiet --universal --generate-hashes --custom-compile-command 'make lock' "$@"
}
compile pyproject.toml --extra dev --python-version 3.11 --no-emit-package torch \
  -o requirements.lock
(cd bot && compile pyproject.toml --extra dev --python-version 3.10 -o requirements.lock)
for tool in uv node; do
  compile --no-config --python-version 3.9 "tools/$tool.in" -o "tools/$tool.lock"
done
