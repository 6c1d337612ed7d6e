# "make help" tells what there is: the comment above a target is its help.

SHELL   := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GO      ?= go
# The race detector cannot look into a shared object of C; everything else runs under it.
PURE     = $(shell $(GO) list ./... | grep -v -e /plugin$$ -e /test/)
FUZZTIME ?= 10s
LINT    := .bin/golangci-lint
LDFLAGS := -s -w -X fluent-bit-confluence/internal/version.Version=$(VERSION)

.DEFAULT_GOAL := build

FLUENT_BIT ?= $(shell command -v fluent-bit)

.PHONY: help build man completions run test unit abi e2e manual containers pictures torture fuzz lint vuln mutate bench clean

# What there is to make.
help:
	@awk '/^# / { text = text substr($$0, 2); next } \
	  /^[a-z][a-z0-9-]*:([^=]|$$)/ && text != "" { sub(/:.*/, ""); line = sprintf("%-14s", $$0); n = split(text, words, " "); \
	    for (i = 1; i <= n; i++) { if (length(line) + length(words[i]) > 78) { print line; line = sprintf("%14s", "") } line = line " " words[i] } print line } \
	  { text = "" }' $(MAKEFILE_LIST)

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
	rm -rf build/man
	build/confluence-audit man --output build/man/man1

# The tool's completion for bash, zsh and fish.
completions: build/confluence-audit
	mkdir -p build/completions
	set -e; for shell in bash zsh fish; do build/confluence-audit completion $$shell > build/completions/$$shell; done

# A stand-in for Fluent Bit that speaks the same interface to the plugin, for tests and for machines without Fluent Bit.
build/testhost: $(wildcard test/host/*.c test/host/*.h)
	$(CC) -O2 -Wall -Wextra -Werror -pthread -Wl,--export-dynamic-symbol='flb_input_*' -o $@ test/host/*.c -ldl

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

# Those in Go, under the race detector. The long ones play less; "make unit SHORT=" plays all of them.
unit: SHORT = -short
unit:
	$(GO) vet ./...
	$(GO) test -race -timeout 20m $(SHORT) $(PURE)

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
	PLUGIN=$(CURDIR)/build/in_confluence.so FLUENT_BIT=$(FLUENT_BIT) $(GO) test -count=1 ./test/docs/... ./test/pictures/...
ifeq ($(FLUENT_BIT),)
	@echo "SKIPPED: commands and configurations of the manual that need the real Fluent Bit; install it, or set FLUENT_BIT to the binary"
endif

# The images of the Dockerfile, run as the manual, the manifests and the compose files do, in the Docker daemon of this machine. Builds them, which takes minutes the first time.
containers:
	@if docker version >/dev/null 2>&1; then CONTAINERS=1 $(GO) test -count=1 -v -timeout 30m ./test/containers; \
	else echo "SKIPPED: the tests of the images need a Docker daemon, and docker version finds none; start one, or set DOCKER_HOST"; fi

# The pictures of the manual, from what the program shows now.
pictures: build/confluence-audit
	$(GO) run ./test/pictures build/confluence-audit docs/pictures/session.svg

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

# Linters, and the checks of images, manifests, packages and workflows.
lint: $(LINT) lint-deploy
	$(LINT) run ./...
	@! grep -rlE --include='*.go' '^(import |\s+)"C"$$' . | grep -v '^\./plugin/' || { echo "cgo stays in plugin"; exit 1; }
	@mkdir -p .bin/cgo
	cd plugin && $(GO) tool cgo -objdir $(CURDIR)/.bin/cgo -- -I. $$(grep -l '^import "C"' *.go)
	gcc -fsyntax-only -Wall -Wextra -Werror -std=gnu17 -I.bin/cgo -Iplugin test/host/*.c plugin/*.c

# Known vulnerabilities that the code can reach. The list of them comes from the network.
vuln: .bin/govulncheck
	@.bin/govulncheck ./... || { code=$$?; [ $$code = 3 ] || echo "NOT CHECKED: govulncheck could not work; does this machine reach the Go vulnerability database?"; exit $$code; }

.bin/govulncheck:
	GOBIN=$(CURDIR)/.bin $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.9.0

MUTATE ?= atlassian/paging collect handover outbox scan state window

# Changes a package in many small ways, and lists what its own tests do not notice: MUTATE=scan for one of them.
mutate: .bin/gremlins
	@set -e; for package in $(MUTATE); do GOFLAGS="-short -count=1" .bin/gremlins unleash ./internal/$$package --workers 1 --timeout-coefficient 10 -S lc; done

.bin/gremlins:
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0

# Linters are tools of the project, not part of it: built once into .bin.
$(LINT):
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Removes what was built.
clean:
	rm -rf build/in_confluence.so build/confluence-audit build/testhost build/linux-* build/image build/dist build/man build/completions data

include deploy/deploy.mk
include test/recipes/tools.mk
