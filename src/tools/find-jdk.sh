#!/usr/bin/env bash
# find-jdk.sh: prints the home of a JDK 25 or later that has a compiler, jni.h and libjvm; exits 1 silently if none.
# JAVA_HOME comes first, then the usual places; the newest of several in one place.
set -euo pipefail

oldest=25

is_jdk() {
  local version
  [ -x "$1/bin/javac" ] && [ -f "$1/include/jni.h" ] && [ -f "$1/release" ] || return 1
  [ -f "$1/lib/server/libjvm.so" ] || [ -f "$1/lib/server/libjvm.dylib" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge "$oldest" ]
}

candidates() {
  local java
  printf '%s\n' "${JAVA_HOME:-}"
  printf '%s\n' /usr/lib/jvm/* | sort -rV
  java=$(command -v java) && dirname "$(dirname "$(realpath "$java")")"
  [ -x /usr/libexec/java_home ] && /usr/libexec/java_home -v "$oldest+" 2>/dev/null
}

while IFS= read -r home; do
  if [ -n "$home" ] && is_jdk "$home"; then
    printf '%s\n' "$home"
    exit 0
  fi
done < <(candidates || true)
exit 1
