#!/bin/sh
# Unpacks a bundle in a root folder that holds nothing but a shell, seven
# programs, and the system's C and C++ libraries, without network, Python or
# Node; then runs there what is named. As root, by hand:
#
#   ./ldlab bundle --part-size 24MiB --output PARTS
#   sudo sh tests/commands/bundle/empty_root.sh PARTS 'ldlab/ldlab demo --scale smoke'
#
# Tests run there too that need no browser, Vulkan driver, git or Python:
# 'cd ldlab && DENO_DIR=.cache/deno .venv/bin/deno test -A --no-check tests/losses'
set -eu
parts=$(readlink -f "$1")
shift
root=$(mktemp -d)
finish() {
  umount "$root/proc" "$root/parts" 2>/dev/null || :
  rm -rf --one-file-system "$root"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/tmp" "$root/parts" "$root/work"
copy_libraries() {
  ldd "$1" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' | while read -r library; do
    [ -e "$root$library" ] && continue
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
  done
}
for program in sh cat chmod mkdir mv rm dirname readlink; do
  path=$(readlink -f "$(command -v "$program")")
  cp "$path" "$root/bin/$program"
  copy_libraries "$path"
done
for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libgcc_s.so.1 libstdc++.so.6; do
  path=/lib/x86_64-linux-gnu/$library
  mkdir -p "$root${path%/*}"
  [ -e "$path" ] || path=/usr/lib/x86_64-linux-gnu/$library
  cp -L "$path" "$root/lib/x86_64-linux-gnu/$library"
done
for device in null zero urandom random; do
  cp -a "/dev/$device" "$root/dev/$device"
done
mount -t proc proc "$root/proc"
mount --bind -o ro "$parts" "$root/parts"
echo "In the root: $(cd "$root" && echo bin/* lib*/*/*)"
run() {
  echo "+ $*"
  env -i PATH="$PATH" unshare --net \
    chroot "$root" /bin/sh -c "PATH=/bin; cd /work && $*"
}
run "sh /parts/unpack.sh" || echo "exit status $?"
for command; do run "$command"; done
