# ngx_crm_automation: the front door. `make help` lists the targets.
#
# All that is built lies below build/. `demo`, `test`, `bench` and `fuzz`
# install the Debian packages that they miss (src/tools/install-deps.sh); the
# others expect to find them.

# What you may set, on the command line or in the environment.
PREFIX      ?= /usr/local
MODULES_DIR ?= /usr/lib/nginx/modules
JOBS        ?= $(shell nproc 2>/dev/null || echo 1)
CFLAGS      ?= -O2 -g
CPPFLAGS    ?= -D_FORTIFY_SOURCE=2
WERROR      ?= -Werror

# Where this build goes, and what sanitizers or coverage add to every command.
B           ?= build
EXTRA       ?=

CRM_CFLAGS   = -std=gnu99 -Wall -Wextra -Wpointer-arith $(WERROR) \
               -fstack-protector-strong -fPIC -pthread
INCLUDES     = -Isrc/core -Isrc -Isrc/store -Isrc/worker -Isrc/cli \
               -Isrc/calendar -Isrc/deluge
COMPILE      = $(CC) $(CRM_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(EXTRA) $(INCLUDES)
LINK         = $(CC) $(CRM_CFLAGS) $(CFLAGS) $(EXTRA) $(LDFLAGS) \
               -Wl,-z,relro,-z,now,--as-needed -pthread

CORE_LIBS    = -ljansson -lutf8proc -lcrypto
DELUGE_LIBS  = -lm -lpcre2-8 -lexpat -lcrypto
WORKER_LIBS  = -luv -lhiredis -lcurl -lseccomp $(CORE_LIBS)
CLI_LIBS     = -lhiredis -lcurl -lfyaml $(CORE_LIBS)

CORE_SRCS   := $(addprefix src/core/,$(shell sed -e 's/\#.*//' \
                 src/core/SOURCES 2>/dev/null))
ifeq ($(CORE_SRCS),)
CORE_SRCS   := $(wildcard src/core/*/*.c)
endif
STORE_SRCS  := $(wildcard src/store/*.c)
CAL_SRCS    := $(wildcard src/calendar/*.c)
WORKER_SRCS := $(wildcard src/worker/*.c)
CLI_SRCS    := $(wildcard src/cli/*.c)
DELUGE_SRCS := $(wildcard src/deluge/*.c)
UNIT_SRCS   := $(sort $(wildcard t/unit/*_test.c))
FUZZ_SRCS   := $(sort $(wildcard t/fuzz/*_fuzz.c))

ifneq ($(CAL_SRCS),)
WORKER_LIBS += -lical
CLI_LIBS    += -lical
endif

# make V=1 shows whole commands.
Q            = $(if $(V),,@)
say          = $(if $(V),,@echo "  $(1)  $(2)")

objs         = $(patsubst %.c,$(B)/obj/%.o,$(1))

CORE_LIB     = $(B)/libcrm_core.a
STORE_LIB    = $(B)/libcrm_store.a
WORKER_LIB   = $(B)/libcrm_worker.a
CLI_LIB      = $(B)/libcrm_cli.a
DELUGE_LIB   = $(B)/libcrm_deluge.a
UNIT_BINS    = $(patsubst t/unit/%.c,$(B)/unit/%,$(UNIT_SRCS))
FUZZ_BINS    = $(patsubst t/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRCS))

# A sub-make gets all cores unless the caller said how many.
SUBMAKE      = $(MAKE) --no-print-directory \
               $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
DEPS         = src/tools/install-deps.sh
# tini reaps what a test leaves behind, so that t/run.pl can see and name it.
RUN          = $$(command -v tini >/dev/null && echo tini -s --) perl t/run.pl

ASAN         = B=build/asan CFLAGS="-O1 -g" CPPFLAGS= \
               EXTRA="-fsanitize=address,undefined -fno-omit-frame-pointer \
               -fno-sanitize-recover=undefined"
COVERAGE     = B=build/coverage CFLAGS="-O0 -g" CPPFLAGS= EXTRA=--coverage
FUZZER       = B=build/fuzz CC=clang CFLAGS="-O1 -g" CPPFLAGS= WERROR= \
               EXTRA="-fsanitize=fuzzer-no-link,address,undefined \
               -fno-sanitize-recover=undefined"

all: module crm-worker crmctl

help:
	@echo "make            module, crm-worker and crmctl, into build/"
	@echo "make demo       the story from a lead to a locked deal; KEEP=1 stays"
	@echo "make demo-process   an approval of three levels, a blueprint of ten states"
	@echo "make test       all tests; installs what is missing"
	@echo "make check      unit and style tests, in seconds"
	@echo "make check-module check-worker check-cli check-e2e   one kind each"
	@echo "make check-all  all of these, on the plain build"
	@echo "make check-second   module and e2e tests with another nginx"
	@echo "make asan       unit, module, worker, cli tests under ASan and UBSan"
	@echo "make test-debug-pool   module and e2e tests, all of nginx under ASan"
	@echo "make test-backends   backends from npm behind the module"
	@echo "make fuzz       libFuzzer on the core, FUZZ_SECONDS=60 a target"
	@echo "make bench      what the module costs, against bare proxy_pass"
	@echo "make soak       half an hour of load and faults, SOAK_SECONDS=1800"
	@echo "make coverage   lines that unit and module tests reach"
	@echo "make test-bare  demo and test, twice, in a fresh Debian 12 (root)"
	@echo "make scripts    src/core/state/scripts/*.lua into crm_scripts.c"
	@echo "make dialects   src/dialects/*.json into crm_dialect_data.c"
	@echo "make install    to DESTDIR, PREFIX=$(PREFIX)"
	@echo "make deps       installs the packages to build, run and test"
	@echo "make clean      removes build/"

# --- what is built -----------------------------------------------------------

module:
	@src/tools/build-nginx.sh

crm-worker: $(B)/crm-worker

crmctl: $(B)/crmctl

unit: $(UNIT_BINS) $(B)/embed-dialects

$(B)/crm-worker: $(call objs,$(WORKER_SRCS) $(CAL_SRCS)) $(DELUGE_LIB) \
    $(CORE_LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(WORKER_LIBS) $(DELUGE_LIBS)

$(B)/crmctl: $(call objs,$(CLI_SRCS) $(CAL_SRCS)) $(STORE_LIB) \
    $(DELUGE_LIB) $(CORE_LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CLI_LIBS) $(DELUGE_LIBS)

$(CORE_LIB): $(call objs,$(CORE_SRCS)) $(wildcard src/core/SOURCES)
$(STORE_LIB): $(call objs,$(STORE_SRCS))
$(DELUGE_LIB): $(call objs,$(DELUGE_SRCS))
$(WORKER_LIB): $(call objs,$(filter-out %_main.c,$(WORKER_SRCS)) $(CAL_SRCS))
$(CLI_LIB): $(call objs,$(filter-out %_main.c,$(CLI_SRCS)) $(CAL_SRCS))

$(B)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $(filter %.o,$^)

# A unit test may call anything but main: the linker takes what it needs.
define link-unit
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) -lcmocka -luv -lseccomp $(CLI_LIBS) \
	    $(DELUGE_LIBS)
endef

$(B)/unit/crm_worker_%: $(B)/obj/t/unit/crm_worker_%.o $(WORKER_LIB) \
    $(DELUGE_LIB) $(CORE_LIB)
	$(link-unit)

$(B)/unit/crm_cli_%: $(B)/obj/t/unit/crm_cli_%.o $(CLI_LIB) $(STORE_LIB) \
    $(DELUGE_LIB) $(CORE_LIB)
	$(link-unit)

$(B)/unit/crm_calendar_%: $(B)/obj/t/unit/crm_calendar_%.o $(CLI_LIB) \
    $(STORE_LIB) $(DELUGE_LIB) $(CORE_LIB)
	$(link-unit)

$(B)/unit/crm_recurrence_%: $(B)/obj/t/unit/crm_recurrence_%.o $(CLI_LIB) \
    $(STORE_LIB) $(DELUGE_LIB) $(CORE_LIB)
	$(link-unit)

$(B)/unit/crm_deluge_%: $(B)/obj/t/unit/crm_deluge_%.o $(DELUGE_LIB) $(CORE_LIB)
	$(link-unit)

$(B)/unit/%: $(B)/obj/t/unit/%.o $(STORE_LIB) $(CORE_LIB)
	$(link-unit)

$(B)/fuzz/crm_yaml_%: $(B)/obj/t/fuzz/crm_yaml_%.o $(CLI_LIB) $(STORE_LIB) \
    $(DELUGE_LIB) $(CORE_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) $(CLI_LIBS) \
	    $(DELUGE_LIBS)

$(B)/fuzz/crm_worker_%: $(B)/obj/t/fuzz/crm_worker_%.o $(WORKER_LIB) \
    $(STORE_LIB) $(CORE_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) $(WORKER_LIBS)

$(B)/fuzz/%: $(B)/obj/t/fuzz/%.o $(STORE_LIB) $(DELUGE_LIB) $(CORE_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) -lhiredis $(CORE_LIBS) \
	    $(DELUGE_LIBS)

$(B)/embed-dialects: $(B)/obj/src/tools/embed-dialects.o $(CORE_LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CORE_LIBS)

$(B)/bench/eval_bench: $(B)/obj/t/bench/eval_bench.o $(CORE_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CORE_LIBS)

$(B)/bench/deluge_bench: $(B)/obj/t/bench/deluge_bench.o $(DELUGE_LIB) \
    $(CORE_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CORE_LIBS) $(DELUGE_LIBS)

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -It/unit -MMD -MP -c -o $@ $<

# Changes when the flags do, and only then.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE)' | cmp -s - $@ || echo '$(COMPILE)' >$@

FORCE:

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

.SECONDARY:

# --- what is checked ---------------------------------------------------------

check: unit
	@$(RUN) unit style

check-style:
	@$(RUN) style

check-module: all
	@$(RUN) module

check-worker: all
	@$(RUN) worker

check-cli: all
	@$(RUN) cli

check-e2e: all
	@$(RUN) e2e

check-all: all unit
	@$(RUN) unit style module worker cli e2e

# debug-pool is all of nginx under ASan, so that Debian's, with only the module under
# it, is left to `make asan`.
test:
	@$(DEPS) build run test second fuzz
	@+$(SUBMAKE) all unit
	@src/tools/build-nginx.sh --second
	@+$(SUBMAKE) asan-build
	@src/tools/build-nginx.sh --debug-pool
	@+$(SUBMAKE) fuzz-build
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-5} $(RUN) unit style module worker cli e2e \
	    second-module second-e2e debug-pool-module \
	    asan-unit asan-worker asan-cli fuzz \
	    $(if $(filter skip,$(NGINX_SECOND)),asan-module)

# Another nginx: NGINX_SECOND=newest (what the Debian archive has), a version
# that it has, or skip. `test` runs it with the module loaded, and linked in
# where all of it is under ASan.
check-second: all
	@$(DEPS) second
	@src/tools/build-nginx.sh --second
	@src/tools/build-nginx.sh --static
	@$(RUN) second-module second-e2e static-module

test-debug-pool: asan-build
	@$(DEPS) second
	@src/tools/build-nginx.sh --debug-pool
	@$(RUN) debug-pool-module debug-pool-e2e

# Backends as others ship them, from npm, behind the module.
test-backends: all
	@$(DEPS) run test
	@command -v npm >/dev/null || $(DEPS) peer
	@$(RUN) backends

asan-build:
	@+$(SUBMAKE) $(ASAN) unit crm-worker crmctl
	@src/tools/build-nginx.sh --asan

asan: asan-build
	@$(RUN) asan-unit asan-module asan-worker asan-cli

fuzz-build:
	@+$(SUBMAKE) $(FUZZER) fuzz-bins

fuzz-bins: $(FUZZ_BINS)

fuzz:
	@$(DEPS) build fuzz
	@+$(SUBMAKE) fuzz-build
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(RUN) fuzz

coverage:
	@$(DEPS) build run test coverage
	@src/tools/build-nginx.sh --coverage
	@+$(SUBMAKE) $(COVERAGE) unit crm-worker crmctl
	@find build/coverage -name '*.gcda' -delete
	@$(RUN) coverage
	@lcov -q -c -d build/coverage -b . --no-external 2>build/coverage/lcov.log \
	    -o build/coverage/all.info
	@lcov -q -r build/coverage/all.info '*/t/*' \
	    -o build/coverage/coverage.info
	@lcov --list build/coverage/coverage.info

bench:
	@$(DEPS) build run bench
	@+$(SUBMAKE) all $(if $(wildcard t/bench/eval_bench.c),$(B)/bench/eval_bench) \
	    $(B)/bench/deluge_bench
	@perl t/bench/bench.pl
	@perl t/bench/judge.pl
	@perl t/bench/load.pl
	@perl t/bench/bulk.pl
	@perl t/bench/deluge.pl
	@command -v npm >/dev/null || $(DEPS) peer
	@perl t/bench/queue.pl

soak:
	@$(DEPS) build run test
	@+$(SUBMAKE) all
	@perl t/soak/soak.pl

demo:
	@$(DEPS) build run
	@+$(SUBMAKE) all
	@exec perl t/demo/demo.pl

demo-process:
	@$(DEPS) build run
	@+$(SUBMAKE) all
	@exec perl t/demo/process.pl

test-bare:
	@t/bare/test-bare.sh

# --- the rest ----------------------------------------------------------------

scripts:
	@src/tools/embed-scripts.sh

dialects: $(B)/embed-dialects
	@src/tools/embed-dialects.sh $<

deps:
	@$(DEPS) build run test

install: all
	install -D -m 644 build/ngx_http_crm_automation_module.so \
	    $(DESTDIR)$(MODULES_DIR)/ngx_http_crm_automation_module.so
	install -D -m 755 build/crm-worker $(DESTDIR)$(PREFIX)/bin/crm-worker
	install -D -m 755 build/crmctl $(DESTDIR)$(PREFIX)/bin/crmctl

clean:
	rm -rf build

.PHONY: all help module crm-worker crmctl unit check check-style check-module \
    check-worker check-cli check-e2e check-all check-second test \
    test-debug-pool asan asan-build fuzz \
    fuzz-build fuzz-bins coverage bench soak demo demo-process test-bare scripts dialects deps install \
    clean FORCE
