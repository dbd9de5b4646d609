#!/usr/bin/env bash
# find-pg-config.sh: prints the pg_config of a PostgreSQL server that has its headers and PGXS; exits 1 silently if
# none. PG_CONFIG decides alone when it is set; else the newest server of the usual places.
set -euo pipefail

is_server() {
  [ -x "$1" ] && [ -x "$("$1" --bindir)/postgres" ] && [ -f "$("$1" --pgxs)" ] &&
    [ -f "$("$1" --includedir-server)/postgres.h" ]
}

candidates() {
  if [ -n "${PG_CONFIG:-}" ]; then
    command -v "$PG_CONFIG"
    return
  fi
  # Debian, the RPMs of the PostgreSQL project, Homebrew (both processors), then whatever is on the PATH.
  printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV
  printf '%s\n' /usr/pgsql-*/bin/pg_config | sort -rV
  printf '%s\n' /opt/homebrew/opt/postgresql@*/bin/pg_config /usr/local/opt/postgresql@*/bin/pg_config | sort -rV
  command -v pg_config
}

while IFS= read -r config; do
  if is_server "$config" 2>/dev/null; then
    printf '%s\n' "$config"
    exit 0
  fi
done < <(candidates || true)
exit 1
