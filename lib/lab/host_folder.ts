/**
 * The folder of a host that commands run in, as `lab.ts run` makes it: with the
 * first of these, when all of the lab is there, until the lab ends. tmux has its
 * socket in it, which would otherwise lead to a session outside; and it tells
 * others that they may join.
 *
 * @module
 */

import { listFolder } from "../socket/kernel/kernel_file.ts";
import { SYSTEM_PATH, tryProgram } from "./command.ts";

/** Where they are; `/run/netns` has the hosts' names, and nothing else. */
export const HOST_FOLDERS = "/run/raw4";

/** Prepares a host's command: `$1` the host, `$2` its folder, then the command. */
const ENTER = `path=$PATH; PATH=${SYSTEM_PATH}
export RAW4_HOST="$1" TMUX_TMPDIR="$2" PS1="$1# "
unset TMUX TMUX_PANE
shift 2
mkdir -p "$TMUX_TMPDIR"
exec unshare --uts /bin/sh -c '{
  hostname "$RAW4_HOST" || echo "$RAW4_HOST" >/proc/sys/kernel/hostname
} 2>/dev/null
PATH=$1; shift
command -v -- "$1" >/dev/null || { echo "lab: $1: not found" >&2; exit 127; }
exec "$@"' sh "$path" "$@"`;

/**
 * A command that runs `command` on a terminal of a host's: its hostname, its
 * prompt and `RAW4_HOST` say which one it is.
 *
 * @param namespace the host's
 */
export function onHost(
  host: string,
  namespace: string,
  command: readonly string[],
): string[] {
  const folder = `${HOST_FOLDERS}/${namespace}`;
  return ["/bin/sh", "-c", ENTER, "sh", host, folder, ...command];
}

/** Removes the folders of hosts, as far as they are there. */
export async function removeHostFolders(
  namespaces: readonly string[],
): Promise<void> {
  const there = listFolder(HOST_FOLDERS)
    .filter((name) => namespaces.includes(name))
    .map((name) => `${HOST_FOLDERS}/${name}`);
  if (there.length === 0) return;
  const remove = `PATH=${SYSTEM_PATH}; rm -rf "$@"; rmdir ${HOST_FOLDERS}`;
  await tryProgram("nsenter", ["/bin/sh", "-c", remove, "sh", ...there]);
}
