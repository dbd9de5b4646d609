#!/usr/bin/env bash
# fresh-machine.sh [--keep] [bookworm|trixie]...: proves that `make demo` and `make check` are all that a new machine
# needs. Each runs as root on a clone of this repository's last commit, in a minimal Debian root that has only git, make
# and the CA certificates. Debian 12 has no JDK 25, so there this machine's one stands under /usr/lib/jvm; Debian 13
# installs its own.
#   --keep               leaves the root in target/fresh-SUITE
#   WALRUS_FRESH_REPO    another repository to clone
#   WALRUS_FRESH_M2      a Maven repository to lend to the root (default: none, everything is downloaded)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cd "$project"

keep=
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
[ $# != 0 ] || set -- bookworm trixie
passed=0 failed=0

# The new machine reaches the package registries the way this one does: its proxies, its apt settings, its own CAs.
lend_network() {
  local root=$1
  mkdir -p "$root/usr/local/share/ca-certificates" "$root/etc/apt/apt.conf.d" "$root/root/.m2"
  cp -L /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
  apt-config dump | grep -E '^Acquire::(https?::(Proxy|Timeout|Verify)|Check)' >"$root/etc/apt/apt.conf.d/99network" || true
  [ ! -f ~/.m2/settings.xml ] || cp ~/.m2/settings.xml "$root/root/.m2/"
}

proxies() { env | grep -iE '^(https?|no)_proxy=' || true; }

make_root() {
  local suite=$1 root=$2 debian security
  debian=$(debian_mirror)
  security=$(debian_mirror -security)
  rm -rf --one-file-system "$root"
  # shellcheck disable=SC2016
  lend_network "$root.network"
  # shellcheck disable=SC2016
  quietly "$root.log" mmdebstrap --mode=root --variant=minbase --format=directory --include=git,make,ca-certificates \
    --setup-hook='cp -r "$1.network/." "$1/"' \
    "$suite" "$root" "deb $debian $suite main" "deb $debian $suite-updates main" "deb $security $suite-security main"
  rm -rf "$root.network"
}

# timed SUITE ROOT BINDS... -- COMMAND...: runs a command in the clone and counts it.
timed() {
  local suite=$1 root=$2 binds=() start=$SECONDS rc=0 lent=()
  shift 2
  while [ "$1" != -- ]; do
    binds+=("$1")
    shift
  done
  shift
  mapfile -t lent < <(proxies)
  # shellcheck disable=SC2016
  in_root "$root" root "${binds[@]}" -- env "${lent[@]}" sh -c 'cd /root/pg_walrus && exec "$@"' sh "$@" </dev/null || rc=$?
  if [ "$rc" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  say "$suite: $* $([ "$rc" = 0 ] && echo passed || echo "FAILED ($rc)") after $((SECONDS - start)) s"
}

run_suite() {
  local suite=$1 root=$project/target/fresh-$1 binds=() jdk
  say "$suite: making a minimal root"
  make_root "$suite" "$root"
  if [ "$suite" = bookworm ]; then
    jdk=$(src/tools/find-jdk.sh) || die "Debian 12 has no JDK 25, and neither has this machine to lend one"
    binds+=("$jdk:/usr/lib/jvm/$(basename "$jdk"):ro")
  fi
  [ -z "${WALRUS_FRESH_M2:-}" ] || binds+=("$WALRUS_FRESH_M2:/root/.m2/repository")
  in_root "$root" root "${WALRUS_FRESH_REPO:-$project}:/mnt/repository:ro" -- sh -ec '
    git config --global safe.directory "*"
    git clone -q /mnt/repository /root/pg_walrus'
  timed "$suite" "$root" "${binds[@]}" -- make demo
  timed "$suite" "$root" "${binds[@]}" -- make check
  [ -n "$keep" ] || rm -rf --one-file-system "$root" "$root.log"
}

need_roots
mkdir -p target
for suite; do run_suite "$suite"; done
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
