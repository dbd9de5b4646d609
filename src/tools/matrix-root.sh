#!/usr/bin/env bash
# matrix-root.sh ROOT MAJOR...: one Debian root with several PostgreSQL majors side by side, for matrix.sh.
# No Debian release has more than one major, but their packages can be mixed: sid is the base, the releases
# that shipped the other majors only supply what sid no longer has. A root that is there is used again; majors it
# lacks are added. A major that no mirror has is left out (matrix.sh reports it).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

root=$1
shift

has_major() {
  [ -x "$root/usr/lib/postgresql/$1/bin/postgres" ] &&
    [ -f "$root/usr/lib/postgresql/$1/lib/pgxs/src/makefiles/pgxs.mk" ]
}

preferences() {
  cat <<'PIN'
Package: *
Pin: release n=sid
Pin-Priority: 500

Package: *
Pin: release n=trixie*
Pin-Priority: 300

Package: *
Pin: release n=bookworm*
Pin-Priority: 200

Package: *
Pin: release a=experimental
Pin-Priority: 1

Package: postgresql-19* postgresql-client-19* postgresql-server-dev-19* libpq5 libpq-dev
Pin: release a=experimental
Pin-Priority: 990
PIN
}

make_root() {
  local keys=/usr/share/keyrings/debian-archive-keyring.gpg debian security work=$root.new
  debian=$(debian_mirror)
  security=$(debian_mirror -security)
  say "building $root (once)"
  rm -rf --one-file-system "$work"
  mkdir -p "$(dirname "$root")"
  preferences >"$work.preferences"
  # Release files of sid and experimental expire in a week, which a caching mirror may outlast.
  # shellcheck disable=SC2016
  quietly "$root.log" mmdebstrap --mode=root --variant=apt --format=directory --skip=cleanup/apt/lists \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --setup-hook='mkdir -p "$1/etc/apt/preferences.d"; cp "$1.preferences" "$1/etc/apt/preferences.d/pg"' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common"
      echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
    --include=gcc,libc6-dev,make,mount,perl,libkrb5-dev,lz4,openssl,postgresql-common,zstd \
    sid "$work" \
    "deb [signed-by=$keys check-valid-until=no] $debian sid main" \
    "deb [signed-by=$keys check-valid-until=no] $debian experimental main" \
    "deb [signed-by=$keys] $debian trixie main" \
    "deb [signed-by=$keys] $security trixie-security main" \
    "deb [signed-by=$keys] $debian bookworm main" \
    "deb [signed-by=$keys] $security bookworm-security main"
  rm -f "$work.preferences"
  mv "$work" "$root"
}

# The server-dev package depends on half a gigabyte of LLVM for the bitcode alone: unpack it instead.
# shellcheck disable=SC2016
add_major='
  apt-get install -y -q "postgresql-$1"
  cd /tmp
  apt-get download -q "postgresql-server-dev-$1"
  dpkg -x postgresql-server-dev-"$1"_*.deb /
  rm postgresql-server-dev-"$1"_*.deb
  apt-get clean'

fresh=
if [ ! -d "$root" ]; then
  make_root
  fresh=yes
fi
for major; do
  has_major "$major" && continue
  [ -n "$fresh" ] || in_root "$root" root -- apt-get -qq update
  fresh=yes
  in_root "$root" root -- apt-cache show "postgresql-server-dev-$major" >/dev/null 2>&1 || continue
  say "adding PostgreSQL $major"
  quietly "$root.log" in_root "$root" root -- sh -ec "$add_major" sh "$major"
done
rm -f "$root.log"
