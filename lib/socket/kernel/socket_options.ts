/**
 * The options of a socket, and how the kernel is told them.
 *
 * @module
 */

import { EACCES, EPERM } from "../../ffi/errno.ts";
import { libc, toCString } from "../../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  ICMP_FILTER,
  IFREQ,
  IP_HDRINCL,
  IP_MTU_DISCOVER,
  IP_MULTICAST_TTL,
  IP_NODEFRAG,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPV6_HDRINCL,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_HOPS,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  PMTUDISC_PROBE,
  SK_MEMINFO_WORDS,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_MEMINFO,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_TIMESTAMPNS,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_RAW,
  SOL_SOCKET,
} from "../../ffi/linux/numbers.ts";
import { supports } from "../../ffi/supports.ts";
import type { Family } from "../../wire/address.ts";
import { checkRange } from "../../wire/errors.ts";
import type { ValueType } from "../../wire/shape.ts";
import { check, socketError } from "../errors.ts";
import { REPLIES_AND_ERRORS } from "../filter/icmp_filter.ts";
import { PING_REMEDY } from "../system/remedies.ts";
import { requireSupport } from "../system/support.ts";
import { inNamespace } from "./namespace.ts";
import { checkAddress, toSockaddr } from "./sockaddr.ts";

/**
 * What a socket shall be.
 *
 * @category Sockets
 */
export interface SocketOptions {
  /** Default 4. */
  readonly family?: Family;
  /** Send from, and receive for, this address of this host only. */
  readonly bindAddress?: string;
  /** Send and receive by this interface only, such as `eth0`. */
  readonly device?: string;
  /** Open it inside this network namespace, as `ip netns` names it. */
  readonly namespace?: string;
  /** Allow broadcast addresses as destinations; default false. */
  readonly broadcast?: boolean;
  /**
   * Time to live, or IPv6 hop limit, 1–255; default the system's, 64, and 1 to
   * multicast addresses.
   */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
  /** Room for packets not yet received, in octets; default the system's. */
  readonly receiveBufferBytes?: number;
  /** Room for packets not yet on the wire, in octets; default the system's. */
  readonly sendBufferBytes?: number;
  /** Octets kept of each received packet, 1–65,535; default 65,535. */
  readonly snapLength?: number;
  /**
   * Whether more than 100 packets a second, of all that this process sends, may
   * go to public addresses; default false. In a lab they always may.
   */
  readonly allowPublic?: boolean;
}

/** Their names, by which a misspelt one is refused. */
export const SOCKET_FIELDS = {
  family: "number",
  bindAddress: "text",
  device: "text",
  namespace: "text",
  broadcast: "flag",
  ttl: "number",
  trafficClass: "number",
  receiveBufferBytes: "number",
  sendBufferBytes: "number",
  snapLength: "number",
  allowPublic: "flag",
} as const satisfies Record<keyof SocketOptions, ValueType>;

/** The options that the kinds of sockets add. */
interface InternalOptions extends SocketOptions {
  readonly protocol: number;
  readonly headerIncluded?: boolean;
  readonly ignorePathMTU?: boolean;
}

/**
 * Makes a socket and tells the kernel its options.
 *
 * @param type `SOCK_RAW` or `SOCK_DGRAM`
 * @returns its descriptor
 * @throws {RangeError} if an option is out of range
 * @throws {SocketError} if the system refuses
 */
export function openSocket(type: number, options: InternalOptions): number {
  checkOptions(type, options);
  const { family = 4, protocol, namespace } = options;
  const domain = family === 4 ? AF_INET : AF_INET6;
  const open = () => {
    const fd = libc().socket(domain, type | SOCK_CLOEXEC, protocol);
    if (fd >= 0) return fd;
    const isPing = type !== SOCK_RAW;
    throw socketError({
      syscall: "socket",
      errno: -fd,
      action: isPing
        ? "open a ping socket"
        : `open a raw socket for protocol ${protocol}`,
      remedy: isPing && fd === -EACCES ? PING_REMEDY : undefined,
    });
  };
  const fd = namespace === undefined ? open() : inNamespace(namespace, open);
  try {
    configure(fd, type, family, options);
    return fd;
  } catch (error) {
    libc().close(fd);
    throw error;
  }
}

