#!/usr/bin/env bash
# Makes what the tests of Windows need, in a folder that later runs find again:
# Debian trixie with Wine, whose server takes any raw protocol, and Deno for
# Windows. 2 GB; some minutes the first time.
set -euo pipefail
cache=${RAW4_WINE:-/var/cache/raw4-wine}
root=$cache/root
deno=2.9.6
ready=$cache/ready-1-$deno
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
test -e "$ready" && exit
rm -rf "$cache"
mkdir -p "$cache"
log=$cache/log
trap 'tail -n 20 "$log" >&2' ERR

inside() {
  unshare --mount --net --pid --fork --kill-child \
    --mount-proc="$root/proc" chroot "$root" "$@"
}

{
  apt-get install -y -qq --no-install-recommends debootstrap
  # From where this machine has its own packages.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' |
    grep --max-count=1 '/debian/$')
  debootstrap --variant=minbase trixie "$root" "$mirror"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" apt-get install -y -qq --no-install-recommends wine64 wine
  chroot "$root" apt-get clean
  echo "127.0.0.1 localhost" >"$root/etc/hosts"
} >>"$log" 2>&1

# Its server knows seven raw protocols, and Windows all: a number above 41 that
# is not 255 shall stand for itself (get_unix_protocol in server/sock.c).
perl -0777 -pi -e '
  $found = s/(\x81\xfd\xff\0\0\0)\x0f\x85....\x41\xbc\xff\0\0\0/$1\x41\x89\xec\x90\x90\x90\x90\x90\x90\x90\x90\x90/s;
  END { $? = $found ? 0 : 1 }' "$root/usr/lib/wine/wineserver64" || {
  echo "this Wine is not the one whose server can be mended" >&2
  exit 1
}

{
  (cd "$cache" && npm pack --silent "@deno/win32-x64@$deno" &&
    tar -xzf deno-win32-x64-*.tgz && rm deno-win32-x64-*.tgz)
  mv "$cache/package/deno.exe" "$root/deno.exe"
  rm -r "$cache/package"
  mknod -m 666 "$root/dev/null" c 1 3 || true
  inside env HOME=/root WINEDEBUG=-all XDG_RUNTIME_DIR=/tmp \
    WINEDLLOVERRIDES=mscoree,mshtml= \
    sh -c "wine wineboot -i; /usr/lib/wine/wineserver -w"
} >>"$log" 2>&1
touch "$ready"
