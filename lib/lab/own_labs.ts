/**
 * The labs that an ordinary user has in user namespaces, seen from outside of
 * these: by what `/run` is to the user's own processes.
 *
 * @module
 */

import { listFolder, readKernelLink } from "../socket/kernel/kernel_file.ts";
import { SYSTEM_PATH, tryProgram } from "./command.ts";
import { HOST_FOLDERS } from "./host_folder.ts";
import { type LivingNamespace, livingNamespaces } from "./names.ts";

/** What is in one `/run`. */
export interface OwnRun {
  /** A process that has it, by which it can be entered. */
  readonly pid: number;
  readonly namespaces: readonly LivingNamespace[];
  /** The names of the folders of hosts. */
  readonly folders: readonly string[];
}

/** Those with labs, of this user's, but not this process's own. */
export function ownRuns(): OwnRun[] {
  const seen = new Set([readKernelLink("/proc/self/ns/mnt")]);
  return listFolder("/proc").filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const mounts = readKernelLink(`/proc/${pid}/ns/mnt`);
      // Another user's, or gone.
      if (mounts === undefined || seen.has(mounts)) return [];
      seen.add(mounts);
      const root = `/proc/${pid}/root`;
      const namespaces = livingNamespaces(listFolder(`${root}/run/netns`));
      const folders = listFolder(root + HOST_FOLDERS);
      return namespaces.length === 0
        ? []
        : [{ pid: Number(pid), namespaces, folders }];
    });
}

/** In the folder `$0`, and in no host of a lab, whichever the process is in. */
const ENTER = `cd "$0" || exit
path=$PATH; PATH=${SYSTEM_PATH}
exec unshare --net /bin/sh -c 'PATH=$0; exec "$@"' "$path" "$@"`;

/** Whether a process can be entered still, which a lab that ends takes along. */
export async function isThere(pid: number): Promise<boolean> {
  return await tryProgram("nsenter", [...into(pid), "true"]) !== undefined;
}

/** A command that runs `command` in a process's user namespace, and `/run`. */
export function besideProcess(
  pid: number,
  command: readonly string[],
): string[] {
  const folder = readKernelLink("/proc/self/cwd") ?? "/";
  return [
    ...["nsenter", ...into(pid)],
    ...["/bin/sh", "-c", ENTER, folder, ...command],
  ];
}

/** nsenter's options. */
function into(pid: number): string[] {
  return [`--target=${pid}`, "--user", "--mount", "--preserve-credentials"];
}
