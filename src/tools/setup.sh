#!/usr/bin/env bash
# setup.sh [--check]: finds what `make demo` and `make check` need, and installs what is missing.
# Needed: a PostgreSQL server with its headers (of PG_CONFIG when that is set), a JDK 25 or later, Maven, gcc, make and,
# for root, an unprivileged user, since servers refuse to run as root. On Debian and Ubuntu the missing packages are
# installed (as root or by passwordless sudo); elsewhere this prints what is missing and how to get it, and exits 1.
# Silent when nothing is missing. With --check it installs nothing anywhere.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

check=${1:-}
user=${WALRUS_TEST_USER:-postgres}
lists_are_new=
missing=()                # what is missing, in words
packages=() dnf=() brew=() # and the packages that bring it: Debian's, Fedora's, Homebrew's

update_lists() {
  [ -n "$lists_are_new" ] && return
  say "apt-get update"
  as_root apt-get -qq update
  lists_are_new=yes
}

can_install() {
  [ "$check" != --check ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null && can_be_root
}

# need WORDS DEBIAN FEDORA HOMEBREW: notes a missing piece and the packages that bring it.
need() {
  missing+=("$1")
  # shellcheck disable=SC2206
  packages+=($2) dnf+=($3) brew+=($4)
}

need_server() {
  local major=N
  "$(dirname "$0")/find-pg-config.sh" >/dev/null && return
  if [[ ${PG_CONFIG:-} =~ ^/usr/lib/postgresql/([0-9]+)/bin/pg_config$ ]]; then
    major=${BASH_REMATCH[1]}
  elif [ -n "${PG_CONFIG:-}" ]; then
    die "PG_CONFIG=$PG_CONFIG does not lead to a PostgreSQL server with its headers (PGXS)"
  elif can_install; then
    major=$(installed_major)
    [ -n "$major" ] || { update_lists && major=$(packaged_major); }
  fi
  need "PostgreSQL server and its headers (PGXS)" "postgresql-${major:=N} postgresql-server-dev-$major" \
    "postgresql-server postgresql-server-devel" "postgresql@18"
}

# The newest server here that only lacks its headers.
installed_major() {
  printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sed -n 's|.*/\([0-9]*\)/bin/postgres|\1|p' | sort -n | tail -n 1
}

# The one that this release of Debian or Ubuntu brings.
packaged_major() {
  apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1
}

need_jdk() {
  "$(dirname "$0")/find-jdk.sh" >/dev/null && return
  need "JDK 25 or later (set JAVA_HOME to it, or put it under /usr/lib/jvm)" \
    openjdk-25-jdk-headless java-25-openjdk-devel openjdk@25
}

need_tools() {
  command -v gcc >/dev/null || command -v clang >/dev/null ||
    need "C compiler (macOS: xcode-select --install)" "gcc libc6-dev" gcc ""
  command -v make >/dev/null || need "make" make make make
  command -v mvn >/dev/null || need "Maven" maven maven maven
}

# Servers of the packages bring the user postgres; one built from source does not.
need_user() {
  [ "$(id -u)" = 0 ] && [ "$check" != --check ] || return 0
  id "$user" >/dev/null 2>&1 && return
  say "adding the user $user"
  useradd --system --create-home "$user"
}

explain() {
  say "missing here:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  echo "how to get it:" >&2
  printf '  apt-get install %s\n' "${packages[*]}" >&2
  printf '  dnf install %s\n' "${dnf[*]-}" >&2
  printf '  brew install %s\n' "${brew[*]-}" >&2
  exit 1
}

# A server package would create and start a first cluster, "main", which nobody here asked for.
install_without_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf saved
  saved=$(mktemp)
  if [ -f "$conf" ]; then cp "$conf" "$saved"; else rm "$saved"; fi
  as_root mkdir -p "$(dirname "$conf")"
  echo "create_main_cluster = false" | as_root tee -a "$conf" >/dev/null
  # shellcheck disable=SC2064
  trap "restore '$conf' '$saved'" EXIT
  apt_install "${packages[@]}"
  trap - EXIT
  restore "$conf" "$saved"
}

restore() {
  local conf=$1 saved=$2 default=/usr/share/postgresql-common/createcluster.conf
  if [ -f "$saved" ]; then
    as_root cp "$saved" "$conf"
    rm "$saved"
  elif [ -f "$default" ]; then
    as_root cp "$default" "$conf"
  else
    as_root rm "$conf"
  fi
}

need_server
need_jdk
need_tools
if [ ${#missing[@]} != 0 ]; then
  can_install || explain
  update_lists
  for package in "${packages[@]}"; do
    apt-cache show "$package" >/dev/null 2>&1 || {
      say "$package is not in this machine's apt sources" >&2
      explain
    }
  done
  say "installing ${packages[*]}"
  install_without_cluster
fi
need_user
