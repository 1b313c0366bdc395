/**
 * Sockets inside other network namespaces.
 *
 * `setns` acts on the calling thread alone, and a socket stays in the
 * namespace that it was made in. So one process can hold sockets of several
 * hosts, and is back in its own namespace before anything else runs.
 *
 * @module
 */

import { libc, toCString } from "../../ffi/libc.ts";
import { CLONE_NEWNET, O_CLOEXEC, O_RDONLY } from "../../ffi/linux/numbers.ts";
import { check } from "../errors.ts";
import { requireSupport } from "../system/support.ts";

/**
 * Runs `action` inside the network namespace `name`, as `ip netns` names it.
 * `action` must be synchronous.
 *
 * @throws {RangeError} if `name` is no name of a namespace
 * @throws {SocketError} if there is none, or entering it is not permitted
 */
export function inNamespace<T>(name: string, action: () => T): T {
  if (!/^[^/\0]+$/.test(name) || name === "." || name === "..") {
    throw new RangeError(
      `not the name of a network namespace: ${JSON.stringify(name)}`,
    );
  }
  requireSupport("labs");
  const own = open("/proc/thread-self/ns/net", "this process");
  try {
    const other = open(`/run/netns/${name}`, JSON.stringify(name));
    try {
      enter(other, JSON.stringify(name));
    } finally {
      libc().close(other);
    }
    try {
      return action();
    } finally {
      enter(own, "this process, again");
    }
  } finally {
    libc().close(own);
  }
}

function open(path: string, whose: string): number {
  return check(
    libc().open(toCString(path), O_RDONLY | O_CLOEXEC),
    "open",
    `find the network namespace of ${whose}`,
  );
}

function enter(fd: number, whose: string): void {
  check(
    libc().setns(fd, CLONE_NEWNET),
    "setns",
    `enter the network namespace of ${whose}`,
  );
}
