/**
 * The system that this is: what it has, and its sockets, for which another's
 * file is not even read. A bundle has the file of its own system in this one's
 * place, and no other's.
 *
 * @module
 */

import { type Libc, openLibc as openLinux } from "./linux/libc.ts";
import { system as linux } from "./linux/system.ts";
import type { System } from "./system.ts";
import { systemCalled } from "./systems.ts";

const { os } = Deno.build;

/** One that raw4 does not know is said to be so where a socket is opened. */
export const system: System = systemCalled(os) ?? { ...linux, os, name: os };

/** Opens libc, or what answers to its names. */
export const openLibc: () => Libc = os === "linux"
  ? openLinux
  : os === "windows"
  ? (await import("./windows/libc.ts")).openLibc
  : os === "darwin"
  ? (await import("./darwin/libc.ts")).openLibc
  : unknown;

function unknown(): never {
  throw new Deno.errors.NotSupported(
    `raw4 does not know the sockets of ${os}`,
  );
}
