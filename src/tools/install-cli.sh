#!/usr/bin/env bash
# install-cli.sh install|uninstall JARDIR BINDIR MANDIR COMPLETIONDIR SYSCONFDIR: the command line
# steep-repl with its launcher, AOT cache, manual pages and completion; below DESTDIR if that is set.
set -euo pipefail

action=$1
jardir=$2
to=${DESTDIR:-}
jar=$to$jardir/steep-repl.jar
cache=$to$jardir/steep-repl.aot
launcher=$to$3/steep-repl
manuals=$to$4
completion=$to$5/steep-repl
sysconfdir=$6

# What may stand in a replacement of sed.
quoted() {
  printf '%s' "$1" | sed 's/[&\\|]/\\&/g'
}

install_files() {
  install -d -m 755 "$to$jardir" "$(dirname "$launcher")" "$manuals" "$(dirname "$completion")"
  install -m 644 target/steep-repl.jar "$jar"
  sed -e "s|@JARDIR@|$(quoted "$jardir")|" -e "s|@JAVA_HOME@|$(quoted "$JAVA_HOME")|" \
    -e "s|@SYSCONFDIR@|$(quoted "$sysconfdir")|" src/tools/steep-repl.sh > "$launcher"
  chmod 755 "$launcher"
  install -m 644 target/manual/man1/*.1 "$manuals"
  install -m 644 target/manual/steep-repl.bash "$completion"
}

# Neither files nor variables of whoever installs say what is rehearsed.
rehearse() (
  for variable in $(compgen -e | grep -E '^(PG|STEEP_REPL_)'); do
    unset "$variable"
  done
  HOME=/dev/null exec "$JAVA_HOME/bin/java" -XX:AOTCacheOutput="$cache.new" -XX:TieredStopAtLevel=1 \
    -XX:+UseSerialGC -cp "$jar" org.pgwalrus.cli.Rehearsal
)

# Recorded under another name, as a program that starts meanwhile must not read a half of it.
make_cache() {
  local log
  if ! log=$(rehearse 2>&1) || [ ! -s "$cache.new" ]; then
    printf '%s\n' "$log" "steep-repl: could not make the AOT cache $cache" >&2
    rm -f "$cache".new*
    exit 1
  fi
  chmod 644 "$cache.new"
  mv "$cache.new" "$cache"
  echo "steep-repl: installed $launcher"
}

case $action in
  install)
    install_files
    make_cache
    ;;
  uninstall)
    rm -f "$jar" "$cache" "$launcher" "$manuals"/steep-repl.1 "$manuals"/steep-repl-*.1 "$completion"
    ;;
esac
