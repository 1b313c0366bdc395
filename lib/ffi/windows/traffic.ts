/**
 * Packets out and in, and the way that they take.
 *
 * @module
 */

import type { EchoSocket } from "./echo.ts";
import {
  addDestination,
  addTime,
  Batch,
  complete,
  isWanted,
} from "./messages.ts";
import type { Remembered } from "./options.ts";
import type { pollsOf } from "./polls.ts";
import {
  familyNumber,
  fromWindows,
  toWindows,
  type Winsock,
} from "./winsock.ts";

const EAGAIN = 11;
const EMSGSIZE = 90;
/** What an ICMP error about an earlier packet is told by, of any: nothing. */
const IGNORED = [102, 104];
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const FIONBIO = 0x8004667e | 0;
const MSG_PROBE = 0x10;
const MSG_DONTWAIT = 0x40;
const MSG_ERRQUEUE = 0x2000;
const POLLOUT = 4;
/** Packets looked at in a row that nobody wants. */
const MOST_UNWANTED = 4096;
/** Ways that are remembered. */
const MOST_WAYS = 1000;
const NOWHERE = new Uint8Array(16).fill(AF_INET, 0, 1);

/** What is open, and what it takes to wait and to tell the time. */
interface Open {
  readonly sockets: ReadonlyMap<number, Remembered>;
  readonly echoes: ReadonlyMap<number, EchoSocket>;
  readonly polls: ReturnType<typeof pollsOf>;
  readonly clocks: readonly (() => bigint)[];
}

/**
 * The calls that send and receive.
 *
 * @param told the result of a call, or its error number
 */
export function trafficOf(
  winsock: Winsock,
  told: (result: number) => number,
  { sockets, echoes, polls, clocks }: Open,
) {
  const open = (domain: number, type: number, protocol: number) => {
    const fd = told(winsock.socket(familyNumber(domain), type, protocol));
    if (fd >= 0) winsock.ioctlsocket(BigInt(fd), FIONBIO, Uint32Array.of(1));
    return fd;
  };

  /** Windows lets nobody receive without; an address may be chosen before. */
  const bindToAny = (fd: number) => {
    const socket = sockets.get(fd);
    if (socket === undefined || socket.isBound) return;
    socket.isBound = true;
    winsock.bind(BigInt(fd), NOWHERE, NOWHERE.length);
  };

  /** Asks for the way to an address; the socket's own address is then known. */
  const connected = (address: Uint8Array<ArrayBuffer>) => {
    const own = new Uint8Array(32);
    const fd = open(address[0], SOCK_DGRAM, 0);
    if (fd < 0) return fd;
    const to = toWindows(portGiven(address))!;
    const result = told(winsock.connect(BigInt(fd), to, to.length));
    winsock.getsockname(BigInt(fd), own, Int32Array.of(own.length));
    winsock.closesocket(BigInt(fd));
    return result < 0 ? result : own;
  };
  const ways = new Map<string, Uint8Array>();
  const sourceTo = (destination: Uint8Array) => {
    const key = destination.join();
    const known = ways.get(key);
    if (known !== undefined) return known;
    const address = NOWHERE.slice();
    address.set(destination, 4);
    const own = connected(address);
    const source = typeof own === "number"
      ? NOWHERE.slice(4, 8)
      : own.slice(4, 8);
    if (ways.size >= MOST_WAYS) ways.clear();
    ways.set(key, source);
    return source;
  };

  let identification = 0;
  const transmit = (
    fd: number,
    bytes: Uint8Array<ArrayBuffer>,
    address: Uint8Array<ArrayBuffer> | null,
    flags: number,
  ): number => {
    if (flags & MSG_PROBE) {
      const way = connected(address!);
      return typeof way === "number" ? way : bytes.length;
    }
    const echo = echoes.get(fd);
    if (echo !== undefined) return echo.send(bytes, address!);
    const socket = sockets.get(fd);
    if (socket?.type === SOCK_RAW && socket.protocol !== IPPROTO_RAW) {
      bindToAny(fd);
    }
    if (socket?.hasHeader) {
      identification = identification % 0xffff + 1;
      bytes = complete(bytes, identification, sourceTo);
    }
    const to = toWindows(address);
    const { length } = bytes;
    const send = () =>
      told(winsock.sendto(BigInt(fd), bytes, length, 0, to, to?.length ?? 0));
    const sent = send();
    if (sent !== -EAGAIN || flags & MSG_DONTWAIT || !socket?.blocks) {
      return sent;
    }
    polls.wait(fd, POLLOUT);
    return send();
  };

  const sendmmsg = (
    fd: number,
    messages: Uint8Array<ArrayBuffer>,
    count: number,
    flags: number,
  ) => {
    const batch = new Batch(messages);
    for (let slot = 0; slot < count; slot++) {
      const { packet, name } = batch.at(slot);
      const sent = transmit(fd, packet, name, flags);
      if (sent < 0) return slot || sent;
      batch.done(slot, sent);
    }
    return count;
  };

  /** Receives one wanted packet into a slot; tells how long, or why not. */
  const receive = (fd: number, batch: Batch, slot: number): number => {
    const { packet, name } = batch.at(slot);
    const socket = sockets.get(fd)!;
    for (let tries = 0; tries < MOST_UNWANTED; tries++) {
      const room = Int32Array.of(name.length);
      const { length } = packet;
      const got = told(
        winsock.recvfrom(BigInt(fd), packet, length, 0, name, room),
      );
      if (IGNORED.includes(-got)) continue;
      if (got < 0 && got !== -EMSGSIZE) return got;
      const size = got < 0 ? length : got;
      const whole = packet.subarray(0, size);
      if (!isWanted(socket, whole)) continue;
      fromWindows(name);
      batch.done(slot, size, got < 0);
      addTime(batch, slot, clocks[0]());
      if (socket.packetInfo) addDestination(batch, slot, whole);
      return size;
    }
    return -EAGAIN;
  };

  const recvmmsg = (
    fd: number,
    messages: Uint8Array<ArrayBuffer>,
    count: number,
    flags: number,
  ) => {
    const batch = new Batch(messages);
    const echo = echoes.get(fd);
    if (flags & MSG_ERRQUEUE || echo !== undefined) {
      return echo?.fetch(batch, count, (flags & MSG_ERRQUEUE) !== 0) || -EAGAIN;
    }
    bindToAny(fd);
    for (let slot = 0; slot < count; slot++) {
      const got = receive(fd, batch, slot);
      if (got < 0) return slot || got;
    }
    return count;
  };

  return {
    open,
    bindToAny,
    calls: {
      sendto: (
        fd: number,
        bytes: Uint8Array<ArrayBuffer>,
        length: number,
        flags: number,
        address: Uint8Array<ArrayBuffer> | null,
      ) => transmit(fd, bytes.subarray(0, length), address, flags),
      sendmmsg,
      sendmmsgInBackground: (...call: Parameters<typeof sendmmsg>) =>
        Promise.resolve(sendmmsg(...call)),
      recvmmsg,
    },
  };
}

/** Windows finds no way to port 0; where only the way matters, any will do. */
export function portGiven(
  address: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (address[2] !== 0 || address[3] !== 0) return address;
  const copy = address.slice();
  copy[3] = 9;
  return copy;
}
