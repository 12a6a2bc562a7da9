#!/usr/bin/env bash
# Tries the Dockerfile's second stage without an engine, as root: the release in a bare Debian of
# its own, then as a user without a home. Takes the release, and a folder for the system, which
# debootstrap fills where it is empty:
#   mvn -Passembly -DskipTests package && sudo docker/try.sh app/target/millrace-*.tar.gz /tmp/bare
set -euo pipefail
release="${1:?a release, app/target/millrace-*.tar.gz}"
root="${2:?a folder for the bare system}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

[ -x "$root/usr/bin/java" ] ||
  debootstrap --variant=minbase --include=openjdk-17-jre-headless bookworm "$root"
rm -rf "$root/opt/millrace" "$root/var/cache/millrace" "$root/work"
mkdir -p "$root/opt/millrace" "$root/work"
tar -xzf "$release" -C "$root/opt/millrace" --strip-components=1
cp "$here/settle.sh" "$root/opt/millrace/"
chmod 1777 "$root/work"

mounted=""
[ -e "$root/proc/self" ] || { mount -t proc proc "$root/proc" && mounted=1; }
trap '[ -z "$mounted" ] || umount "$root/proc"' EXIT

# The ENV of the Dockerfile, and nothing else.
mapfile -t environment < <(sed -n '/^ENV/,/[^\\]$/p' "$here/../Dockerfile" | tr -s ' \\' '\n' | grep =)
inside() {
  local user="$1"
  shift
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${environment[@]}" \
    chroot --userspec="$user" "$root" sh -c 'cd /work && exec "$@"' sh "$@"
}

inside 0:0 /opt/millrace/settle.sh
inside 12345:12345 millrace --version
inside 12345:12345 millrace doctor
inside 12345:12345 millrace pretrain --data 'generated:images=64;test=8;size=16' --size 16 --width 4 \
  --epochs 1 --batch 32 --out run
inside 12345:12345 millrace embed run --data 'generated:images=64;test=8;size=16' --out vectors.parquet
echo "the release works in $root"
