#!/usr/bin/env bash
# Makes .venv hold exactly what uv.lock pins, on a machine that has nothing but python3 >= 3.11.
#
# uv.lock names no registry (docs/decisions/0002), so the packages come from whatever index this machine's pip or uv
# is configured for, and each file must match its sha256 in the lock. Run by make whenever uv.lock, a pyproject.toml or
# this script changed; PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh

exec 9>.tools/setup.lock
flock 9 # two makes at once take turns

python="$(find_python)"
find_uv "$python"

if ! .venv/bin/python -c '' 2>/dev/null; then
    "$UV" venv --quiet --clear --python "$python" .venv
fi
requirements="$(mktemp)"
trap 'rm -f "$requirements"' EXIT
"$UV" export --quiet --frozen --no-emit-workspace --all-groups --no-group bench --output-file "$requirements" >/dev/null
"$UV" pip sync --quiet --compile-bytecode --require-hashes --python .venv/bin/python "$requirements"
"$UV" pip install --quiet --no-deps --python .venv/bin/python --editable . --editable sdk/python
# A start should not compile: not the first one, and not those where PYTHONDONTWRITEBYTECODE is set.
.venv/bin/python -m compileall -q src sdk/python/src
touch .venv/.ready
echo "set up: .venv with $(.venv/bin/python --version)"
