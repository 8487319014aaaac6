#!/bin/sh
# Joins, verifies and unpacks the bundle of ldlab beside this file, then runs its
# doctor:
#
#   sh unpack.sh [FOLDER]     FOLDER is made; by default ./ldlab
#
# Needs Linux x86-64 with glibc 2.27 or newer, libgcc_s and libstdc++, a POSIX
# shell, and of programs cat, chmod, mkdir, mv and rm. No network, no Python, no
# Node. What is interrupted can be run again.
set -eu

say() { printf '%s\n' "unpack: $*" >&2; }
fail() { say "$*"; exit 1; }

case $0 in */*) from=${0%/*} ;; *) from=. ;; esac
case ${1-} in -*) fail "a folder is taken, or nothing: sh unpack.sh [FOLDER]" ;; esac
[ $# -le 1 ] || fail "one folder is taken: sh unpack.sh [FOLDER]"
target=${1:-ldlab}
while [ "$target" != / ] && [ "$target" != "${target%/}" ]; do target=${target%/}; done
staging=$target.unpacking
start=$from/start.sha256

[ ! -e "$target" ] && [ ! -L "$target" ] ||
  fail "'$target' is there already. Remove it, or name another folder: sh unpack.sh FOLDER"
[ -f "$start" ] || fail "missing in $from: start.sha256. Copy it there again"

# What has to be right before Deno can check the rest.
missing='' damaged=''
while read -r sum name; do
  if [ ! -f "$from/$name" ]; then
    missing="$missing $name"
  elif command -v sha256sum >/dev/null; then
    found=$(sha256sum "$from/$name")
    [ "${found%% *}" = "$sum" ] || damaged="$damaged $name"
  fi
done <"$start"
[ -z "$missing$damaged" ] ||
  fail "${missing:+missing:$missing; }${damaged:+damaged:$damaged; }copy them to $from again, and run this again"

case $target in */*) parent=${target%/*}/ ;; *) parent=. ;; esac
mkdir -p "$parent" && [ -w "$parent" ] ||
  fail "cannot write in '$parent'. Name a folder elsewhere: sh unpack.sh FOLDER"
if command -v flock >/dev/null; then
  exec 9>"$staging.lock"
  # Other numbers than 1 are of disks that know no locks, as Lustre often.
  flock -n 9 2>/dev/null || [ $? -ne 1 ] ||
    fail "another unpacking into '$target' is going on"
fi
# Until it is whole it has another name, and it goes if it does not get whole.
rm -rf "$staging"
trap 'rm -rf "$staging" "$staging.lock"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
deno=$staging/.venv/bin/deno
mkdir -p "$staging/.venv/bin" "$staging/.cache"
while read -r sum name; do
  case $name in deno.*)
    cat "$from/$name" ||
      fail "cannot join Deno in $staging; is the disk full?"
    ;;
  esac
done <"$start" >"$deno"
chmod 755 "$deno"
"$deno" --version >/dev/null ||
  fail "Deno does not start here. It needs Linux x86-64 with glibc 2.27 or newer and libgcc_s, and a disk that programs may run from; without sha256sum it may also be that one of its parts is damaged: copy them again"

DENO_DIR=$staging/.cache/deno DENO_NO_UPDATE_CHECK=1 \
  "$deno" run --quiet --no-config --no-lock -A \
  "$from/unpack/unpack.ts" "$from" "$staging"
mv "$staging" "$target"
trap - EXIT
rm -f "$staging.lock"
say "unpacked into $target"
exec "$target/ldlab" doctor
