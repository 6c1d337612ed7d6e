#!/bin/sh
# Takes Fluent Bit and the libraries it was built for out of an image, and makes a program of them
# that runs here:
#
#   host.sh fluent/fluent-bit:4.2.8 DIR && DIR/fluent-bit --version
#
# In a container of its own, Fluent Bit could not be killed the way the tests kill it.
set -eu
image=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

container=$(docker create "$image")
trap 'docker rm "$container" >/dev/null' EXIT
mkdir -p "$dir/image"
docker export "$container" | tar -x -C "$dir/image" --exclude='dev/*'

loader=$(find "$dir/image" -name 'ld-linux-*.so.*' ! -path '*/lib64/*' -print -quit)
libraries=$(find "$dir/image" -name '*.so*' -exec dirname {} + | sort -u | paste -sd: -)
cat > "$dir/fluent-bit" <<WRAPPER
#!/bin/sh
exec "$loader" --library-path "$libraries" "$dir/image/fluent-bit/bin/fluent-bit" "\$@"
WRAPPER
chmod +x "$dir/fluent-bit"
