/**
 * Ping sockets as Linux has them, made of macOS', which are raw sockets without
 * privilege (xnu: bsd/netinet/ip_icmp.c, bsd/netinet6/icmp6.c): those leave the
 * identifier to the sender, hand all of a host's ICMP to each of them, and an
 * IPv4 packet with its header.
 *
 * @module
 */

import * as linux from "../linux/numbers.ts";
import { type Arrival, type Control, IP_RECVIF_ONLY } from "./arrival.ts";
import type { Socket } from "./socket.ts";

/** In an echo, and in an error: the type, the code, and so on. */
const CODE = 1;
const CHECKSUM = 2;
const IDENTIFIER = 4;
const INFO = 4;
const QUOTED = 8;
/** By family: types, and where headers tell what. */
const FACTS = {
  4: {
    request: 8,
    reply: 0,
    errors: [3, 4, 5, 11, 12],
    protocol: [9, linux.IPPROTO_ICMP],
    destination: [16, 20],
  },
  6: {
    request: 128,
    reply: 129,
    errors: [1, 2, 3, 4],
    protocol: [6, linux.IPPROTO_ICMPV6],
    destination: [24, 40],
  },
} as const;
/** `SO_EE_ORIGIN_ICMP` and `SO_EE_ORIGIN_ICMP6`, and where it stands. */
const ORIGIN = { 4: 2, 6: 3, OFFSET: 4 } as const;
const IPV6_HEADER = 40;

/** A copy of an echo request with the socket's own identifier. */
export function withIdentifier(
  request: Uint8Array,
  { identifier, isIPv4 }: Socket,
): Uint8Array<ArrayBuffer> {
  const copy = request.slice();
  if (copy.length < QUOTED) return copy;
  const view = new DataView(copy.buffer);
  const before = view.getUint16(IDENTIFIER);
  view.setUint16(IDENTIFIER, identifier);
  // RFC 1624 §3; that of ICMPv6 the kernel computes.
  let sum = (~view.getUint16(CHECKSUM) & 0xffff) + (~before & 0xffff) +
    identifier;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  if (isIPv4) view.setUint16(CHECKSUM, ~sum & 0xffff);
  return copy;
}

/** Keeps what Linux would have handed out: replies to it, and errors about it. */
export function sort(arrival: Arrival, socket: Socket): void {
  const { isIPv4, identifier } = socket;
  const facts = FACTS[isIPv4 ? 4 : 6];
  const headerLength = isIPv4 ? (arrival.bytes[0] & 0xf) * 4 : 0;
  // A copy, since the next packet takes its place.
  const icmp = arrival.bytes.slice(headerLength);
  const from = arrival.from.slice();
  const get16 = (at: number) => icmp[at] << 8 | icmp[at + 1];
  const [type] = icmp;
  const controls = controlsOf(arrival, isIPv4);
  if (type === facts.reply && get16(IDENTIFIER) === identifier) {
    socket.replies.push({ bytes: icmp, from, controls });
    return;
  }
  if (!(facts.errors as readonly number[]).includes(type)) return;
  const [protocolAt, protocol] = facts.protocol;
  const quotedHeader = isIPv4 ? (icmp[QUOTED] & 0xf) * 4 : IPV6_HEADER;
  const echo = QUOTED + quotedHeader;
  if (
    icmp[QUOTED + protocolAt] !== protocol || icmp[echo] !== facts.request ||
    get16(echo + IDENTIFIER) !== identifier
  ) return;
  // Its source is where the request went.
  const [start, end] = facts.destination.map((at) => QUOTED + at);
  const to = from.slice();
  to.set(
    icmp.subarray(start, end),
    (isIPv4 ? linux.SOCKADDR_IN : linux.SOCKADDR_IN6).ADDRESS,
  );
  const error = errorOf(icmp, from, isIPv4);
  const bytes = icmp.subarray(echo);
  socket.errors.push({ bytes, from: to, controls: [error, ...controls] });
}

/** What Linux's error queue tells of an error. */
function errorOf(
  icmp: Uint8Array,
  from: Uint8Array,
  isIPv4: boolean,
): Control {
  const { SIZE, TYPE, CODE: CODE_AT, INFO: INFO_AT } = linux.SOCK_EXTENDED_ERR;
  const data = new Uint8Array(SIZE + from.length);
  data[ORIGIN.OFFSET] = ORIGIN[isIPv4 ? 4 : 6];
  data[TYPE] = icmp[0];
  data[CODE_AT] = icmp[CODE];
  const view = new DataView(icmp.buffer, icmp.byteOffset + INFO);
  // RFC 792: a pointer in the first octet; RFC 1191 §4: an MTU in the last two.
  const info = !isIPv4
    ? view.getUint32(0)
    : icmp[0] === 12
    ? view.getUint8(0)
    : view.getUint16(2);
  new DataView(data.buffer).setUint32(INFO_AT, info, true);
  data.set(from, SIZE);
  return isIPv4
    ? [linux.IPPROTO_IP, linux.IP_RECVERR, data]
    : [linux.IPPROTO_IPV6, linux.IPV6_RECVERR, data];
}

/** What the header says, which Linux's ping sockets tell apart. */
function controlsOf(
  { bytes, controls }: Arrival,
  isIPv4: boolean,
): Control[] {
  const copies = controls.map(([level, type, data]) =>
    [level, type, data.slice()] as const
  );
  if (!isIPv4) return copies;
  const index = copies.find(([, type]) => type === IP_RECVIF_ONLY);
  const info = new Uint8Array(12);
  if (index !== undefined) info.set(index[2]);
  info.set(bytes.subarray(16, 20), 8);
  return [
    ...copies.filter((control) => control !== index),
    [linux.IPPROTO_IP, linux.IP_TTL, Uint8Array.of(bytes[8], 0, 0, 0)],
    [linux.IPPROTO_IP, linux.IP_PKTINFO, info],
  ];
}
