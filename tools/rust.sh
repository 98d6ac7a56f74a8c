# Sourced after uv.sh: finds a Rust toolchain that is new enough for native/. Defines find_cargo and install_cargo.

rust_debian="cargo-web rustc-web rustfmt-web rust-web-clippy" # bookworm's own rustc is too old; these are not

rust_wanted() { sed -nE 's/^rust-version *= *"([0-9.]+)".*/\1/p' native/Cargo.toml; }

# find_cargo: puts cargo on PATH; when there is none, or one too old, sets rust_missing to the reason and fails.
find_cargo() {
    local found
    if ! command -v cargo >/dev/null && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    fi
    found="$(cargo --version 2>/dev/null | cut -d' ' -f2)" || true
    if [ -z "$found" ]; then
        rust_missing="no Rust toolchain here"; return 1
    fi
    if [ "$(printf '%s\n' "$(rust_wanted)" "$found" | sort -V | head -n 1)" != "$(rust_wanted)" ]; then
        rust_missing="cargo $found is older than $(rust_wanted)"; return 1
    fi
    export PATH
    # A registry that is out of reach is noticed soon, not after minutes.
    export CARGO_NET_RETRY="${CARGO_NET_RETRY:-1}" CARGO_HTTP_TIMEOUT="${CARGO_HTTP_TIMEOUT:-20}"
}

# install_cargo: by apt, when there is no cargo at all and it can be done without a question.
install_cargo() {
    find_cargo && return
    command -v cargo >/dev/null && return 1 # somebody's own, too old: theirs to change
    # shellcheck disable=SC2086 # a list
    apt_install $rust_debian && find_cargo
}

rust_mend() { echo "install Rust $(rust_wanted) or newer (on Debian 12: sudo apt-get install $rust_debian; elsewhere: rustup)"; }
