/**
 * How long a packet the first link of a route takes.
 *
 * @module
 */

import { EMSGSIZE } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { IPPROTO_RAW, MSG_PROBE, SOCK_RAW } from "../../ffi/linux/numbers.ts";
import type { Family } from "../../wire/address.ts";
import { check } from "../errors.ts";
import { toSockaddr } from "./sockaddr.ts";
import { openSocket, type SocketOptions } from "./socket_options.ts";

/** Octets of the longest packet that any IP header can tell the length of. */
const MAX_PACKET = 65_535;
/** What every link of a family takes (RFC 791 §3.2, RFC 8200 §5). */
export const MIN_MTU = { 4: 68, 6: 1280 } as const;

/**
 * Asks the kernel for the MTU of the link that packets to a destination leave
 * by, whatever it has learnt of the path behind. Sends nothing: the kernel is
 * asked whether it would take packets of some length (`MSG_PROBE`).
 *
 * @returns octets of the longest packet, 65,535 at most
 * @throws {SocketError} if no route leads there, or raw sockets are not
 * permitted
 */
export function linkMTU(
  destination: string,
  family: Family,
  options: Pick<SocketOptions, "device" | "namespace">,
): number {
  const socket = { ...options, protocol: IPPROTO_RAW, headerIncluded: true };
  const fd = openSocket(SOCK_RAW, { ...socket, family, ignorePathMTU: true });
  try {
    const sockaddr = toSockaddr(destination, family, fd);
    const packet = new Uint8Array(MAX_PACKET);
    const fits = (length: number) => {
      const { sendto } = libc();
      const size = sockaddr.length;
      const sent = sendto(fd, packet, length, MSG_PROBE, sockaddr, size);
      if (sent === -EMSGSIZE) return false;
      check(sent, "sendto", `ask for the MTU towards ${destination}`);
      return true;
    };
    let [low, high]: [number, number] = [MIN_MTU[family], MAX_PACKET];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  } finally {
    libc().close(fd);
  }
}
