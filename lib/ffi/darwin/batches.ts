/**
 * Many packets a call, which macOS has no public call for: one after the other.
 *
 * @module
 */

import { addressOf } from "./sockaddr.ts";
import { EAGAIN } from "../errno.ts";
import {
  IOVEC,
  MMSGHDR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
} from "../linux/numbers.ts";
import { type Arrival, deliver, Inbox } from "./arrival.ts";
import { sort } from "./ping.ts";
import { sendOne } from "./sending.ts";
import { type Buffer, octetsOf } from "./sockaddr.ts";
import type { Socket } from "./socket.ts";
import type { Symbols } from "./symbols.ts";

/** `sendmmsg`. All that its structs point to is in the buffer they are in. */
export function sendMany(
  symbols: Symbols,
  socket: Socket,
  messages: Buffer,
  count: number,
): number {
  const { buffer, byteOffset } = octetsOf(messages);
  const base = addressOf(buffer);
  const view = new DataView(buffer);
  const pointed = (at: number) => Number(view.getBigUint64(at, true) - base);
  const part = (pointer: number, length: number) =>
    new Uint8Array(buffer, pointed(pointer), view.getUint32(length, true));
  for (let i = 0; i < count; i++) {
    const at = byteOffset + i * MMSGHDR.SIZE;
    const to = part(at + MMSGHDR.NAME, at + MMSGHDR.NAME_LENGTH);
    const iovec = pointed(at + MMSGHDR.IOV);
    const packet = part(iovec + IOVEC.BASE, iovec + IOVEC.LENGTH);
    const sent = sendOne(symbols, socket, packet, MSG_DONTWAIT, to);
    if (sent < 0) return i > 0 ? i : sent;
  }
  return count;
}

let inbox: Inbox | undefined;

/**
 * `recvmmsg`, without waiting. A ping socket is asked for errors first: that
 * call receives, and keeps the replies for the next.
 */
export function receiveMany(
  symbols: Symbols,
  socket: Socket,
  messages: Buffer,
  count: number,
  flags: number,
): number {
  inbox ??= new Inbox();
  const { buffer, byteOffset } = octetsOf(messages);
  const base = addressOf(buffer);
  const isForErrors = (flags & MSG_ERRQUEUE) !== 0;
  const queue = isForErrors ? socket.errors : socket.replies;
  let filled = 0;
  // No more tries than slots, or a flood of what is for others would never end.
  for (let tries = 0; tries < count; tries++) {
    const arrival = socket.isPing && !isForErrors
      ? queue.shift() ?? -EAGAIN
      : inbox.receive(symbols, socket.fd, socket.hasHeader);
    if (typeof arrival === "number") {
      if (arrival !== -EAGAIN && filled === 0) return arrival;
      break;
    }
    if (socket.isPing && isForErrors) sort(arrival, socket);
    else if (socket.passes?.(arrival.bytes) ?? true) fill(arrival);
  }
  for (const error of isForErrors ? queue.splice(0) : []) fill(error);
  return filled > 0 ? filled : -EAGAIN;

  function fill(arrival: Arrival): void {
    const at = byteOffset + filled++ * MMSGHDR.SIZE;
    deliver(arrival, { buffer, at, base, flags: flags & MSG_ERRQUEUE });
  }
}
