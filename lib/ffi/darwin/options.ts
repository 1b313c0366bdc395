/**
 * Socket options: Linux's, by macOS' names for them, or by what comes closest.
 *
 * @module
 */

import { ENODEV, ENOPROTOOPT } from "../errno.ts";
import * as linux from "../linux/numbers.ts";
import { addressIn } from "./interfaces.ts";
import * as darwin from "./numbers.ts";
import { type Buffer, octetsOf } from "./sockaddr.ts";
import type { Socket } from "./socket.ts";
import type { Symbols } from "./symbols.ts";

/** By level and name; 0 is for what macOS does without being told. */
const SOCKET: Readonly<Record<number, number>> = {
  [linux.SO_BROADCAST]: darwin.SO_BROADCAST,
  [linux.SO_SNDBUF]: darwin.SO_SNDBUF,
  [linux.SO_SNDBUFFORCE]: darwin.SO_SNDBUF,
  [linux.SO_RCVBUF]: darwin.SO_RCVBUF,
  [linux.SO_RCVBUFFORCE]: darwin.SO_RCVBUF,
  [linux.SO_TIMESTAMPNS]: darwin.SO_TIMESTAMP,
};
const IP: Readonly<Record<number, number>> = {
  [linux.IP_TOS]: darwin.IP_TOS,
  [linux.IP_TTL]: darwin.IP_TTL,
  [linux.IP_HDRINCL]: darwin.IP_HDRINCL,
  [linux.IP_PKTINFO]: darwin.IP_PKTINFO,
  [linux.IP_MULTICAST_TTL]: darwin.IP_MULTICAST_TTL,
  [linux.IP_MTU_DISCOVER]: darwin.IP_DONTFRAG,
  // The header, which is received with every packet, tells it.
  [linux.IP_RECVTTL]: 0,
  [linux.IP_RECVERR]: 0,
};
const IPV6: Readonly<Record<number, number>> = {
  [linux.IPV6_UNICAST_HOPS]: darwin.IPV6_UNICAST_HOPS,
  [linux.IPV6_MULTICAST_HOPS]: darwin.IPV6_MULTICAST_HOPS,
  [linux.IPV6_TCLASS]: darwin.IPV6_TCLASS,
  [linux.IPV6_RECVPKTINFO]: darwin.IPV6_RECVPKTINFO,
  [linux.IPV6_RECVHOPLIMIT]: darwin.IPV6_RECVHOPLIMIT,
  [linux.IPV6_MTU_DISCOVER]: darwin.IPV6_DONTFRAG,
  [linux.IPV6_RECVERR]: 0,
};

/** macOS' level and name; `undefined` if it has nothing like it. */
function optionOf(
  { isPing, isIPv4 }: Socket,
  level: number,
  name: number,
): readonly [level: number, name: number] | undefined {
  const [names, darwinLevel] = level === linux.SOL_SOCKET
    ? [SOCKET, darwin.SOL_SOCKET]
    : level === linux.IPPROTO_IPV6
    ? [IPV6, level]
    : level === linux.IPPROTO_IP
    ? [IP, level]
    : [{}, level];
  const found = names[name];
  if (found === undefined) return undefined;
  // xnu: bsd/netinet/ip_icmp.c, icmp_dgram_ctloutput takes no IP_PKTINFO.
  const isInfo = isPing && isIPv4 && found === darwin.IP_PKTINFO &&
    level === linux.IPPROTO_IP;
  return [darwinLevel, isInfo ? darwin.IP_RECVIF : found];
}

/** Sets an option, as Linux is told it. */
export function setOption(
  symbols: Symbols,
  socket: Socket,
  level: number,
  name: number,
  value: Buffer,
): number {
  const octets = octetsOf(value);
  if (level === linux.SOL_SOCKET && name === linux.SO_BINDTODEVICE) {
    return bindToDevice(symbols, socket, octets);
  }
  const option = optionOf(socket, level, name);
  if (option === undefined) return -ENOPROTOOPT;
  if (option[1] === 0) return 0;
  const number = new DataView(octets.buffer, octets.byteOffset)
    .getInt32(0, true);
  if (option[0] === darwin.SOL_SOCKET) {
    if (option[1] === darwin.SO_BROADCAST) socket.allowsBroadcast = number > 0;
    const isBuffer = option[1] === darwin.SO_SNDBUF ||
      option[1] === darwin.SO_RCVBUF;
    if (isBuffer) return socket.setBuffer(option[1], number);
  }
  const isOfMTU = option[1] === darwin.IP_DONTFRAG ||
    option[1] === darwin.IPV6_DONTFRAG;
  const told = Int32Array.of(
    isOfMTU ? Number(number !== linux.PMTUDISC_DONT) : number,
  );
  const result = symbols.setsockopt(socket.fd, ...option, told, 4);
  if (level === linux.IPPROTO_IP && name === linux.IP_HDRINCL && result === 0) {
    socket.headerIncluded = number > 0;
  }
  return result;
}

function bindToDevice(
  symbols: Symbols,
  { fd, isIPv4 }: Socket,
  name: Uint8Array<ArrayBuffer>,
): number {
  const index = symbols.if_nametoindex(name);
  if (index === 0) return -ENODEV;
  const [level, option] = isIPv4
    ? [darwin.IPPROTO_IP, darwin.IP_BOUND_IF]
    : [darwin.IPPROTO_IPV6, darwin.IPV6_BOUND_IF];
  return symbols.setsockopt(fd, level, option, Uint32Array.of(index), 4);
}

/** Asks for an option, as Linux tells it. */
export function getOption(
  symbols: Symbols,
  socket: Socket,
  level: number,
  name: number,
  value: Buffer,
  length: Buffer,
): number {
  const octets = octetsOf(value);
  const view = new DataView(octets.buffer, octets.byteOffset);
  if (level === linux.IPPROTO_IP || level === linux.IPPROTO_IPV6) {
    const isIPv4 = level === linux.IPPROTO_IP;
    if (name === (isIPv4 ? linux.IP_MTU : linux.IPV6_MTU)) {
      const mtu = mtuOf(symbols, socket);
      if (mtu > 0) view.setInt32(0, mtu, true);
      return Math.min(mtu, 0);
    }
    const discovery = isIPv4 ? linux.IP_MTU_DISCOVER : linux.IPV6_MTU_DISCOVER;
    if (name === discovery) {
      // It sets "don't fragment" where that is asked for, and not otherwise.
      view.setInt32(0, linux.PMTUDISC_DONT, true);
      return 0;
    }
  }
  // Of its buffers macOS tells nothing; 0 is what they hold as far as we know.
  if (level === linux.SOL_SOCKET && name === linux.SO_MEMINFO) return 0;
  const option = optionOf(socket, level, name);
  if (option === undefined || option[1] === 0) return -ENOPROTOOPT;
  return symbols.getsockopt(
    socket.fd,
    ...option,
    octets,
    octetsOf(length),
  );
}

/**
 * The MTU of the interface that a connected socket sends from; of two that have
 * its address, either.
 */
export function mtuOf(symbols: Symbols, socket: Socket): number {
  const sockaddr = new Uint8Array(linux.SOCKADDR_IN6.SIZE);
  const length = Uint32Array.of(sockaddr.length);
  const result = symbols.getsockname(socket.fd, sockaddr, length);
  if (result < 0) return result;
  const { mtus, names } = socket.interfaces;
  const name = names.get(addressIn(sockaddr, socket.family));
  const mtu = mtus.get(name ?? "");
  // No packet is longer.
  return mtu === undefined ? -ENODEV : Math.min(mtu, 0xffff);
}
