#!/bin/sh
# steep-repl: finds a Java runtime and starts the command line with it.
set -u

oldest=25
directory='@JARDIR@'
configured='@JAVA_HOME@'

is_java() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge "$oldest" ]
}

# What the user names, what was installed with, then the usual places, the newest first.
find_java() {
  for home in "${STEEP_REPL_JAVA_HOME:-}" "${JAVA_HOME:-}" "$configured"; do
    if [ -n "$home" ] && is_java "$home"; then
      return 0
    fi
  done
  for home in $(ls -d /usr/lib/jvm/* 2>/dev/null | sort -rV) \
    "$(dirname "$(dirname "$(readlink -f "$(command -v java)" 2>/dev/null)")")"; do
    if is_java "$home"; then
      return 0
    fi
  done
  return 1
}

if ! find_java; then
  echo "error: steep-repl needs a Java runtime of version $oldest or later, and found none" >&2
  echo "hint: Install one, or set STEEP_REPL_JAVA_HOME to its directory." >&2
  exit 7
fi

# Everybody may see the arguments of a process: what may hold a password goes by the environment.
count=0
for argument; do
  shift
  case $argument in
    *password* | *://*)
      count=$((count + 1))
      export "STEEP_REPL_ARGUMENT_$count=$argument"
      argument=STEEP_REPL_ARGUMENT_$count
      ;;
  esac
  set -- "$@" "$argument"
done

# Only a shell can tell whether standard error is a terminal.
terminal=false
if [ -t 2 ]; then
  terminal=true
fi

# A short run needs neither an optimising compiler nor several threads that collect garbage.
exec "$home/bin/java" -XX:AOTCache="$directory/steep-repl.aot" -Xlog:disable \
  -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m -XX:-UsePerfData -Djdk.console=java.base \
  -Dsteep_repl.sysconfdir='@SYSCONFDIR@' -Dsteep_repl.terminal="$terminal" \
  -cp "$directory/steep-repl.jar" org.pgwalrus.cli.Main "$@"
