# Builds for other machines, packages, and the checks of what is needed around the input. Part of
# the Makefile.

ARCHS        := amd64 arm64
CLI_TARGETS  := linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64
# Compilers as Debian names them; another architecture's comes with gcc-aarch64-linux-gnu or
# gcc-x86-64-linux-gnu.
CC_amd64     := x86_64-linux-gnu-gcc
CC_arm64     := aarch64-linux-gnu-gcc
CROSS        := $(foreach a,$(ARCHS),$(if $(shell command -v $(CC_$a)),$a))
TARGETARCH   ?= $(shell $(GO) env GOARCH)
# Package versions have no dashes; "~" makes 1.2.0~rc1 older than 1.2.0.
PACKAGE_VERSION = $(subst -,~,$(if $(filter v%,$(VERSION)),$(VERSION:v%=%),0-$(VERSION)))

.PHONY: cross artefacts dist packages image-files lint-deploy force
force:

build/linux-%/in_confluence.so: force
	CGO_ENABLED=1 GOOS=linux GOARCH=$* CC=$(CC_$*) $(GO) build -buildmode=c-shared -trimpath -tags netgo,osusergo -ldflags '$(LDFLAGS)' -o $@ ./plugin
	@rm -f $(@:.so=.h)

# The input for every architecture that this machine has a compiler for.
cross: $(CROSS:%=build/linux-%/in_confluence.so)

# What the built files ask of a host: architecture, glibc, exported symbols. And the examples for
# several processes, in the real Fluent Bit.
artefacts: cross build/in_confluence.so
	$(if $(filter-out $(CROSS),$(ARCHS)),@echo "SKIPPED: no compiler here for $(filter-out $(CROSS),$(ARCHS)); apt-get install gcc-aarch64-linux-gnu")
	PLUGIN=$(CURDIR)/build/in_confluence.so FLUENT_BIT=$(FLUENT_BIT) $(GO) test -count=1 ./deploy/...

# What the Dockerfile copies into its images.
image-files: build/linux-$(TARGETARCH)/in_confluence.so
	rm -rf build/image && mkdir -p build/image/state
	cp $< build/image/
	CGO_ENABLED=0 GOOS=linux GOARCH=$(TARGETARCH) $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o build/image/ ./cmd/confluence-audit ./deploy/healthcheck

# All files of a release and their checksums, in build/dist.
dist: packages
	$(foreach t,$(CLI_TARGETS),CGO_ENABLED=0 GOOS=$(word 1,$(subst -, ,$t)) GOARCH=$(word 2,$(subst -, ,$t)) $(GO) build -trimpath -ldflags '$(LDFLAGS)' \
	  -o build/dist/confluence-audit-$(VERSION)-$t$(if $(findstring windows,$t),.exe) ./cmd/confluence-audit &&) true
	$(foreach a,$(ARCHS),cp build/linux-$a/in_confluence.so build/dist/in_confluence-$(VERSION)-linux-$a.so &&) true
	cd build/dist && sha256sum * > SHA256SUMS

# deb and rpm of every architecture, in build/dist.
packages: package-compilers .bin/nfpm $(ARCHS:%=build/linux-%/in_confluence.so) man completions
	rm -rf build/dist && mkdir -p build/dist
	gzip -9nf build/man/man1/*.1
	set -e; for arch in $(ARCHS); do \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o build/linux-$$arch/confluence-audit ./cmd/confluence-audit; \
	  for format in deb rpm; do \
	    ARCH=$$arch VERSION='$(PACKAGE_VERSION)' SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 0) \
	      .bin/nfpm package --config deploy/packages/nfpm.yaml --packager $$format --target build/dist/; \
	  done; done

# Dockerfile and its build stage, compose, manifests, Helm values, packages, workflows.
lint-deploy: .bin/actionlint
	.bin/actionlint
	cd test/deploy && $(GO) vet ./... && $(GO) test -count=1 ./...

.PHONY: package-compilers
package-compilers:
	$(if $(filter-out $(CROSS),$(ARCHS)),@echo "packages of $(filter-out $(CROSS),$(ARCHS)) need $(foreach a,$(filter-out $(CROSS),$(ARCHS)),$(CC_$a) (Debian: apt-get install gcc-$(subst _,-,$(CC_$a:%-gcc=%)))); \
	  without: make packages ARCHS=$(firstword $(CROSS))" >&2; exit 1)

.bin/nfpm:
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0

.bin/actionlint:
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
