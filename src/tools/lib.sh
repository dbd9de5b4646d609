# Helpers that the scripts of this directory share. Sourced, never run.
# shellcheck shell=bash

# shellcheck disable=SC2034
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s: %s\n' "$(basename "$0")" "$*"; }

die() {
  say "$*" >&2
  exit 1
}

# quietly LOG COMMAND...: runs it with all output in LOG; shows the end of LOG when it fails.
quietly() {
  local log=$1 rc=0
  shift
  "$@" >"$log" 2>&1 </dev/null || rc=$?
  [ "$rc" = 0 ] && return
  say "failed ($rc): $*" >&2
  tail -n "${WALRUS_LOG_LINES:-60}" "$log" >&2
  return "$rc"
}

# as_root COMMAND...: as root, by sudo where needed (can_be_root says whether that works unasked).
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

# apt_install PACKAGE...: quiet, without recommendations and without a first PostgreSQL cluster.
apt_install() {
  local log rc=0
  log=$(mktemp)
  quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
    apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" || rc=$?
  rm -f "$log"
  return "$rc"
}

# debian_mirror: prints the URL of the mirror that this machine's own apt uses for Debian;
# debian_mirror -security: the one for security updates.
debian_mirror() {
  local url
  # shellcheck disable=SC2016
  url=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    grep -E "/debian${1:-}/?$" | head -n 1) || true
  case ${1:-} in
    '') url=${WALRUS_DEBIAN_MIRROR:-$url} ;;
    *) url=${WALRUS_DEBIAN_SECURITY_MIRROR:-$url} ;;
  esac
  [ -n "$url" ] || die "no mirror of debian${1:-} in this machine's apt sources:" \
    "set WALRUS_DEBIAN_MIRROR and WALRUS_DEBIAN_SECURITY_MIRROR"
  printf '%s\n' "${url%/}"
}

# need_roots: checks that this machine lets us build Debian roots and run commands in them.
need_roots() {
  local why
  [ "$(id -u)" = 0 ] || die "needs root, to build Debian roots and to mount /proc, /dev and the JDK in them"
  why=$(unshare --mount --pid --fork --propagation private mount -t tmpfs tmpfs /mnt 2>&1) ||
    die "this machine refuses to mount in a private namespace (CAP_SYS_ADMIN is missing?): $why"
  command -v apt-get >/dev/null || die "needs Debian's apt-get and mmdebstrap"
  command -v mmdebstrap >/dev/null && return
  say "installing mmdebstrap"
  apt_install mmdebstrap 2>/dev/null || { as_root apt-get -qq update && apt_install mmdebstrap; }
}

# in_root ROOT USER [BIND...] -- COMMAND...: runs a command in a Debian root, in an empty environment.
# BIND is from:to or from:to:ro. Mounts and processes vanish with the command.
in_root() {
  # A shell stays process 1 of the namespace, since somebody must reap orphaned servers.
  # shellcheck disable=SC2016
  unshare --mount --pid --ipc --fork --kill-child --propagation private bash -ec '
    root=$1 user=$2; shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    while [ "$1" != -- ]; do
      IFS=: read -r from to mode <<<"$1"; shift
      mkdir -p "$root$to"
      mount --bind "$from" "$root$to"
      [ -z "$mode" ] || mount -o "remount,bind,$mode" "$root$to"
    done; shift
    ids=$(awk -F: -v u="$user" "\$1 == u { print \$3 \":\" \$4 }" "$root/etc/passwd")
    home=/tmp; [ "$user" != root ] || home=/root
    rc=0
    chroot --userspec="$ids" --groups= "$root" /usr/bin/env -i HOME="$home" LC_ALL=C.UTF-8 TERM=dumb \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
      "$@" || rc=$?
    exit "$rc"' in_root "$@"
}
