# pg_walrus: Maven builds the jar and writes the C shim from it, PGXS builds the library.
#
#   make demo | make check      set up what they need first, on Debian and Ubuntu
#   make && make install        for the server of PG_CONFIG, with the JDK of JAVA_HOME

PG_CONFIG := $(shell src/tools/find-pg-config.sh)
JAVA_HOME := $(shell src/tools/find-jdk.sh)
export PG_CONFIG JAVA_HOME

JAR = target/pg_walrus.jar
SHIM = target/native/walrus_shim.c
JAVA_SOURCES := $(shell find src/main src/layout src/jextract -type f 2>/dev/null)

JEXTRACT := $(firstword $(wildcard $(JEXTRACT_HOME)/bin/jextract) $(shell command -v jextract))
READER = $(if $(JEXTRACT),bindings made by $(JEXTRACT),the layout table (no jextract here))
MAVEN_PROFILE = $(if $(JEXTRACT),-Pjextract -Djextract=$(JEXTRACT) \
	-Dpg.includedir=$(shell $(PG_CONFIG) --includedir-server))
MAVEN = MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow" mvn -B -ntp -Dstyle.color=never $(MAVEN_PROFILE)
LIBRARY = $(MAKE) --no-print-directory -f native/library.mk

# Each target needs what the one before it has made.
.NOTPARALLEL:

.PHONY: all library install install-only uninstall installcheck clean
all: $(JAR) library

# Builds from a jar and a shim that are there already; needs no Maven.
library: require
	+$(LIBRARY) all

install: all install-only

install-only: require
	+$(LIBRARY) install
	+src/tools/install-jar.sh "$$($(LIBRARY) -s print-jardir)"
	+src/tools/install-cli.sh install $$($(LIBRARY) -s print-cli-directories)

uninstall: require
	+$(LIBRARY) uninstall
	+rm -rf "$$($(LIBRARY) -s print-jardir)"
	+src/tools/install-cli.sh uninstall $$($(LIBRARY) -s print-cli-directories)

# Against a running server that has the library preloaded.
installcheck: require
	+$(LIBRARY) installcheck

clean: require
	+$(LIBRARY) clean
	rm -rf target/classes target/test-classes target/generated-sources target/native target/lib \
		target/manual $(JAR) target/steep-repl.jar

$(JAR): pom.xml $(JAVA_SOURCES) | require
	@echo "pg_walrus: the server's structs are read through $(READER)"
	rm -rf target/lib
	$(MAVEN) -q -Dmaven.test.skip=true package
	@touch $(JAR) $(SHIM)

# Names every missing piece and how to get it; installs nothing.
.PHONY: require
require:
	@test -n "$(PG_CONFIG)" -a -n "$(JAVA_HOME)" || src/tools/setup.sh --check

# Installs what is missing, then starts a new make that can see it.
.PHONY: setup check demo bench check-matrix check-fresh check-containers check-long check-long-tests
setup:
	@src/tools/setup.sh

check demo bench: setup
	$(MAKE) --no-print-directory run-$@

check-matrix: setup
	$(MAKE) --no-print-directory all
	src/tools/matrix.sh

check-fresh:
	src/tools/fresh-machine.sh

# Builds and tests in the official images; skips with a reason where no container engine runs.
check-containers: setup
	WALRUS_CONTAINERS=1 $(MAVEN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dgroups=containers

check-long: check check-long-tests check-matrix check-fresh

# The tests that take minutes each.
check-long-tests: setup
	$(MAKE) --no-print-directory installed
	$(MAVEN) verify -Dgroups=long -Dtests.left.out= -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: installed run-check check-regress run-demo run-bench
installed: all
	src/tools/as-root.sh $(MAKE) --no-print-directory install-only

run-check: installed
	$(MAVEN) verify
	$(MAKE) --no-print-directory check-regress

check-regress:
	src/tools/with-cluster.sh $(MAKE) --no-print-directory installcheck

run-demo: installed
	src/tools/run-java.sh org.pgwalrus.demo.Demo

run-bench: installed
	src/tools/run-java.sh org.pgwalrus.bench.Bench $(BENCH_OPTIONS)
