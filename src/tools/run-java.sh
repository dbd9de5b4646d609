#!/usr/bin/env bash
# Runs a main class of the test sources, for the demo and the benchmarks.
set -euo pipefail

export MAVEN_OPTS=--sun-misc-unsafe-memory-access=allow
mvn -B -q test-compile org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath -DincludeScope=test \
  -Dmdep.outputFile=target/test.classpath > /dev/null
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED \
  -cp "target/test-classes:target/classes:$(cat target/test.classpath)" "$@"
