#!/usr/bin/env bash
# Runs a main class of the test sources, for the demo and the benchmarks.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

export MAVEN_OPTS=--sun-misc-unsafe-memory-access=allow
quietly target/test-compile.log mvn -B -ntp -q -Dstyle.color=never test-compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
  -DincludeScope=test -Dmdep.outputFile=target/test.classpath
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED \
  -cp "target/test-classes:target/classes:$(cat target/test.classpath)" "$@"
