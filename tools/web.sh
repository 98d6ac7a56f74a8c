#!/usr/bin/env bash
# The web app: `tools/web.sh setup|build|check|test|dev`. Node.js is found or got by node.sh; what the lock names comes from
# the registry that this machine's npm is configured for, each file by its hash. A build costs nothing while no input
# of it has changed (a digest of all inputs stands in .tools/web.built), and is put in place at once and whole.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh
source tools/node.sh

out=src/cse/gateway/http/web_app
stamp=.tools/web.built
api=web/packages/core/src/api

# What a build reads: everything of the app but its packages and its tests, and the TypeScript client's source.
inputs() {
    find web sdk/typescript/src docs/guides docs/reference docs/operating tools/web.sh -type d \( -name node_modules -o -name dist \) -prune -o -type f \
        ! -path 'web/packages/*/test/*' ! -name '*.test.ts' ! -name '*.test.tsx' -print0 | LC_ALL=C sort -z
}

digest() { inputs | xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

is_built() { [ -f "$out/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(digest)" ]; }

# Whether web/node_modules holds exactly what the lock pins; what is for other machines may be missing.
is_installed() {
    node -e '
        const read = (name) => JSON.parse(require("fs").readFileSync(name, "utf8")).packages
        const [wanted, there] = [read("web/package-lock.json"), read("web/node_modules/.package-lock.json")]
        const fits = ([path, { version, optional, link }]) => link || !path.includes("node_modules/") ||
            (there[path] ? there[path].version === version : optional)
        process.exit(Object.entries(wanted).every(fits) ? 0 : 1)' 2>/dev/null
}

setup() {
    find_node
    if ! is_installed; then
        say "installing what web/package-lock.json names"
        (cd web && npm ci --silent --no-audit --no-fund) || die "npm could not install it; is a package registry reachable (npm config list)?"
    fi
}

build() {
    if is_built; then return; fi
    exec 9>.tools/node.lock
    flock 9 # two makes at once take turns
    if is_built; then return; fi
    setup
    local now new log
    now="$(digest)" new=.tools/web_app.new log=.tools/web-build.log
    rm -rf "$new"
    (cd web && npm run --silent build -- --outDir "../$new" --emptyOutDir --logLevel warn) >"$log" 2>&1 ||
        { cat "$log" >&2; rm -rf "$new"; die "the web app could not be built"; }
    rm -rf "$out"
    mv "$new" "$out"
    echo "$now" >"$stamp"
    echo "web app: built ($(du -sh "$out" | cut -f1))"
}

# Types, Oxlint, and whether the API's types are those of the OpenAPI document beside them.
check() {
    (cd web && npm run --silent typecheck && npm run --silent lint)
    local kept
    kept="$(mktemp)"
    trap "rm -f '$kept'" EXIT
    cp "$api/schema.d.ts" "$kept"
    (cd web && npm run --silent api >/dev/null)
    cmp --silent "$kept" "$api/schema.d.ts" || { cp "$kept" "$api/schema.d.ts"; die "$api/schema.d.ts is stale: (cd web && npm run api)"; }
}

locked_setup() {
    exec 9>.tools/node.lock
    flock 9
    setup
    exec 9>&-
}

case "${1:-}" in
    setup) locked_setup ;;
    build) build ;;
    check) locked_setup; check ;;
    test)
        locked_setup
        log=.tools/web-test.log
        (cd web && NO_COLOR=1 npm run --silent test) >"$log" 2>&1 || { cat "$log" >&2; die "the web app's tests failed"; }
        echo "web app: $(sed -nE 's/.*Tests +([0-9]+) passed.*/\1/p' "$log") tests passed"
        ;;
    dev) locked_setup; cd web && exec npm run --silent dev -- "${@:2}" ;;
    *) die "usage: tools/web.sh setup|build|check|test|dev" ;;
esac
