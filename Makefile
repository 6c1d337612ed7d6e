# Targets for users: build, run, test. For contributors: unit, abi, e2e, manual, torture, bench, fuzz, lint.
# For packagers (deploy/deploy.mk): cross, artefacts, image-files, packages, dist.

SHELL   := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GO      ?= go
# The race detector cannot look into a shared object of C; everything else runs under it.
PURE     = $(shell $(GO) list ./... | grep -v -e /plugin$$ -e /test/)
FUZZTIME ?= 10s
LINT    := .bin/golangci-lint
LDFLAGS := -s -w -X fluent-bit-confluence/internal/version.Version=$(VERSION)

FLUENT_BIT ?= $(shell command -v fluent-bit)

.PHONY: build man run test unit abi e2e manual torture fuzz lint bench clean

# The input for Fluent Bit, and the operator's tool.
build: build/in_confluence.so build/confluence-audit

.PHONY: build/in_confluence.so build/confluence-audit
build/in_confluence.so:
	$(GO) build -buildmode=c-shared -trimpath -tags netgo,osusergo -ldflags '$(LDFLAGS)' -o $@ ./plugin
	@rm -f build/in_confluence.h

build/confluence-audit:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/confluence-audit

# The tool's manual pages, from the same tables as its --help.
man: build/confluence-audit
	build/confluence-audit man --output build/man/man1

# A stand-in for Fluent Bit that speaks the same interface to the plugin, for tests and for machines without Fluent Bit.
build/testhost: $(wildcard test/host/*.c test/host/*.h)
	$(CC) -O2 -Wall -Wextra -Werror -pthread -o $@ test/host/*.c -ldl

# Audit records of a simulated site through fluent-bit.conf and the real plugin, one line each, until Ctrl-C.
run: build $(if $(FLUENT_BIT),,build/testhost)
ifneq ($(FLUENT_BIT),)
	@echo "running fluent-bit.conf in $(FLUENT_BIT) on a simulated site; Ctrl-C stops"
else
	@echo "no fluent-bit here (install it, or set FLUENT_BIT): running fluent-bit.conf in the project's own small host on a simulated site; Ctrl-C stops"
endif
	@set -o pipefail; data=$$(mktemp -d); trap 'rm -rf "$$data"' EXIT; CONFLUENCE_DATA=$$data CONFLUENCE_POLL_INTERVAL=2s build/confluence-audit simulate --listen 127.0.0.1:0 --records 200 --rate 2 --twins 0.02 --late 0.1 --late-by 20s -- \
	  $(or $(FLUENT_BIT),build/testhost) -e build/in_confluence.so -c fluent-bit.conf | (trap '' INT; exec build/confluence-audit preview -)

# All tests that can run here. Those on the real Fluent Bit say so when there is none.
test: unit abi artefacts e2e manual

unit:
	$(GO) vet ./...
	$(GO) test -race $(PURE)

# The C interface, from threads of C. The host itself is held against the real one, where there is one.
abi: build/in_confluence.so build/testhost
	PLUGIN=$(CURDIR)/build/in_confluence.so TESTHOST=$(CURDIR)/build/testhost FLUENT_BIT=$(FLUENT_BIT) $(GO) test -count 1 ./plugin/... ./test/abi/... ./test/host/...

# The real Fluent Bit between a simulated site and a receiver.
e2e: build/in_confluence.so
	$(GO) test -race ./test/rig/...
ifneq ($(FLUENT_BIT),)
	PLUGIN=$(CURDIR)/build/in_confluence.so FLUENT_BIT=$(FLUENT_BIT) $(GO) test -count 1 -timeout 12m ./test/e2e/... ./test/recipes/...
else
	@echo "SKIPPED: the end-to-end tests and the recipes need the real Fluent Bit; install it, or set FLUENT_BIT to the binary"
endif

# What the manual says to type is typed in. Alone, because it builds and runs what the others use.
manual: build
	PLUGIN=$(CURDIR)/build/in_confluence.so FLUENT_BIT=$(FLUENT_BIT) $(GO) test -count=1 ./test/docs/...
ifeq ($(FLUENT_BIT),)
	@echo "SKIPPED: commands and configurations of the manual that need the real Fluent Bit; install it, or set FLUENT_BIT to the binary"
endif

# Kills, stops, reloads and breaks things at random for minutes, and counts what was lost and repeated.
torture: build/in_confluence.so
	PLUGIN=$(CURDIR)/build/in_confluence.so $(GO) run ./test/torture $(or $(TORTURE),-rounds 100 -v)

# A table of time, CPU and memory beside what else can do the work.
bench: build/in_confluence.so build/confluence-audit
	$(GO) run ./test/bench $(BENCH)

# Every fuzz target for FUZZTIME each, of which finding the smallest input takes little.
fuzz:
	@set -e; for dir in $$(grep -rl --include=*_test.go 'func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -rhoE 'func Fuzz\w+' $$dir/*_test.go | cut -c6-); do \
	    echo "$$dir $$target"; $(GO) test $$dir -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x; done; done

lint: $(LINT) lint-deploy
	$(LINT) run ./...
	@mkdir -p .bin/cgo
	cd plugin && $(GO) tool cgo -objdir $(CURDIR)/.bin/cgo -- -I. $$(grep -l '^import "C"' *.go)
	gcc -fsyntax-only -Wall -Wextra -Werror -std=gnu17 -I.bin/cgo -Iplugin test/host/*.c plugin/*.c

# Linters are tools of the project, not part of it: built once into .bin.
$(LINT):
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

clean:
	rm -rf build/in_confluence.so build/confluence-audit build/testhost build/linux-* build/image build/dist build/man data

include deploy/deploy.mk
include test/recipes/tools.mk