function checkOptions(type: number, options: InternalOptions): void {
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
    if (value !== undefined || name === "protocol") {
      checkRange(name, value as number, min, max);
    }
  }
  const { family = 4, device, bindAddress } = options;
  if (family !== 4 && family !== 6) {
    throw new RangeError(`family must be 4 or 6, but is ${family}`);
  }
  if (options.protocol === IPPROTO_RAW && !options.headerIncluded) {
    throw new RangeError(
      `protocol ${IPPROTO_RAW} is for packets with their own header ` +
        "(headerIncluded, as of spoof and craft): give another number",
    );
  }
  if (device !== undefined) {
    checkDevice(device);
    requireSupport("devices");
  }
  if (family === 6) {
    if (type === SOCK_RAW) requireSupport("rawIPv6");
    if (options.headerIncluded) requireSupport("ipv6Headers");
  }
  if (options.protocol === IPPROTO_TCP) requireSupport("tcpRaw");
  if (bindAddress !== undefined) checkAddress(bindAddress, family);
}

/** The kernel would take "" for any interface, and cut off what is too long. */
export function checkDevice(device: string): void {
  const length = new TextEncoder().encode(device).length;
  if (length > 0 && length < IFREQ.NAME_SIZE && !device.includes("\0")) return;
  throw new RangeError(
    `device must be an interface's name of 1 to ${IFREQ.NAME_SIZE - 1} ` +
      `octets, but is ${JSON.stringify(device)}`,
  );
}

/** The kernel counts twice what is asked for, in a signed 32-bit number. */
export const MAX_BUFFER_BYTES = 2 ** 30 - 1;

/** Which option of the IP level does what, by family. */
const IP_LEVEL = {
  4: {
    level: IPPROTO_IP,
    packetInfo: IP_PKTINFO,
    receiveTTL: IP_RECVTTL,
    receiveErrors: IP_RECVERR,
    headerIncluded: IP_HDRINCL,
    ttl: IP_TTL,
    multicastTTL: IP_MULTICAST_TTL,
    trafficClass: IP_TOS,
    pathMTUDiscovery: IP_MTU_DISCOVER,
  },
  6: {
    level: IPPROTO_IPV6,
    packetInfo: IPV6_RECVPKTINFO,
    receiveTTL: IPV6_RECVHOPLIMIT,
    receiveErrors: IPV6_RECVERR,
    headerIncluded: IPV6_HDRINCL,
    ttl: IPV6_UNICAST_HOPS,
    multicastTTL: IPV6_MULTICAST_HOPS,
    trafficClass: IPV6_TCLASS,
    pathMTUDiscovery: IPV6_MTU_DISCOVER,
  },
} as const;

/** Sets one of the options that the families name differently. */
export function setIPOption(
  fd: number,
  family: Family,
  name: Exclude<keyof (typeof IP_LEVEL)[4], "level">,
  value: number,
): void {
  const ip = IP_LEVEL[family];
  const action = `set ${name} to ${value}`;
  setOption(fd, ip.level, ip[name], Int32Array.of(value), action);
}

/** Sets the TTL, or hop limit, also of what goes to many. */
export function setTTL(fd: number, family: Family, hops: number): void {
  setIPOption(fd, family, "ttl", hops);
  setIPOption(fd, family, "multicastTTL", hops);
}

/** Uses one interface only. */
export function setDevice(fd: number, device: string): void {
  setOption(
    fd,
    SOL_SOCKET,
    SO_BINDTODEVICE,
    toCString(device),
    `use the interface ${JSON.stringify(device)}`,
  );
}

/** Allows or forbids broadcast addresses as destinations. */
export function setBroadcast(fd: number, isAllowed: boolean): void {
  const value = Int32Array.of(isAllowed ? 1 : 0);
  setOption(
    fd,
    SOL_SOCKET,
    SO_BROADCAST,
    value,
    `set broadcast to ${isAllowed}`,
  );
}

/** Whether broadcast addresses are allowed as destinations. */
export function allowsBroadcast(fd: number): boolean {
  const value = new Int32Array(1);
  const length = Uint32Array.of(4);
  check(
    libc().getsockopt(fd, SOL_SOCKET, SO_BROADCAST, value, length),
    "getsockopt",
    "read broadcast",
  );
  return value[0] !== 0;
}

