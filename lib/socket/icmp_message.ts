/**
 * Received datagrams as ICMP messages, and whether one answers a request.
 *
 * A reply counts only if it is ours: source, identifier, sequence, checksum and
 * payload of an echo reply, or the quoted packet of an error, must all be those
 * of the request.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import type { Family } from "../wire/address.ts";
import { PacketError } from "../wire/errors.ts";
import { decodeICMPv4 } from "../wire/icmpv4.ts";
import { decodeICMPv6 } from "../wire/icmpv6.ts";
import { decodeIPv4 } from "../wire/ipv4.ts";
import { decodeIPv6 } from "../wire/ipv6.ts";
import { withoutZone } from "../wire/zone.ts";
import type { Datagram } from "./datagram.ts";

/** An echo, or what an error quotes of one. */
export interface Echo {
  readonly id: number;
  readonly sequence: number;
  /** Of a quoted one, perhaps only the beginning. */
  readonly payload: Uint8Array;
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
  readonly quotedRequest?: Echo & { readonly destination: string };
  readonly nextHopMTU: number;
}

/** Why a message does not answer a request. */
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
    );
  return isOurs ? undefined : "quoted";
}

const NONE = new Uint8Array();

/** Reads a datagram of an ICMP socket; `undefined` if it makes no sense. */
export function readMessage(
  datagram: Datagram,
  family: Family,
  isPrivileged: boolean,
): ICMPMessage | undefined {
  try {
    if (datagram.error !== undefined) return readQueuedError(datagram, family);
    return family === 4 && isPrivileged
      ? readPacket(datagram)
      : readBare(datagram, family);
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

/** An IPv4 raw socket's: from the IP header on. */
function readPacket({ bytes }: Datagram): ICMPMessage | undefined {
  const { header, payload, missing } = decodeIPv4(bytes);
  if (missing > 0) return undefined;
  return {
    ...readICMPv4(payload),
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
    ...(family === 4 ? readICMPv4(bytes) : readICMPv6(bytes)),
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
  const request = family === 4 ? readICMPv4(bytes) : readICMPv6(bytes);
  return {
    source: error!.from,
    destination: undefined,
    family,
    type: error!.type,
    code: error!.code,
    length: bytes.length,
    ttl: undefined,
    options: NONE,
    packet: NONE,
    isChecksumRight: true,
    quoted: bytes,
    quotedRequest: request.request &&
      { ...request.request, destination: source },
    nextHopMTU: error!.info,
  };
}

/** What can be told from the ICMP message alone. */
type Bare =
  & Pick<
    ICMPMessage,
    "family" | "type" | "code" | "length" | "reply" | "nextHopMTU"
  >
  & Pick<ICMPMessage, "quoted" | "quotedRequest">
  & { readonly request?: Echo };

function readICMPv4(bytes: Uint8Array): Bare {
  const message = decodeICMPv4(bytes);
  const { type, code } = message;
  const quoted = "quoted" in message ? message.quoted : undefined;
  return {
    family: 4,
    type,
    code,
    length: bytes.length,
    ...echoes(message),
    quoted,
    quotedRequest: quoted && quotedRequest(quoted, 4),
    nextHopMTU: "nextHopMTU" in message ? message.nextHopMTU : 0,
  };
}

function readICMPv6(bytes: Uint8Array): Bare {
  const message = decodeICMPv6(bytes);
  const { type, code } = message;
  const quoted = "quoted" in message ? message.quoted : undefined;
  return {
    family: 6,
    type,
    code,
    length: bytes.length,
    ...echoes(message),
    quoted,
    quotedRequest: quoted && quotedRequest(quoted, 6),
    nextHopMTU: message.kind === "packetTooBig" ? message.mtu : 0,
  };
}

function echoes(
  message: ReturnType<typeof decodeICMPv4> | ReturnType<typeof decodeICMPv6>,
): { reply?: Echo; request?: Echo } {
  if (message.kind !== "echoReply" && message.kind !== "echoRequest") return {};
  const { identifier, sequence, payload } = message;
  const echo = { id: identifier, sequence, payload };
  return message.kind === "echoReply" ? { reply: echo } : { request: echo };
}

/** The echo request that an error quotes, as far as it goes. */
function quotedRequest(
  quoted: Uint8Array,
  family: Family,
): ICMPMessage["quotedRequest"] {
  try {
    const { header, payload } = family === 4
      ? decodeIPv4(quoted)
      : decodeIPv6(quoted);
    if (header.protocol !== (family === 4 ? 1 : 58)) return undefined;
    if ("fragmentOffset" in header && header.fragmentOffset > 0) {
      return undefined;
    }
    const { request } = family === 4
      ? readICMPv4(payload)
      : readICMPv6(payload);
    return request && { ...request, destination: header.destination };
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
