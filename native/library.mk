# The library, by PGXS. Read from the top directory, by the Makefile there.

MODULE_big = pg_walrus
OBJS = $(patsubst %.c,%.o,$(wildcard native/*.c)) target/native/walrus_shim.o
EXTENSION = sql/pg_walrus sql/steep_repl
DATA = $(wildcard sql/*--*.sql)
# The script of steep_repl has one file per subject, in the order of their names.
DATA_built = target/sql/steep_repl--0.2.0.sql

REGRESS = setup $(filter-out setup,$(sort $(patsubst pg_regress/sql/%.sql,%,$(wildcard pg_regress/sql/*.sql))))
REGRESS_OPTS = --inputdir=pg_regress --outputdir=target/pg_regress
EXTRA_CLEAN = target/pg_regress target/pg_isolation

JNI_PLATFORM := $(shell uname -s | tr '[:upper:]' '[:lower:]')

# The server's and the JDK's headers count as system headers: -Wextra is for our own code.
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) -Inative -Itarget/native \
	-isystem $(JAVA_HOME)/include -isystem $(JAVA_HOME)/include/$(JNI_PLATFORM) \
	-DWALRUS_JAVA_HOME='"$(JAVA_HOME)"'
# Unused parameters are those that the signatures of the server's callbacks ask for.
PG_CFLAGS = -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter $(CLANG_CFLAGS)
# pg_config passes on the flags of the compiler that built the server, which clang need not know.
CLANG_CFLAGS = $(if $(findstring clang,$(shell $(CC) --version)),\
	-Wno-ignored-optimization-argument -Wno-unknown-warning-option)
SHLIB_LINK = $(if $(filter linux,$(JNI_PLATFORM)),-ldl -lpthread)

# The server never compiles our functions into its plans; bitcode would be for nothing.
override with_llvm = no

# PGXS takes the directory of this file for the source directory otherwise.
override srcdir = .
PGXS := $(shell $(PG_CONFIG) --pgxs)

# Not every package of the server brings the tester for several sessions.
ifneq ($(wildcard $(dir $(PGXS))../test/isolation/pg_isolation_regress),)
ISOLATION = $(sort $(patsubst pg_regress/specs/%.spec,%,$(wildcard pg_regress/specs/*.spec)))
ISOLATION_OPTS = --inputdir=pg_regress --outputdir=target/pg_isolation
endif
include $(PGXS)

# Objects that were compiled for another server or JDK are compiled again.
SERVER = target/server
$(shell mkdir -p target && echo '$(VERSION) $(includedir_server) $(JAVA_HOME)' | cmp -s - $(SERVER) || \
	echo '$(VERSION) $(includedir_server) $(JAVA_HOME)' > $(SERVER))

$(OBJS): $(wildcard native/*.h) target/native/walrus_shim.h $(SERVER)

$(DATA_built): $(sort $(wildcard sql/steep_repl/*.sql))
	@mkdir -p $(@D)
	cat $^ > $@

# Where the jars go: beside the library.
.PHONY: print-jardir
print-jardir:
	@echo $(DESTDIR)$(pkglibdir)/pg_walrus

# Where bash looks for completions: in the data of the whole system, not in that of one server.
completiondir ?= $(firstword $(subst /postgresql/, ,$(datadir)/))/bash-completion/completions

# Where the command line goes: jar, launcher, manual, completion, and the service file of all users.
.PHONY: print-cli-directories
print-cli-directories:
	@printf '%s\n' $(pkglibdir)/pg_walrus $(bindir) $(mandir)/man1 $(completiondir) $(sysconfdir)
