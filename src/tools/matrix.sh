#!/usr/bin/env bash
# matrix.sh [--fast] [MAJOR...]: builds, installs and tests pg_walrus against several PostgreSQL majors, in one Debian
# root under target/. Nothing of this machine is changed but target/.
#   --fast                only the cluster tests tagged "smoke"
#   MAJOR                 15, 17, 18, 19, or 18-assert: an 18 built with assertions (minutes, the first time)
#   WALRUS_MATRIX_MAJORS  the majors when none are given
#   WALRUS_MATRIX_ROOT    a root to use and keep elsewhere than in target/matrix-root
#   WALRUS_MATRIX_STRICT  1: a failure of 19 (a release candidate) counts as one
# 16 is in no registry that this script can reach; the hosted workflow runs it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cd "$project"

fast=
if [ "${1:-}" = --fast ]; then
  fast=yes
  shift
fi
[ $# = 0 ] || WALRUS_MATRIX_MAJORS=$*
read -ra rows <<<"${WALRUS_MATRIX_MAJORS:-15 16 17 18 18-assert 19}"
root=$(realpath -m "${WALRUS_MATRIX_ROOT:-target/matrix-root}")
work=$project/target/matrix
passed=0 failed=0 skipped=0
table=()

# What the roots cannot make, having no Maven: the jar, the generated C, the tests and their libraries.
build_here() {
  JAVA_HOME=$(src/tools/find-jdk.sh) || die "no JDK 25: run src/tools/setup.sh"
  export JAVA_HOME
  mkdir -p target
  say "building the jar and the tests"
  quietly target/matrix-build.log mvn -B -q package -DskipTests \
    org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies \
    -DincludeScope=test -DoutputDirectory=target/test-lib
}

# copy_tree DIR: the sources and the built pieces, without anything compiled for another server.
copy_tree() {
  rm -rf "$1"
  mkdir -p "$1/target"
  tar -c --exclude=./.git --exclude=./target --exclude='*.o' --exclude='*.so' --exclude='*.bc' . | tar -x -C "$1"
  cp -a target/{native,classes,test-classes,test-lib,lib,manual,pg_walrus.jar,steep-repl.jar} "$1/target/"
  # Maven leaves what did not change; for make all of it is newer than the sources.
  rm -f "$1"/target/native/*.o
  touch "$1/target/pg_walrus.jar"
  touch "$1"/target/native/*
}

home_of() { if [ "$1" = 18-assert ]; then echo /opt/pg18-assert; else echo "/usr/lib/postgresql/$1"; fi; }

# inside ROW USER COMMAND...: in the copy of the sources that belongs to the row.
inside() {
  local row=$1 user=$2
  shift 2
  in_root "$root" "$user" "$work/$row:/src" "$JAVA_HOME:/opt/jdk:ro" -- \
    env JAVA_HOME=/opt/jdk PG_CONFIG="$(home_of "$row")/bin/pg_config" sh -c 'cd /src && exec "$@"' sh "$@"
}

# In `if`, so without errexit: hence the explicit chain.
build() { inside "$1" root make -s library && inside "$1" root make -s install-only; }

# No test at all is a mistake of the build, and pg_regress would call it a success.
regress() { inside "$1" postgres sh -c 'ls pg_regress/sql/*.sql >/dev/null && exec make -s check-regress'; }

cluster() {
  local only=(--exclude-tag containers)
  [ -z "$fast" ] || only+=(--include-tag smoke)
  inside "$1" postgres /opt/jdk/bin/java --enable-native-access=ALL-UNNAMED \
    -cp 'target/classes:target/test-classes:target/test-lib/*' org.junit.platform.console.ConsoleLauncher execute \
    --scan-classpath target/test-classes --include-classname '.*IT' --details=tree --disable-banner \
    --disable-ansi-colors --fail-if-no-tests "${only[@]}"
}

# step ROW NAME: runs one suite of a row and prints its word for the table.
step() {
  local log=$work/$1-$2.log
  if ! quietly "$log" "$2" "$1" >&2; then
    echo FAILED
    return
  fi
  case $2 in
    regress) sed -n 's/.*All \([0-9]* tests\) passed.*/\1/p' "$log" | tail -n 1 ;;
    cluster) sed -n 's/^\[ *\([0-9]*\) tests successful.*/\1 tests/p' "$log" ;;
  esac | grep . || echo ok
}

# count ROW WORD: a failure of a release candidate is told but does not count.
count() {
  case $2 in
    -) ;;
    FAILED | 'not available')
      if [ "$1" = 19 ] && [ "${WALRUS_MATRIX_STRICT:-}" != 1 ]; then skipped=$((skipped + 1)); else failed=$((failed + 1)); fi
      ;;
    *) passed=$((passed + 1)) ;;
  esac
}

run_row() {
  local row=$1 home version built regressed=- clustered=- start=$SECONDS
  if [ "$row" = 16 ]; then
    table+=("16|not in any registry here; run by the hosted workflow")
    return
  fi
  home=$(home_of "$row")
  if [ ! -x "$root$home/bin/postgres" ]; then
    table+=("$row|not available")
    count "$row" 'not available'
    return
  fi
  version=$(in_root "$root" postgres -- "$home/bin/postgres" --version | awk '{ print $3 }')
  say "PostgreSQL $row ($version)"
  rm -rf --one-file-system "${root:?}"/tmp/* "${root:?}"/var/tmp/*
  copy_tree "$work/$row"
  built=$(step "$row" build)
  if [ "$built" = ok ]; then
    chown -R "$(stat -c %u:%g "$root/var/lib/postgresql")" "$work/$row"
    regressed=$(step "$row" regress)
    clustered=$(step "$row" cluster)
  fi
  for word in "$built" "$regressed" "$clustered"; do count "$row" "$word"; done
  table+=("$row|$version|$built|$regressed|$clustered|$((SECONDS - start))")
}

print_table() {
  local line
  printf '\n%-10s %-9s %-8s %-12s %-14s %s\n' major server build regress 'cluster tests' seconds
  for line in "${table[@]}"; do
    IFS='|' read -ra cell <<<"$line"
    case ${#cell[@]} in
      2) printf '%-10s %s\n' "${cell[@]}" ;;
      *) printf '%-10s %-9s %-8s %-12s %-14s %s\n' "${cell[@]}" ;;
    esac
  done
  printf '\n'
}

need_roots
build_here
mkdir -p "$work"
majors=()
for row in "${rows[@]}"; do [ "$row" = 16 ] || majors+=("${row%-assert}"); done
src/tools/matrix-root.sh "$root" "${majors[@]}"
[[ " ${rows[*]} " != *' 18-assert '* ]] || src/tools/assert-server.sh "$root" || true # then it is not available
for row in "${rows[@]}"; do run_row "$row"; done
print_table
[ "$skipped" = 0 ] || say "19 is a release candidate: its failures are not counted"
printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
