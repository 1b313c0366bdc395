#!/usr/bin/env bash
# Runs a bundle on Windows' Deno, under Wine, in this network namespace:
# run.sh FOLDER NAME.js ARGUMENT... (or NAME.cmd, as Windows starts it). What it
# writes outside of FOLDER is gone when it ends. With RAW4_ORDINARY set it is no
# administrator, who may open raw sockets.
set -euo pipefail
cache=${RAW4_WINE:-/var/cache/raw4-wine}
if [ "${1-}" != --inside ]; then
  # Its sockets are those of a server of its own, which ends with it.
  exec unshare --mount --pid --fork --kill-child "$0" --inside "$@"
fi
folder=$(realpath "$2")
name=$3
shift 3
# The same for all, each of which sees its own there.
top=$cache/top
mkdir -p "$top"
mount -t tmpfs tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/root"
root=$top/root
mount -t overlay overlay "$root" \
  -o "lowerdir=$cache/root,upperdir=$top/upper,workdir=$top/work"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir "$root/dist"
mount --bind "$folder" "$root/dist"
case $name in
*.cmd) command=(cmd /c "Z:\\dist\\$name") ;;
*) command=('Z:\deno.exe' run --quiet --allow-ffi "Z:\\dist\\$name") ;;
esac
exec chroot "$root" ${RAW4_ORDINARY:+setpriv --bounding-set=-net_raw} env -i PATH=/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 WINEPATH='Z:\' \
  NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 WINEDEBUG=-all XDG_RUNTIME_DIR=/tmp \
  WINEDLLOVERRIDES=mscoree,mshtml= wine "${command[@]}" "$@"
