/**
 * Socket options: Linux' numbers, and what Windows has in their stead.
 *
 * @module
 */

import type { Winsock } from "./winsock.ts";

/** What a socket was told, and Windows was not. */
export interface Remembered {
  readonly type: number;
  readonly protocol: number;
  /** Whether `send` and others may wait. */
  blocks: boolean;
  /** Whether what it sends begins with an IP header. */
  hasHeader: boolean;
  /** Whether it is to be told where packets went. */
  packetInfo: boolean;
  /** One bit for each ICMP type that it does not want (ICMP_FILTER). */
  icmpMask: number;
  isBound: boolean;
  passes?: (packet: Uint8Array) => boolean;
}

const SOL_SOCKET = 0xffff;
const IPPROTO_IPV6 = 41;

/** Linux' level and number, and those that Windows knows the option by. */
const OPTIONS: Readonly<Record<string, readonly [number, number]>> = {
  "1,6": [SOL_SOCKET, 0x20], // SO_BROADCAST
  "1,7": [SOL_SOCKET, 0x1001], // SO_SNDBUF
  "1,8": [SOL_SOCKET, 0x1002], // SO_RCVBUF
  "1,32": [SOL_SOCKET, 0x1001], // SO_SNDBUFFORCE
  "1,33": [SOL_SOCKET, 0x1002], // SO_RCVBUFFORCE
  "0,1": [0, 3], // IP_TOS
  "0,2": [0, 4], // IP_TTL
  "0,3": [0, 2], // IP_HDRINCL
  "0,33": [0, 10], // IP_MULTICAST_TTL
  "41,16": [IPPROTO_IPV6, 4], // IPV6_UNICAST_HOPS
  "41,18": [IPPROTO_IPV6, 10], // IPV6_MULTICAST_HOPS
};

/** Options that Windows needs not be told: what they ask for is done anyway. */
const GRANTED = new Set([
  "1,35", // SO_TIMESTAMPNS
  "0,10", // IP_MTU_DISCOVER: it sets "don't fragment" by itself nowhere
  "0,11", // IP_RECVERR
  "0,12", // IP_RECVTTL
  "0,22", // IP_NODEFRAG
]);
const IP_HDRINCL = "0,3";
const IP_PKTINFO = "0,8";
const ICMP_FILTER = "255,1";
/** Asked for, and answered here: SO_MEMINFO, and PMTUDISC_DONT. */
const ZEROS = new Set(["1,55", "0,10", "41,23"]);
const ENOPROTOOPT = 92;

function words(value: BufferSource): DataView {
  return ArrayBuffer.isView(value)
    ? new DataView(value.buffer, value.byteOffset, value.byteLength)
    : new DataView(value);
}

/** Sets an option; tells whether Windows was to be asked, and it failed. */
export function setOption(
  { setsockopt }: Winsock,
  fd: number,
  socket: Remembered,
  option: string,
  value: BufferSource,
): boolean | number {
  const number = words(value).getInt32(0, true);
  if (GRANTED.has(option)) return true;
  if (option === IP_PKTINFO) socket.packetInfo = number !== 0;
  else if (option === ICMP_FILTER) socket.icmpMask = number;
  else {
    const own = OPTIONS[option];
    if (own === undefined) return -ENOPROTOOPT;
    if (option === IP_HDRINCL) socket.hasHeader = number !== 0;
    return setsockopt(BigInt(fd), ...own, value, 4) === 0;
  }
  return true;
}

/** Reads an option; tells whether Windows was to be asked, and it failed. */
export function getOption(
  { getsockopt }: Winsock,
  fd: number,
  option: string,
  value: BufferSource,
  length: BufferSource,
): boolean | number {
  if (ZEROS.has(option)) return true;
  const own = OPTIONS[option];
  if (own === undefined) return -ENOPROTOOPT;
  return getsockopt(BigInt(fd), ...own, value, length) === 0;
}
