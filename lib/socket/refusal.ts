/**
 * Why a packet is refused: by the kernel, one of whose error numbers may stand for
 * two reasons, or before it is asked.
 *
 * @module
 */

import type { PacketPart } from "../wire/packet/build.ts";
import type { PacketLayer } from "../wire/packet/protocol.ts";
import { EACCES, EINVAL } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { MSG_PROBE } from "../ffi/linux/numbers.ts";
import type { Family } from "../wire/address.ts";
import {
  SocketBroadcastError,
  SocketError,
  socketError,
  type SocketFailure,
  SocketPermissionError,
} from "./errors.ts";
import {
  BLACKHOLE,
  LONG_HEADER,
  PROHIBITED,
  ZONE_MISSING,
} from "./system/remedies.ts";
import { type RouteOptions, routeTo } from "./kernel/route.ts";
import { fromSockaddr, lacksZone } from "./kernel/sockaddr.ts";
import { allowsBroadcast, setBroadcast } from "./kernel/socket_options.ts";

/** An echo request, since a ping socket takes nothing else. */
const ECHO = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0);

/**
 * The error for a packet that a socket was not let send.
 *
 * @param sockaddr where it went
 * @param place where the socket is
 */
export function sendError(
  fd: number,
  family: Family,
  sockaddr: Uint8Array<ArrayBuffer>,
  place: RouteOptions,
  failure: SocketFailure,
): SocketError {
  if (failure.errno !== EACCES) {
    return otherError(fromSockaddr(sockaddr, 0, family), place, failure);
  }
  return accessError(failure, family === 4 && wantsBroadcast(fd, sockaddr));
}

/**
 * The same for a socket that other threads send from meanwhile, and that none
 * may allow broadcasts for a moment: the kernel is asked for the way.
 *
 * @param destination where it went
 */
export function sendErrorTo(
  destination: string,
  options: RouteOptions,
  failure: SocketFailure,
): SocketError {
  if (failure.errno !== EACCES) {
    return otherError(destination, options, failure);
  }
  try {
    return accessError(failure, routeTo(destination, options).isBroadcast);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    return accessError(failure, false);
  }
}

function otherError(
  destination: string,
  place: RouteOptions,
  failure: SocketFailure,
): SocketError {
  if (failure.errno !== EINVAL) return socketError(failure);
  const remedy = lacksZone(destination, place)
    ? ZONE_MISSING
    : `${BLACKHOLE} ${LONG_HEADER}`;
  return socketError({ ...failure, remedy });
}

function accessError(
  failure: SocketFailure,
  isBroadcast: boolean,
): SocketError {
  return isBroadcast
    ? new SocketBroadcastError(failure)
    : new SocketPermissionError({ ...failure, remedy: PROHIBITED });
}

/**
 * Whether a socket would be let send there, were it allowed broadcasts. If not
 * it is a route that prohibits it. Sends nothing.
 */
function wantsBroadcast(
  fd: number,
  sockaddr: Uint8Array<ArrayBuffer>,
): boolean {
  if (allowsBroadcast(fd)) return false;
  setBroadcast(fd, true);
  try {
    const { length } = sockaddr;
    const sent = libc().sendto(fd, ECHO, 8, MSG_PROBE, sockaddr, length);
    return sent !== -EACCES;
  } finally {
    setBroadcast(fd, false);
  }
}

/**
 * Asserts that a payload begins with what the header announces, if it begins
 * with a layer; octets and text may be anything.
 *
 * @throws {TypeError} if it does not
 */
export function checkAnnounced(
  packet: PacketPart | readonly PacketPart[],
  protocol: number | undefined,
): void {
  const first = Array.isArray(packet) ? packet[0] : packet;
  const { protocol: layer, ipProtocol } = first as Partial<PacketLayer>;
  if (protocol === undefined || ipProtocol === undefined) return;
  if (ipProtocol === protocol) return;
  const what = `cannot send ${layer}(…) first on a socket for protocol ` +
    `${protocol}: the kernel puts an IP header before it`;
  throw new TypeError(
    layer === "ipv4" || layer === "ipv6"
      ? `${what}, and this would be a second one; leave it out, or open the ` +
        "socket with headerIncluded: true"
      : `${what} that announces protocol ${protocol}, but it is protocol ` +
        `${ipProtocol}; open the socket with protocol: ${ipProtocol}`,
  );
}