/** One of the numbers that the kernel keeps about a socket's buffers. */
export function bufferState(fd: number, index: number): number {
  const words = new Uint32Array(SK_MEMINFO_WORDS);
  const length = Uint32Array.of(words.byteLength);
  const { getsockopt } = libc();
  const result = getsockopt(fd, SOL_SOCKET, SO_MEMINFO, words, length);
  check(result, "getsockopt", "read the state of the socket's buffers");
  return words[index];
}

/** Lets every packet received tell when the kernel got it. */
export function askForTimestamps(fd: number): void {
  const action = "ask for the kernel's time stamps";
  setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, Int32Array.of(1), action);
}

/**
 * Lets no ICMP but replies and errors reach a raw socket of IPv4: of requests,
 * which are many on loopback, not even a copy is made for a filter to look at.
 * Where no kernel runs filters, the filter does as well.
 */
export function keepRequestsAway(fd: number, family: Family): void {
  if (family === 6 || !supports.kernelFilters) return;
  const action = "choose the ICMP types to receive";
  setOption(
    fd,
    SOL_RAW,
    ICMP_FILTER,
    Int32Array.of(REPLIES_AND_ERRORS),
    action,
  );
}

/** Makes room for packets not yet received. */
export function setReceiveBuffer(fd: number, octets: number): void {
  setBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, octets);
}

function configure(
  fd: number,
  type: number,
  family: Family,
  options: InternalOptions,
): void {
  askForTimestamps(fd);
  setIPOption(fd, family, "packetInfo", 1);
  // Only an IPv4 raw socket receives the header that tells the TTL.
  if (family === 6 || type !== SOCK_RAW) {
    setIPOption(fd, family, "receiveTTL", 1);
  }
  if (type !== SOCK_RAW) setIPOption(fd, family, "receiveErrors", 1);
  if (options.headerIncluded) includeHeader(fd, family);
  if (options.ignorePathMTU) {
    setIPOption(fd, family, "pathMTUDiscovery", PMTUDISC_PROBE);
  }
  if (options.broadcast) setBroadcast(fd, true);
  if (options.ttl !== undefined) setTTL(fd, family, options.ttl);
  if (options.trafficClass !== undefined) {
    setIPOption(fd, family, "trafficClass", options.trafficClass);
  }
  if (options.receiveBufferBytes !== undefined) {
    setReceiveBuffer(fd, options.receiveBufferBytes);
  }
  if (options.sendBufferBytes !== undefined) {
    setBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options.sendBufferBytes);
  }
  if (options.device !== undefined) setDevice(fd, options.device);
  if (options.bindAddress !== undefined) {
    bindTo(fd, options.bindAddress, family);
  }
}

/**
 * Lets what is sent begin with its own header. Where connections are tracked
 * (NAT, a stateful firewall) the kernel would keep back fragments of ours until
 * all are there; one that cannot be told not to does.
 */
function includeHeader(fd: number, family: Family): void {
  setIPOption(fd, family, "headerIncluded", 1);
  if (family === 6) return;
  libc().setsockopt(fd, IPPROTO_IP, IP_NODEFRAG, Int32Array.of(1), 4);
}

/** Sends from, and receives for, one address of this host. */
export function bindTo(fd: number, address: string, family: Family): void {
  const sockaddr = toSockaddr(address, family, fd);
  const bound = libc().bind(fd, sockaddr, sockaddr.length);
  check(bound, "bind", `bind to ${address}`);
}

/** Beyond the system's limit where root may, up to it otherwise. */
function setBuffer(
  fd: number,
  force: number,
  limited: number,
  octets: number,
): void {
  const value = Int32Array.of(octets);
  const action = `set a buffer of ${octets} octets`;
  const result = libc().setsockopt(fd, SOL_SOCKET, force, value, 4);
  if (result !== -EPERM) return void check(result, "setsockopt", action);
  setOption(fd, SOL_SOCKET, limited, value, action);
}

/** Tells the kernel an option. */
export function setOption(
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
