/**
 * Received datagrams as ICMP messages, and whether one answers a request.
 *
 * A reply counts only if it is ours: source, identifier, sequence, checksum and
 * payload of an echo reply, or the quoted packet of an error, must all be those
 * of the request.
 *
 * @module
 */

import type { ICMPv4Message } from "../../wire/icmp/icmpv4_messages.ts";
import type { ICMPv6Message } from "../../wire/icmp/icmpv6_messages.ts";
import { internetChecksum } from "../../bytes/checksum.ts";
import { type Family, isIPv4 } from "../../wire/address.ts";
import { unlessMalformed } from "../../wire/errors.ts";
import { decodeICMPv4, encodeICMPv4 } from "../../wire/icmp/icmpv4.ts";
import { decodeICMPv6, encodeICMPv6 } from "../../wire/icmp/icmpv6.ts";
import { decodeIPv4 } from "../../wire/ipv4/ipv4.ts";
import { decodeIPv6 } from "../../wire/ipv6/ipv6.ts";
import { get16 } from "../../wire/octets.ts";
import { withoutZone } from "../../wire/zone.ts";
import type { Datagram } from "../datagram.ts";

/** An echo, or what an error quotes of one. */
export interface Echo {
  readonly id: number;
  readonly sequence: number;
  /** Of a quoted one, perhaps only the beginning. */
  readonly payload: Uint8Array;
}

/** An echo request that an error quotes. */
export interface QuotedEcho extends Echo {
  readonly checksum: number;
  readonly destination: string;
  /** Absent where the kernel quotes no IP header. */
  readonly source: string | undefined;
}

/** An ICMP message as it arrived. */
export interface ICMPMessage {
  readonly source: string;
  readonly destination: string | undefined;
  readonly family: Family;
  readonly type: number;
  readonly code: number;
  readonly length: number;
  readonly ttl: number | undefined;
  readonly options: Uint8Array;
  /** From the IP header on, if the kernel hands that out. */
  readonly packet: Uint8Array;
  readonly isChecksumRight: boolean;
  /** Of an echo reply. */
  readonly reply?: Echo;
  /** Of an error: the packet, and the echo request in it, if it is one. */
  readonly quoted?: Uint8Array;
  readonly quotedRequest?: QuotedEcho;
  readonly nextHopMTU: number;
  /** Of a redirect: the router to be used instead. */
  readonly gateway?: string;
  /** Of a parameter problem: the octet of the packet that it is about. */
  readonly pointer?: number;
}

/**
 * Why a message does not answer a request.
 *
 * @category ICMP sockets
 */
export type Mismatch =
  | "checksum"
  | "type"
  | "identifier"
  | "sequence"
  | "source"
  | "payload"
  | "quoted";

