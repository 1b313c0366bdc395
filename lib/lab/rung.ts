/**
 * Where a lab can be had on this machine, tried from the best on down.
 *
 * @module
 */

import { SYSTEM_PATH, tryProgram } from "./command.ts";
import { namespaceName } from "./names.ts";
import { thisProcess } from "./process.ts";

/**
 * How far up a lab can be had:
 *
 * - `namespaces`: network namespaces, made directly.
 * - `user-namespace`: the same, inside a user namespace of one's own; the
 *   program has to be started anew by {@linkcode inUserNamespace}.
 * - `none`: neither is permitted, or iproute2 is missing.
 */
export type Rung = "namespaces" | "user-namespace" | "none";

/** Tries what is permitted, and leaves nothing behind. */
export async function findRung(): Promise<Rung> {
  // Named as a lab's, so that it is removed even if this process is killed.
  const name = namespaceName("probe", "x", thisProcess());
  if (await tryProgram("ip", ["netns", "add", name]) !== undefined) {
    await tryProgram("ip", ["netns", "delete", name]);
    return "namespaces";
  }
  const probe = inUserNamespace(["ip", "netns", "add", name]);
  return await tryProgram(probe[0], probe.slice(1)) === undefined
    ? "none"
    : "user-namespace";
}

/** What to do where there is no rung to stand on. */
export const NO_LAB_REMEDY =
  "Install iproute2 and util-linux, and be root or allow user namespaces " +
  "(sysctl user.max_user_namespaces, and on Ubuntu " +
  "kernel.apparmor_restrict_unprivileged_userns=0).";

/**
 * A command that runs `command` as root of a user namespace of its own, with
 * networks that nobody else sees. All of it is gone when the command ends.
 */
export function inUserNamespace(command: readonly string[]): string[] {
  // `ip netns` keeps names in /run, which is the real root's.
  const prepare = `path=$PATH; PATH=${SYSTEM_PATH}; ` +
    "mount -t tmpfs tmpfs /run && ip link set lo up && " +
    'PATH=$path && exec "$@"';
  return [
    "unshare",
    "--user",
    "--map-root-user",
    "--net",
    "--mount",
    "/bin/sh",
    "-c",
    prepare,
    "sh",
    ...command,
  ];
}
