#!/usr/bin/env bash
# Makes sure that the programs that benchmarks drive the exchange with are here, by apt where that is possible without
# a question. A benchmark that misses one says so and names it.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh

command -v wrk >/dev/null || apt_install wrk ||
    say "The HTTP benchmark needs it. To mend it: sudo apt-get install wrk"
