#!/usr/bin/env bash
# The crate's own checks: `tools/native.sh check` (format, lint), `test` and `fmt`. Each, and `toolchain`, installs Rust
# from Debian's packages where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh
source tools/rust.sh

if ! install_cargo; then
    why="${rust_missing}: $(rust_mend)"
    case "${1:-}" in
        toolchain) say "Tests of the native engine will fail: $why" ;;
        test) ;; # said before; and those tests that need the engine in Python fail
        *) die "the native engine cannot be checked: $why" ;;
    esac
    exit 0
fi
cd native
case "${1:-}" in
    check)
        cargo fmt --check
        cargo clippy --quiet --locked --all-targets --features python -- --deny warnings
        ;;
    test) cargo test --quiet --locked ;;
    fmt) cargo fmt ;;
    toolchain) ;;
    *) die "usage: tools/native.sh check|test|fmt|toolchain" ;;
esac
