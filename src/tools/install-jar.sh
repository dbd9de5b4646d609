#!/usr/bin/env bash
# Installs the jar into the directory given and its libraries into lib there, and makes the AOT caches beside it,
# under the jar's digest. The workers look for exactly those names, so a cache never outlives its jar.
set -euo pipefail

directory=$1
jar=$directory/pg_walrus.jar
lib=$directory/lib

install -d -m 755 "$directory"
install -m 644 target/pg_walrus.jar "$jar"
rm -rf "$lib"
install -d -m 755 "$lib"
install -m 644 target/lib/*.jar "$lib"

digest=$( (sha256sum "$jar" 2>/dev/null || shasum -a 256 "$jar") | cut -c 1-16)
cache=$directory/pg_walrus-$digest
version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$JAVA_HOME/release")
work=$(mktemp -d)
trap 'rm -rf "$work" "$cache".new*' EXIT

# The native code of the codecs, as Java calls this platform: a server must not unpack it at run time.
install_native() {
  local os arch found
  os=$(uname -s | tr '[:upper:]' '[:lower:]')
  arch=$(uname -m | sed 's/^arm64$/aarch64/')
  [ "$os" = darwin ] || arch=${arch/x86_64/amd64}
  for found in "$lib"/zstd-jni-*.jar "$lib"/lz4-java-*.jar; do
    (cd "$work" && "$JAVA_HOME/bin/jar" -xf "$found" "$os/$arch" "net/jpountz/util/$os/$arch")
  done
  found=$(find "$work" -type f \( -name '*.so' -o -name '*.dylib' \))
  if [ "$(wc -l <<< "$found")" != 2 ]; then
    echo "pg_walrus: no native code of lz4 and zstd for $os/$arch: snapshots can use none and gzip" >&2
  fi
  [ -z "$found" ] || xargs -I{} install -m 755 {} "$lib" <<< "$found"
}

# make_cache SUFFIX OPTIONS CLASSPATH REHEARSAL...: recorded under another name, as a half-written cache would
# crash the JVM.
make_cache() {
  local options
  mapfile -t options < <(cat "target/native/$2" "target/native/jvm-$version.options" 2>/dev/null)
  if ! "$JAVA_HOME/bin/java" "${options[@]}" "-XX:AOTCacheOutput=$cache.new$1" \
    -cp "$3" "${@:4}" > "$work/log" 2>&1 || [ ! -s "$cache.new$1" ]; then
    cat "$work/log" >&2
    echo "pg_walrus: could not make the AOT cache $cache$1.aot" >&2
    exit 1
  fi
  chmod 644 "$cache.new$1"
}

install_native
libraries=$(printf ':%s' "$lib"/*.jar)
make_cache "" jvm.options "$jar" org.pgwalrus.worker.Rehearsal
mkdir -p "$cache.new.work"
make_cache -jobs jobs.options "$jar$libraries" org.pgwalrus.snapshot.Rehearsal "$cache.new.work"
rm -f "$directory"/pg_walrus-*.aot
for suffix in "" -jobs; do
  mv "$cache.new$suffix" "$cache$suffix.aot"
  echo "pg_walrus: made $cache$suffix.aot"
done
