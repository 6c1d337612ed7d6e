# Two images:
#
#   docker build --target plugin .   the input alone, for init containers and image volumes
#   docker build .                   Fluent Bit with the input, ready to run
#
# Base images are pinned by tag here. Renovate adds their digests (.github/renovate.json) and keeps both up to date.

# Bookworm, because its glibc decides which hosts can load the input: everything from glibc 2.34 on, which is the official
# Fluent Bit image since 3.0. The compiler runs on the builder's own architecture and builds for the other one.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
ARG BUILDARCH
ARG TARGETARCH
RUN case "$BUILDARCH-$TARGETARCH" in \
      amd64-arm64) apt-get update && apt-get install -y --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;; \
      arm64-amd64) apt-get update && apt-get install -y --no-install-recommends gcc-x86-64-linux-gnu libc6-dev-amd64-cross ;; \
    esac
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=unknown
ENV GOCACHE=/go/cache
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/go/cache make image-files TARGETARCH="$TARGETARCH" VERSION="$VERSION"

# cp comes from busybox; nothing else of it is used. The folder at the top lets an image volume hold the input alone.
FROM busybox:1.37.0 AS plugin
COPY --from=build /src/build/image/in_confluence.so /plugin/in_confluence.so
COPY --from=build /src/LICENSE /plugin/LICENSE
USER 65532:65532
CMD ["cp", "/plugin/in_confluence.so", "/plugins/"]

FROM fluent/fluent-bit:5.1.1
COPY --from=build /src/build/image/in_confluence.so /fluent-bit/plugins/in_confluence.so
COPY --from=build /src/build/image/confluence-audit /src/build/image/healthcheck /usr/local/bin/
COPY --from=build /src/deploy/image/fluent-bit.yaml /src/deploy/image/confluence-and-jira.yaml /fluent-bit/etc/
COPY --from=build /src/LICENSE /usr/share/doc/fluent-bit-confluence/LICENSE
# State and buffer. A volume that Docker makes takes over owner and mode of this folder.
COPY --from=build --chown=65532:65532 --chmod=0700 /src/build/image/state /var/lib/fluent-bit
ENV CONFLUENCE_DATA=/var/lib/fluent-bit
# The Fluent Bit that "confluence-audit check --config" asks. It is not on the PATH.
ENV FLUENT_BIT=/fluent-bit/bin/fluent-bit
VOLUME /var/lib/fluent-bit
# "nonroot" of the base image. Nothing outside the volume is written: run it with --read-only.
USER 65532:65532
EXPOSE 2020
# The base image has no shell and no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/usr/local/bin/healthcheck"]
ENTRYPOINT ["/fluent-bit/bin/fluent-bit", "-e", "/fluent-bit/plugins/in_confluence.so"]
CMD ["-c", "/fluent-bit/etc/fluent-bit.yaml"]
