/**
 * Sending: what Linux is told, as macOS takes it.
 *
 * @module
 */

import { EACCES, EMSGSIZE } from "../errno.ts";
import * as linux from "../linux/numbers.ts";
import { addressIn } from "./interfaces.ts";
import { MSG_DONTWAIT, SOCK_DGRAM } from "./numbers.ts";
import { mtuOf } from "./options.ts";
import { withIdentifier } from "./ping.ts";
import { sizeOf, toDarwin } from "./sockaddr.ts";
import { Socket } from "./socket.ts";
import type { Symbols } from "./symbols.ts";

/** Port "discard": to connect to port 0 is refused (xnu: in_pcb.c). */
const SOME_PORT = 9;

/** Sends one packet, or asks whether it would be sent (`MSG_PROBE`). */
export function sendOne(
  symbols: Symbols,
  socket: Socket,
  packet: Uint8Array<ArrayBuffer>,
  flags: number,
  to: Uint8Array,
): number {
  if (flags & linux.MSG_PROBE) {
    return probe(symbols, socket, packet.length, to);
  }
  // macOS' raw sockets need no leave for broadcasts.
  if (isRefusedBroadcast(socket, to)) return -EACCES;
  const bytes = socket.headerIncluded
    ? withHostOrder(packet)
    : socket.isPing
    ? withIdentifier(packet, socket)
    : packet;
  const mayWait = socket.isBlocking && (flags & linux.MSG_DONTWAIT) === 0;
  return symbols.sendto(
    socket.fd,
    bytes,
    bytes.length,
    mayWait ? 0 : MSG_DONTWAIT,
    toDarwin(to),
    to.length,
  );
}

/**
 * A copy of a packet with its own header, whose length and fragment's place are
 * in the order of the machine (xnu: raw_ip.c, rip_output).
 */
export function withHostOrder(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = packet.slice();
  if (copy.length < 20) return copy;
  const view = new DataView(copy.buffer);
  for (const at of [2, 6]) view.setUint16(at, view.getUint16(at), true);
  return copy;
}

/** Connects a socket, as Linux would: a broadcast address only with leave. */
export function connect(
  symbols: Symbols,
  socket: Socket,
  to: Uint8Array,
): number {
  if (isRefusedBroadcast(socket, to)) return -EACCES;
  const sockaddr = toDarwin(to);
  const view = new DataView(sockaddr.buffer);
  if (view.getUint16(linux.SOCKADDR_PORT) === 0) {
    view.setUint16(linux.SOCKADDR_PORT, SOME_PORT);
  }
  return symbols.connect(socket.fd, sockaddr, sockaddr.length);
}

function isRefusedBroadcast(socket: Socket, to: Uint8Array): boolean {
  return socket.isIPv4 && !socket.allowsBroadcast &&
    socket.interfaces.broadcasts.has(addressIn(to, socket.family));
}

/** What `MSG_PROBE` tells, found out by a UDP socket that sends nothing. */
function probe(
  symbols: Symbols,
  socket: Socket,
  length: number,
  to: Uint8Array,
): number {
  const { family, allowsBroadcast, headerIncluded } = socket;
  const fd = symbols.socket(family, SOCK_DGRAM, 0);
  if (fd < 0) return fd;
  const asking = new Socket(symbols, fd, family, SOCK_DGRAM, 0);
  asking.allowsBroadcast = allowsBroadcast;
  try {
    const connected = connect(symbols, asking, to.subarray(0, sizeOf(family)));
    if (connected < 0) return connected;
    return headerIncluded && length > mtuOf(symbols, asking)
      ? -EMSGSIZE
      : length;
  } finally {
    symbols.close(fd);
  }
}
