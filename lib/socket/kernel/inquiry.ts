/**
 * Asking the kernel something that takes a socket, but no packet.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from "../../ffi/linux/numbers.ts";
import type { Family } from "../../wire/address.ts";
import { check } from "../errors.ts";
import { inNamespace } from "./namespace.ts";

/**
 * Opens a UDP socket, which needs no privilege.
 *
 * @returns its descriptor
 * @throws {SocketError} if there is no socket to be had
 */
export function openUDP(
  family: Family,
  namespace: string | undefined,
  action: string,
): number {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const open = () => {
    const fd = libc().socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return check(fd, "socket", action);
  };
  return namespace === undefined ? open() : inNamespace(namespace, open);
}

/**
 * Opens a UDP socket, and closes it after `ask`.
 *
 * @param namespace the network namespace to ask in
 * @param action what is being done, for errors: `find a route to 1.1.1.1`
 * @throws {SocketError} if there is no socket to be had
 */
export function inquire<T>(
  family: Family,
  namespace: string | undefined,
  action: string,
  ask: (fd: number) => T,
): T {
  const fd = openUDP(family, namespace, action);
  try {
    return ask(fd);
  } finally {
    libc().close(fd);
  }
}
