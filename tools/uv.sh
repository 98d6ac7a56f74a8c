# Sourced by the other scripts: finds a Python, gets the pinned uv, and points uv at this machine's index and
# certificates. Defines find_python, find_uv (sets UV) and as_root.

uv_version=0.13.9
mkdir -p .tools

say() { echo "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Runs a command as root, or fails when there is no way to without asking a person.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# apt_install PACKAGE...: never starts a service, and leaves the machine's own policy as it was. A subshell, for its trap.
apt_install() (
    command -v apt-get >/dev/null && as_root true || exit 1
    say "installing Debian packages: $*"
    log="$(mktemp)" policy=/usr/sbin/policy-rc.d
    trap 'rm -f "$log"' EXIT
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$log"; as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    { apt_get install "$@" || { apt_get update && apt_get install "$@"; }; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
)

apt_get() {
    local action="$1"; shift
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get "$action" --yes --quiet --quiet --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Prints the Python to use: $PYTHON, else the newest release that CI has tried, else whatever python3 is.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        suits "$PYTHON" || die "PYTHON=$PYTHON does not run or is older than 3.11"
        echo "$PYTHON"; return
    fi
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if suits "$name"; then command -v "$name"; return; fi
    done
    die "needs Python 3.11 or newer; on Debian 12: apt-get install python3 python3-venv"
}

# find_uv PYTHON: sets UV to the pinned uv, installed by pip into .tools/ when the machine has another one or none.
find_uv() {
    local home=.tools/uv
    if ! [ "$("$home/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" = "$uv_version" ]; then
        make_tool_venv "$1" "$home"
        "$home/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version" ||
            die "pip could not install uv $uv_version; is a package index reachable (pip config list)?"
    fi
    UV="$home/bin/uv"
    adopt_pip_settings "$home/bin/python"
}

make_tool_venv() {
    rm -rf "$2"
    "$1" -m venv "$2" >/dev/null 2>&1 && return
    rm -rf "$2"
    local package=python3-venv
    [ "$1" = /usr/bin/python3 ] || package="$(basename "$1")-venv"
    apt_install "$package" && "$1" -m venv "$2" ||
        die "$1 cannot make virtual environments; run: sudo apt-get install $package"
}

# uv does not read pip's settings; take the index and the certificates from there unless uv has its own.
adopt_pip_settings() {
    local settings index cert
    settings="$("$1" -m pip config list 2>/dev/null || true)"
    index="$(sed -nE "s/^(global|install|:env:)\.index-url='(.*)'$/\2/p" <<<"$settings" | tail -n 1)"
    cert="$(sed -nE "s/^(global|install|:env:)\.cert='(.*)'$/\2/p" <<<"$settings" | tail -n 1)"
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-$index}}"
    [ -z "$cert" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"
    if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"; fi
    export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE="${UV_LINK_MODE:-copy}" UV_NO_PROGRESS=1
}
