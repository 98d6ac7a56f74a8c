#!/usr/bin/env bash
# Makes sure that the programs that benchmarks drive the exchange with are here, by apt where that is possible without
# a question. A benchmark that misses one says so and names it.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh

command -v wrk >/dev/null || apt_install wrk ||
    say "The HTTP benchmark needs it. To mend it: sudo apt-get install wrk"

# The peers among Python packages (pyproject.toml, group bench), where they have a wheel for this machine.
python="$(find_python)"
find_uv "$python"
if ! .venv/bin/python -c 'import liquibook' 2>/dev/null; then
    requirements="$(mktemp)"
    trap 'rm -f "$requirements"' EXIT
    "$UV" export --quiet --frozen --no-emit-project --only-group bench --output-file "$requirements" >/dev/null
    "$UV" pip install --quiet --require-hashes --no-deps --python .venv/bin/python --requirements "$requirements" ||
        say "The engine's benchmark goes without Liquibook."
fi
