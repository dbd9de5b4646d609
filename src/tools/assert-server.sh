#!/usr/bin/env bash
# assert-server.sh ROOT: puts PostgreSQL 18 with assertions into ROOT/opt/pg18-assert, once (about 5 minutes).
# Packaged servers never have assertions on, and a library that embeds a JVM gains most from them: a lock kept too
# long, a leaked pin, a context used after its reset stop the test instead of passing by luck. Built from the
# upstream tarball of the packaged 18, inside a root made by matrix-root.sh.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

root=$1
prefix=/opt/pg18-assert
[ -x "$root$prefix/bin/postgres" ] && exit 0

say "building PostgreSQL 18 with assertions (some minutes)"
# shellcheck disable=SC2016
build='
  sed -n "s/^deb \(.* sid main\)$/deb-src \1/p" /etc/apt/sources.list >/etc/apt/sources.list.d/source.list
  apt-get -q update
  apt-get install -y -q bison flex xz-utils bzip2 libssl-dev libxml2-dev
  rm -rf /var/tmp/pg18 "$1.new"
  mkdir /var/tmp/pg18
  cd /var/tmp/pg18
  apt-get source -q --download-only postgresql-18
  rm /etc/apt/sources.list.d/source.list
  tar -xf postgresql-18_*.orig.tar.* --strip-components=1
  ./configure --prefix="$1" --enable-cassert --enable-debug --without-icu --without-readline --without-zlib \
    --with-openssl --with-libxml \
    CFLAGS="-O1 -g -fno-omit-frame-pointer"
  make -s -j2 install DESTDIR=/var/tmp/pg18/installed
  for part in src/test/isolation contrib/dblink contrib/pg_buffercache; do
    make -s -C "$part" install DESTDIR=/var/tmp/pg18/installed
  done
  mv "/var/tmp/pg18/installed$1" "$1.new"
  mv "$1.new" "$1"
  rm -rf /var/tmp/pg18'
quietly "$root.log" in_root "$root" root -- sh -ec "$build" sh "$prefix"
rm -f "$root.log"
