#!/usr/bin/env bash
# Runs a command against a throwaway cluster that has pg_walrus preloaded. The cluster lives in a
# temporary directory, listens on a socket there, and is gone when the command has ended.
# Servers refuse to run as root: then WALRUS_TEST_USER (postgres) runs it.
set -euo pipefail

bin=$("$PG_CONFIG" --bindir)
directory=$(mktemp -d)
user=${WALRUS_TEST_USER:-postgres}

as_user() {
  if [ "$(id -u)" = 0 ]; then
    (cd "$directory" && setpriv --reuid="$user" --regid="$user" --init-groups "$@")
  else
    "$@"
  fi
}

stop() {
  as_user "$bin/pg_ctl" -D "$directory/data" -m fast -w stop > /dev/null 2>&1 || true
  rm -rf "$directory"
}
trap stop EXIT

[ "$(id -u)" != 0 ] || chown "$user" "$directory"
as_user "$bin/initdb" -D "$directory/data" -A trust -U postgres -N --locale=C.UTF-8 > "$directory/initdb.log"
as_user tee -a "$directory/data/postgresql.conf" > /dev/null << CONF
listen_addresses = ''
unix_socket_directories = '$directory'
shared_preload_libraries = 'pg_walrus'
checkpoint_timeout = 30s
fsync = off
CONF
as_user "$bin/pg_ctl" -D "$directory/data" -l "$directory/server.log" -w start > /dev/null || {
  cat "$directory/server.log" >&2
  exit 1
}

# Other users reach the socket by its directory.
chmod 755 "$directory"
PGHOST=$directory PGUSER=postgres PGPORT=5432 "$@" || {
  status=$?
  echo "server log:" >&2
  tail -n 50 "$directory/server.log" >&2
  exit $status
}
