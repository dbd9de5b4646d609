#!/usr/bin/env bash
# Runs a command that writes into the server's directories: as it is where they are writable, else
# by sudo, with the settings of the build kept.
set -euo pipefail

if [ -w "$("$PG_CONFIG" --pkglibdir)" ]; then
  exec "$@"
fi
command -v sudo > /dev/null || {
  echo "cannot write to $("$PG_CONFIG" --pkglibdir): run this as root, or install sudo" >&2
  exit 1
}
exec sudo env PG_CONFIG="$PG_CONFIG" JAVA_HOME="$JAVA_HOME" "$@"
