#!/usr/bin/env bash
# Builds the native engine (native/) and installs it into .venv where there is a Rust toolchain; where there is none, or
# the build fails, says so in one line and leaves .venv without it: the exchange then runs on Python.
#
# Run by make whenever something under native/ changed or .venv was set up anew. A wheel is kept under .tools/native
# under the checksum of what it was made from, so that nothing is built twice.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh
source tools/rust.sh

exec 9>.tools/setup.lock
flock 9 # two makes at once take turns

find_uv .venv/bin/python
cache=.tools/native stamp=.venv/.native

without() {
    "$UV" pip uninstall --quiet --python .venv/bin/python cse-native 2>/dev/null || true # not an old one either
    say "native engine: $1; the exchange runs on the Python engine"
    exit 0
}

if ! find_cargo; then
    rm -f "$stamp"
    without "not built, $rust_missing"
fi

key="$({ find native -name target -prune -o -type f -print0 | sort -z | xargs -0 sha256sum; rustc --version --verbose
    .venv/bin/python -VV; } | sha256sum | cut -c1-24)"
if ! compgen -G "$cache/$key/*.whl" >/dev/null; then
    say "building the native engine ... (about a minute the first time, or after a change)"
    began=$SECONDS log="$cache/build.log"
    mkdir -p "$cache"
    if ! .venv/bin/maturin build --release --locked --manifest-path native/Cargo.toml \
        --interpreter .venv/bin/python --out "$cache/$key" >"$log" 2>&1; then
        rm -rf "${cache:?}/$key"
        echo failed >"$stamp" # it is not tried again at every start
        without "the build failed ($log: $(grep -m 1 -E '^error' "$log" || tail -n 1 "$log")); \`make native\` tries again"
    fi
    find "$cache" -mindepth 1 -maxdepth 1 -type d ! -name "$key" -exec rm -rf {} +
    say "built the native engine in $((SECONDS - began)) s"
fi
"$UV" pip install --quiet --no-deps --no-index --reinstall --python .venv/bin/python "$cache/$key"/*.whl
echo "$key" >"$stamp"
