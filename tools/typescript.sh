#!/usr/bin/env bash
# The TypeScript client's own checks: `tools/typescript.sh check` (types), `build` and `test`. Node.js (18 or newer) and npm are
# installed from Debian's packages where there are none; what the lock names comes from the registry that this
# machine's npm is configured for, each file by its hash.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh

has_node() {
    command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null
}

has_node || { apt_install nodejs npm && has_node; } ||
    die "the TypeScript client needs Node.js 18 or newer and npm; on Debian 12: sudo apt-get install nodejs npm"

exec 9>.tools/typescript.lock
flock 9 # two makes at once take turns
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
