/**
 * The options of a raw socket, and how the kernel is told them.
 *
 * @module
 */

import { EPERM } from "../ffi/errno.ts";
import { errno, libc, toCString } from "../ffi/libc.ts";
import {
  IFREQ,
  IP_HDRINCL,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HDRINCL,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
} from "../ffi/linux.ts";
import type { Family } from "../wire/address.ts";
import { checkRange } from "../wire/errors.ts";
import { check, socketError } from "./errors.ts";
import { checkAddress, toSockaddr } from "./sockaddr.ts";

/** What a raw socket shall be. */
export interface RawSocketOptions {
  /**
   * The IP protocol number to send and to receive, 1–255. 255 receives
   * nothing, and goes with `headerIncluded`.
   */
  readonly protocol: number;
  /** Default 4. */
  readonly family?: Family;
  /** What is sent begins with its own IP header (IP_HDRINCL); default false. */
  readonly headerIncluded?: boolean;
  /** Send from, and receive for, this address of this host only. */
  readonly bindAddress?: string;
  /** Send and receive by this interface only, such as `eth0`. */
  readonly device?: string;
  /** Open it inside this network namespace, as `ip netns` names it. */
  readonly namespace?: string;
  /** Allow broadcast addresses as destinations; default false. */
  readonly broadcast?: boolean;
  /** Time to live, or IPv6 hop limit, 1–255; default the system's, 64. */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
  /** Room for packets not yet received, in octets; default the system's. */
  readonly receiveBufferBytes?: number;
  /** Room for packets not yet on the wire, in octets; default the system's. */
  readonly sendBufferBytes?: number;
  /** Octets kept of each received packet, 1–65,535; default 65,535. */
  readonly snapLength?: number;
}

/**
 * @throws {RangeError} if an option is out of range
 */
export function checkOptions(options: RawSocketOptions): void {
  const ranges = {
    protocol: [0, 255],
    ttl: [1, 255],
    trafficClass: [0, 255],
    receiveBufferBytes: [1, MAX_BUFFER_BYTES],
    sendBufferBytes: [1, MAX_BUFFER_BYTES],
    snapLength: [1, 65_535],
  } as const;
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const value = options[name as keyof typeof ranges];
    if (value !== undefined) checkRange(name, value, min, max);
  }
  const { family = 4, device, bindAddress } = options;
  if (family !== 4 && family !== 6) {
    throw new RangeError(`family must be 4 or 6, but is ${family}`);
  }
  if (device !== undefined) checkDevice(device);
  if (bindAddress !== undefined) checkAddress(bindAddress, family);
}

/** The kernel would take "" for any interface, and cut off what is too long. */
function checkDevice(device: string): void {
  const length = new TextEncoder().encode(device).length;
  if (length > 0 && length < IFREQ.NAME_SIZE && !device.includes("\0")) return;
  throw new RangeError(
    `device must be an interface's name of 1 to ${IFREQ.NAME_SIZE - 1} ` +
      `octets, but is ${JSON.stringify(device)}`,
  );
}

/** The kernel counts twice what is asked for, in a signed 32-bit number. */
const MAX_BUFFER_BYTES = 2 ** 30 - 1;

/** Which option of the IP level does what, by family. */
const IP_LEVEL = {
  4: {
    level: IPPROTO_IP,
    packetInfo: IP_PKTINFO,
    headerIncluded: IP_HDRINCL,
    ttl: IP_TTL,
    trafficClass: IP_TOS,
  },
  6: {
    level: IPPROTO_IPV6,
    packetInfo: IPV6_RECVPKTINFO,
    headerIncluded: IPV6_HDRINCL,
    ttl: IPV6_UNICAST_HOPS,
    trafficClass: IPV6_TCLASS,
  },
} as const;

/**
 * Tells the kernel the options of a socket just made.
 *
 * @throws {SocketError} if it refuses one
 */
export function configure(
  fd: number,
  family: Family,
  options: RawSocketOptions,
): void {
  const ip = IP_LEVEL[family];
  const set = (level: number, name: number, value: number, what: string) =>
    setOption(fd, level, name, Int32Array.of(value), what);
  set(SOL_SOCKET, SO_TIMESTAMPNS, 1, "ask for the kernel's time stamps");
  set(ip.level, ip.packetInfo, 1, "ask for the interface of each packet");
  if (options.headerIncluded) {
    set(
      ip.level,
      ip.headerIncluded,
      1,
      "include the IP header in what is sent",
    );
  }
  if (options.broadcast) {
    set(SOL_SOCKET, SO_BROADCAST, 1, "allow broadcasts");
  }
  if (options.ttl !== undefined) {
    set(ip.level, ip.ttl, options.ttl, `set the TTL to ${options.ttl}`);
  }
  if (options.trafficClass !== undefined) {
    set(
      ip.level,
      ip.trafficClass,
      options.trafficClass,
      `set the traffic class to ${options.trafficClass}`,
    );
  }
  if (options.receiveBufferBytes !== undefined) {
    setBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, options.receiveBufferBytes);
  }
  if (options.sendBufferBytes !== undefined) {
    setBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options.sendBufferBytes);
  }
  if (options.device !== undefined) {
    setOption(
      fd,
      SOL_SOCKET,
      SO_BINDTODEVICE,
      toCString(options.device),
      `use the interface ${JSON.stringify(options.device)}`,
    );
  }
  if (options.bindAddress !== undefined) {
    const sockaddr = toSockaddr(options.bindAddress, family, fd);
    check(
      libc().bind(fd, sockaddr, sockaddr.length),
      "bind",
      `bind to ${options.bindAddress}`,
    );
  }
}

/** Beyond the system's limit where root may, up to it otherwise. */
function setBuffer(
  fd: number,
  force: number,
  limited: number,
  octets: number,
): void {
  const value = Int32Array.of(octets);
  if (libc().setsockopt(fd, SOL_SOCKET, force, value, 4) >= 0) return;
  const action = `set a buffer of ${octets} octets`;
  const number = errno();
  if (number !== EPERM) {
    throw socketError({ syscall: "setsockopt", errno: number, action });
  }
  setOption(fd, SOL_SOCKET, limited, value, action);
}

function setOption(
  fd: number,
  level: number,
  name: number,
  value: Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
  action: string,
): void {
  check(
    libc().setsockopt(fd, level, name, value, value.byteLength),
    "setsockopt",
    action,
  );
}
