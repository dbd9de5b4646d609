#!/usr/bin/env bash
# Installs the jar into the directory given and makes the AOT caches beside it, under the jar's
# digest. The workers look for exactly those names, so a cache never outlives its jar.
set -euo pipefail

directory=$1
jar=$directory/pg_walrus.jar

install -d -m 755 "$directory"
install -m 644 target/pg_walrus.jar "$jar"

digest=$( (sha256sum "$jar" 2>/dev/null || shasum -a 256 "$jar") | cut -c 1-16)
cache=$directory/pg_walrus-$digest
version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$JAVA_HOME/release")
work=$(mktemp -d)
trap 'rm -rf "$work" "$cache".new*' EXIT

# make_cache SUFFIX OPTIONS REHEARSAL: recorded under another name, as a half-written cache would
# crash the JVM.
make_cache() {
  local options
  mapfile -t options < <(cat "target/native/$2" "target/native/jvm-$version.options" 2>/dev/null)
  if ! "$JAVA_HOME/bin/java" "${options[@]}" "-XX:AOTCacheOutput=$cache.new$1" \
    -cp "$jar" "$3" > "$work/log" 2>&1 || [ ! -s "$cache.new$1" ]; then
    cat "$work/log" >&2
    echo "pg_walrus: could not make the AOT cache $cache$1.aot" >&2
    exit 1
  fi
  chmod 644 "$cache.new$1"
}

make_cache "" jvm.options org.pgwalrus.worker.Rehearsal
make_cache -jobs jobs.options org.pgwalrus.jobs.Rehearsal
rm -f "$directory"/pg_walrus-*.aot
for suffix in "" -jobs; do
  mv "$cache.new$suffix" "$cache$suffix.aot"
  echo "pg_walrus: made $cache$suffix.aot"
done
