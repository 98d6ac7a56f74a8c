#!/usr/bin/env bash
# Re-locks: keeps every pin that still fits (UPGRADE=1 takes the newest of everything; UPGRADE=name of one package),
# then takes the registry's addresses out again (docs/decisions/0002).
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh

python="$(find_python)"
find_uv "$python"
case "${UPGRADE:-}" in
    "") upgrade=() ;;
    1) upgrade=(--upgrade) ;;
    *) upgrade=(--upgrade-package "$UPGRADE") ;;
esac
"$UV" lock --python "$python" "${upgrade[@]}"
sed -i -E -e 's|registry = "[a-z]+://[^"]*"|registry = "https://registry.invalid/simple"|' \
    -e 's|url = "[a-z]+://[^"]*/([^"/]+)"|url = "\1"|g' uv.lock
