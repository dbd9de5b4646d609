#!/usr/bin/env bash
# Installs the jar into the directory given and makes the AOT cache beside it, under the jar's
# digest. The worker looks for exactly that name, so a cache never outlives its jar.
set -euo pipefail

directory=$1
jar=$directory/pg_walrus.jar

install -d -m 755 "$directory"
install -m 644 target/pg_walrus.jar "$jar"

digest=$( (sha256sum "$jar" 2>/dev/null || shasum -a 256 "$jar") | cut -c 1-16)
cache=$directory/pg_walrus-$digest.aot
work=$(mktemp -d)
trap 'rm -rf "$work" "$cache".new*' EXIT

# Recorded under another name and renamed: a half-written cache would crash the JVM.
version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$JAVA_HOME/release")
mapfile -t options < <(cat target/native/jvm.options "target/native/jvm-$version.options" 2>/dev/null)
if ! "$JAVA_HOME/bin/java" "${options[@]}" "-XX:AOTCacheOutput=$cache.new" \
  -cp "$jar" org.pgwalrus.worker.Rehearsal > "$work/log" 2>&1 || [ ! -s "$cache.new" ]; then
  cat "$work/log" >&2
  echo "pg_walrus: could not make the AOT cache $cache" >&2
  exit 1
fi
rm -f "$directory"/pg_walrus-*.aot
chmod 644 "$cache.new"
mv "$cache.new" "$cache"
echo "pg_walrus: made $cache"
