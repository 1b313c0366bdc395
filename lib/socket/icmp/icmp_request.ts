/**
 * ICMP echo requests.
 *
 * @module
 */

import { type Family, familyOf } from "../../wire/address.ts";
import { checkRange } from "../../wire/errors.ts";
import { withoutZone } from "../../wire/zone.ts";

/**
 * What an echo request shall be.
 *
 * @category ICMP sockets
 */
export interface ICMPRequestOptions {
  /** Tells whose it is, 0–65,535. A ping socket puts the kernel's own there. */
  readonly id: number;
  /** Tells it from the others, 0–65,535. */
  readonly sequence: number;
  /** What is to be echoed; default `payloadSize` random octets. */
  readonly payload?: Uint8Array;
  /** Octets of the default payload, 0–65,507, in IPv6 0–65,527; default 56. */
  readonly payloadSize?: number;
  /** Time to live, or hop limit, 1–255; default 64. */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
}

/**
 * Octets that an ICMP echo has room for: an IPv4 packet's length counts its
 * header (RFC 791 §3.1), an IPv6 packet's does not (RFC 8200 §3).
 *
 * @category ICMP sockets
 */
export const MAX_ECHO_PAYLOAD = { 4: 65_507, 6: 65_527 } as const;

/**
 * Asserts that a payload fits into a packet.
 *
 * @throws {RangeError} if it has more octets than that
 */
export function checkPayload(size: number, family: Family): void {
  const name = `payloadSize in IPv${family}`;
  checkRange(name, size, 0, MAX_ECHO_PAYLOAD[family]);
}

/**
 * An ICMP echo request (RFC 792, RFC 4443 §4.1), to be sent with an
 * `ICMPv4Socket` or `ICMPv6Socket`.
 *
 * @category ICMP sockets
 *
 * @example
 * ```ts
 * import { ICMPRequest } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new ICMPRequest("192.0.2.1", { id: 1, sequence: 1 });
 * assertEquals(request.payload.length, 56);
 * ```
 */
export class ICMPRequest {
  /** The address it goes to. */
  readonly destination: string;
  /** 0–65,535. */
  readonly id: number;
  /** 0–65,535. */
  readonly sequence: number;
  /** What is to be echoed. */
  readonly payload: Uint8Array;
  /** In hops, 1–255. */
  readonly ttl: number;
  /** DSCP and ECN in one octet, 0–255. */
  readonly trafficClass: number;
  /**
   * When it was sent, in seconds since 1970; 0 until then. Of one that was sent
   * several times, the sending that was answered last, if any was.
   */
  time = 0;

  /**
   * Makes a request.
   *
   * @throws {RangeError} if `destination` is no address, or a value is out of
   * range
   */
  constructor(
    destination: string,
    { id, sequence, payload, payloadSize = 56, ttl = 64, trafficClass = 0 }:
      ICMPRequestOptions,
  ) {
    const family = familyOf(withoutZone(destination));
    if (family === undefined) {
      throw new RangeError(
        `destination is no IP address: ${JSON.stringify(destination)}`,
      );
    }
    this.destination = destination;
    this.id = checkRange("id", id, 0, 0xffff);
    this.sequence = checkRange("sequence", sequence, 0, 0xffff);
    this.ttl = checkRange("ttl", ttl, 1, 255);
    this.trafficClass = checkRange("trafficClass", trafficClass, 0, 255);
    checkPayload(payload?.length ?? payloadSize, family);
    this.payload = payload ??
      crypto.getRandomValues(new Uint8Array(payloadSize));
  }

  /** Octets of the payload. */
  get payloadSize(): number {
    return this.payload.length;
  }
}