/** What a request must have for a message to answer it. */
export interface Expected {
  /** Where it was sent to, in the form that sources are reported in. */
  readonly destination: string;
  /** The address of this host that it was sent from, where that is known. */
  readonly source?: string;
  /** Whether many hosts may answer it. */
  readonly isBroadcast: boolean;
  readonly id: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/**
 * Why a message does not answer a request, or `undefined` if it does.
 */
export function mismatch(
  message: ICMPMessage,
  expected: Expected,
): Mismatch | undefined {
  if (!message.isChecksumRight) return "checksum";
  if (message.reply !== undefined) {
    const { id, sequence, payload } = message.reply;
    if (id !== expected.id) return "identifier";
    if (sequence !== expected.sequence) return "sequence";
    const isFrom = message.source === expected.destination;
    if (!isFrom && !expected.isBroadcast) return "source";
    return isSame(payload, expected.payload) ? undefined : "payload";
  }
  const request = message.quotedRequest;
  if (request === undefined) {
    return message.quoted === undefined ? "type" : "quoted";
  }
  const destination = withoutZone(expected.destination);
  const isOurs = withoutZone(request.destination) === destination &&
    request.id === expected.id && request.sequence === expected.sequence &&
    request.payload.length <= expected.payload.length &&
    isSame(
      request.payload,
      expected.payload.subarray(0, request.payload.length),
    ) && isProven(request, expected);
  return isOurs ? undefined : "quoted";
}

/** Octets of a payload that nobody guesses. */
const UNGUESSED = 8;

/**
 * Whether an error's quote shows more of a request than its identifier and
 * sequence number, which can be guessed: its payload, or the checksum, which
 * follows from that. (Some routers rewrite identifiers, and mend the quoted
 * checksum no more.)
 */
function isProven(request: QuotedEcho, expected: Expected): boolean {
  if (request.payload.length >= UNGUESSED) return true;
  const checksum = checksumOf(expected, request.source);
  return checksum === undefined || checksum === request.checksum;
}

/**
 * The checksum that a request was sent with.
 *
 * @param source where it was sent from, if that is known better
 * @returns `undefined` where it follows from an address that is not known
 */
export function checksumOf(
  { destination, id: identifier, sequence, payload, ...expected }: Expected,
  source: string | undefined = expected.source,
): number | undefined {
  const echo = { kind: "echoRequest", identifier, sequence, payload } as const;
  const plain = withoutZone(destination);
  if (isIPv4(plain)) return get16(encodeICMPv4(echo), CHECKSUM);
  if (source === undefined) return undefined;
  const between = { source: withoutZone(source), destination: plain };
  return get16(encodeICMPv6(echo, between), CHECKSUM);
}

/** Where it stands in both headers. */
const CHECKSUM = 2;

const NONE = new Uint8Array();

/** Reads a datagram of an ICMP socket; `undefined` if it makes no sense. */
export function readMessage(
  datagram: Datagram,
  family: Family,
  isPrivileged: boolean,
): ICMPMessage | undefined {
  return unlessMalformed(() => {
    if (datagram.error !== undefined) return readQueuedError(datagram, family);
    return family === 4 && isPrivileged
      ? readPacket(datagram)
      : readBare(datagram, family);
  });
}

/** An IPv4 raw socket's: from the IP header on. */
function readPacket({ bytes }: Datagram): ICMPMessage | undefined {
  const { header, payload, missing } = decodeIPv4(bytes);
  if (missing > 0) return undefined;
  return {
    ...readICMP(payload, 4),
    source: header.source,
    destination: header.destination,
    ttl: header.ttl,
    options: header.options,
    packet: bytes,
    isChecksumRight: internetChecksum(payload) === 0,
  };
}

/** From the ICMP header on; the kernel has verified the checksum. */
function readBare(datagram: Datagram, family: Family): ICMPMessage {
  const { bytes, source, destination, hopLimit } = datagram;
  return {
    ...readICMP(bytes, family),
    source,
    destination,
    ttl: hopLimit,
    options: NONE,
    packet: NONE,
    isChecksumRight: true,
  };
}

/** An error that the kernel queued: it matched it to a request of ours. */
function readQueuedError(datagram: Datagram, family: Family): ICMPMessage {
  const { bytes, source, error } = datagram;
  const { request } = readICMP(bytes, family);
  const { type, code, info, from } = error!;
  return {
    source: from,
    destination: undefined,
    family,
    type,
    code,
    length: bytes.length,
    ttl: undefined,
    options: NONE,
    packet: NONE,
    isChecksumRight: true,
    quoted: bytes,
    quotedRequest: request &&
      { ...request, source: undefined, destination: source },
    nextHopMTU: type === TOO_BIG[family] ? info : 0,
    pointer: type === PARAMETER_PROBLEM[family] ? info : undefined,
  };
}

/** Types whose errors the kernel adds the MTU to, and a pointer. */
const TOO_BIG = { 4: 3, 6: 2 } as const;
const PARAMETER_PROBLEM = { 4: 12, 6: 4 } as const;

type Message = ICMPv4Message | ICMPv6Message;

/** What can be told from the ICMP message alone. */
type Bare =
  & Pick<
    ICMPMessage,
    | "family"
    | "type"
    | "code"
    | "length"
    | "reply"
    | "quoted"
    | "quotedRequest"
    | "nextHopMTU"
    | "gateway"
    | "pointer"
  >
  & { readonly request?: Echo & { readonly checksum: number } };

function readICMP(bytes: Uint8Array, family: Family): Bare {
  const { header: message } = family === 4
    ? decodeICMPv4(bytes)
    : decodeICMPv6(bytes);
  const { type, code } = message;
  const quoted = "quoted" in message ? message.quoted : undefined;
  return {
    family,
    type,
    code,
    length: bytes.length,
    ...echoes(message),
    quoted,
    quotedRequest: quoted && quotedRequest(quoted, family),
    nextHopMTU: nextHopMTU(message),
    gateway: "gateway" in message ? message.gateway : undefined,
    pointer: "pointer" in message ? message.pointer : undefined,
  };
}

/** The MTU that an error tells of, or 0. */
function nextHopMTU(message: Message): number {
  if ("nextHopMTU" in message) return message.nextHopMTU;
  return message.kind === "packetTooBig" ? message.mtu : 0;
}

function echoes(message: Message): Pick<Bare, "reply" | "request"> {
  if (message.kind !== "echoReply" && message.kind !== "echoRequest") return {};
  const { identifier, sequence, payload, checksum } = message;
  const echo = { id: identifier, sequence, payload, checksum };
  return message.kind === "echoReply" ? { reply: echo } : { request: echo };
}

/** The echo request that an error quotes, as far as it goes. */
function quotedRequest(
  quoted: Uint8Array,
  family: Family,
): ICMPMessage["quotedRequest"] {
  return unlessMalformed(() => {
    const { header, payload } = family === 4
      ? decodeIPv4(quoted)
      : decodeIPv6(quoted);
    if (header.protocol !== (family === 4 ? 1 : 58)) return undefined;
    if ("fragmentOffset" in header && header.fragmentOffset > 0) {
      return undefined;
    }
    const { request } = readICMP(payload, family);
    const { source, destination } = header;
    return request && { ...request, source, destination };
  });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
