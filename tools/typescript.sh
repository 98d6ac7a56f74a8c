#!/usr/bin/env bash
# The TypeScript client's own checks: `tools/typescript.sh check` (types), `build` and `test`. Node.js is found or
# got by node.sh; what the lock names comes from the registry that this machine's npm is configured for, each file by its
# hash.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh
source tools/node.sh

exec 9>.tools/node.lock
flock 9 # two makes at once take turns, also those of the web app
find_node
cd sdk/typescript
if [ package-lock.json -nt node_modules/.package-lock.json ] || [ package.json -nt node_modules/.package-lock.json ]; then
    npm ci --silent --no-audit --no-fund
    touch node_modules/.package-lock.json
fi
case "${1:-}" in
    check) node_modules/.bin/tsc --noEmit ;;
    test)
        rm -rf dist
        log=../../.tools/typescript.log
        npm test --silent >"$log" 2>&1 || { cat "$log"; die "the TypeScript client's tests failed"; }
        echo "TypeScript client: $(sed -nE 's/^(#|ℹ) pass ([0-9]+)$/\2/p' "$log") tests passed"
        ;;
    build) node_modules/.bin/tsc ;;
    *) die "usage: tools/typescript.sh check|build|test" ;;
esac
