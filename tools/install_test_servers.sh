#!/usr/bin/env bash
# Makes sure that PostgreSQL, Redis and Chromium are here for tests to start privately, by apt where that is
# possible without a question. What is still missing then fails the tests that need it, not the whole run.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/uv.sh

missing=()
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || [ -n "${CSE_TEST_DATABASE_URL:-}" ] || missing+=(postgresql)
command -v redis-server >/dev/null || [ -n "${CSE_TEST_REDIS_URL:-}" ] || missing+=(redis-server)
command -v chromium >/dev/null || missing+=(chromium)
[ ${#missing[@]} -gt 0 ] || exit 0
apt_install "${missing[@]}" ||
    say "Tests that need them will fail. To mend it: sudo apt-get install ${missing[*]}"
