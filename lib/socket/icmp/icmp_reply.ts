/**
 * What answers an ICMP echo request, and the errors that it may be.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { Raw4Error } from "../../wire/errors.ts";
import { icmpName } from "../../wire/icmp/icmp_names.ts";

/**
 * An ICMP message that arrived: an echo reply, an error, or any other.
 *
 * @category ICMP sockets
 */
export interface ICMPReply {
  /** The host that composed it. */
  readonly source: string;
  /** The address of this host that it was sent to, where that is known. */
  readonly destination: string | undefined;
  /** 4 or 6. */
  readonly family: Family;
  /** Of an echo, or of the request that an error quotes; 0 where neither is. */
  readonly id: number;
  /** Likewise. */
  readonly sequence: number;
  /** ICMP type, 0–255. */
  readonly type: number;
  /** ICMP code, 0–255. */
  readonly code: number;
  /** Octets of the ICMP message. */
  readonly bytesReceived: number;
  /** When the kernel received it, in seconds since 1970. */
  readonly time: number;
  /** The TTL, or hop limit, it arrived with, where that is known. */
  readonly ttl: number | undefined;
  /** The octets behind an echo's header; of others, none. */
  readonly payload: Uint8Array;
  /** Raw options of its IPv4 header. */
  readonly options: Uint8Array;
  /** The whole packet, IP header included; empty where the kernel keeps it. */
  readonly packet: Uint8Array;
  /** The packet that an error quotes, as far as it goes; else none. */
  readonly quoted: Uint8Array;
  /** Of a packet too big for its path: the next hop's MTU; else 0. */
  readonly nextHopMTU: number;
  /** Of a redirect: the router to be used instead. */
  readonly gateway?: string;
  /** Of a parameter problem: the octet of the quoted packet that is wrong. */
  readonly pointer?: number;
  /**
   * Milliseconds from the request that it answers, by the kernel's time stamp;
   * absent where that request is not known.
   */
  readonly roundTripMs: number | undefined;
  /** Whether the same host had answered the same request already. */
  readonly isDuplicate: boolean;
  /** Whether it came after somebody had given up waiting for it. */
  readonly isLate: boolean;
}

/** What one is made of. */
export type ICMPReplyFields = Omit<
  ICMPReply,
  "description" | "isEchoReply" | "isAdvice" | "raiseForStatus"
>;

const ECHO_REPLY = { 4: 0, 6: 129 } as const;
const UNREACHABLE = { 4: 3, 6: 1 } as const;
const TIME_EXCEEDED = { 4: 11, 6: 3 } as const;

/**
 * An ICMP message that arrived: an echo reply, an error, or any other.
 *
 * @category ICMP sockets
 */
export class ICMPReply {
  /**
   * Made by the sockets.
   *
   * @ignore
   */
  constructor(fields: ICMPReplyFields) {
    Object.assign(this, fields);
  }

  /** What it is, in words: `destination unreachable: port unreachable`. */
  get description(): string {
    return icmpName(this.family, this.type, this.code);
  }

  /** Whether it is an echo reply. */
  get isEchoReply(): boolean {
    return this.type === ECHO_REPLY[this.family];
  }

  /**
   * Whether it is no answer, but what a router says of a request that it sends
   * on nevertheless: a redirect (RFC 792), or source quench (RFC 6633).
   */
  get isAdvice(): boolean {
    return isAdvice(this);
  }

  /**
   * Does nothing for an echo reply, and for advice.
   *
   * @throws {DestinationUnreachable} if the destination cannot be reached
   * @throws {TimeExceeded} if the TTL did not suffice
   * @throws {ICMPError} for every other message
   */
  raiseForStatus(): void {
    if (this.isEchoReply || this.isAdvice) return;
    if (this.type === UNREACHABLE[this.family]) {
      throw new DestinationUnreachable(this);
    }
    if (this.type === TIME_EXCEEDED[this.family]) throw new TimeExceeded(this);
    throw new ICMPError(this);
  }
}

/** Whether a router sends the request on that a message is about. */
export function isAdvice(
  { family, type }: Pick<ICMPReplyFields, "family" | "type">,
): boolean {
  return family === 4 && (type === 4 || type === 5);
}

/**
 * An ICMP message other than an echo reply answered.
 *
 * @category ICMP sockets
 */
export class ICMPError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "ICMPError";
  /** The message. */
  readonly reply: ICMPReply;

  /** Makes the error, its message included. */
  constructor(reply: ICMPReply) {
    super(`${reply.source} answers: ${reply.description}`);
    this.reply = reply;
  }
}

/**
 * The destination cannot be reached (ICMP type 3, ICMPv6 type 1).
 *
 * @category ICMP sockets
 */
export class DestinationUnreachable extends ICMPError {
  /** The class, also where a bundle has renamed it. */
  override name = "DestinationUnreachable";
}

/**
 * The TTL ran out on the way (ICMP type 11, ICMPv6 type 3).
 *
 * @category ICMP sockets
 */
export class TimeExceeded extends ICMPError {
  /** The class, also where a bundle has renamed it. */
  override name = "TimeExceeded";
}
