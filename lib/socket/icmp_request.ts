/**
 * ICMP echo requests.
 *
 * @module
 */

import { familyOf } from "../wire/address.ts";
import { checkRange } from "../wire/errors.ts";
import { withoutZone } from "../wire/zone.ts";

/** What an echo request shall be. */
export interface ICMPRequestOptions {
  /** Tells whose it is, 0–65,535. A ping socket puts the kernel's own there. */
  readonly id: number;
  /** Tells it from the others, 0–65,535. */
  readonly sequence: number;
  /** What is to be echoed; default `payloadSize` random octets. */
  readonly payload?: Uint8Array;
  /** Octets of the default payload, 0–65,507; default 56. */
  readonly payloadSize?: number;
  /** Time to live, or hop limit, 1–255; default 64. */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
}

/** Octets that an ICMP echo has room for behind an IPv4 header without options. */
export const MAX_ECHO_PAYLOAD = 65_507;

/**
 * An ICMP echo request (RFC 792, RFC 4443 §4.1), to be sent with an
 * `ICMPv4Socket` or `ICMPv6Socket`.
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
  /** When it was sent, in seconds since 1970; 0 until then. */
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
    if (familyOf(withoutZone(destination)) === undefined) {
      throw new RangeError(
        `destination is no IP address: ${JSON.stringify(destination)}`,
      );
    }
    this.destination = destination;
    this.id = checkRange("id", id, 0, 0xffff);
    this.sequence = checkRange("sequence", sequence, 0, 0xffff);
    this.ttl = checkRange("ttl", ttl, 1, 255);
    this.trafficClass = checkRange("trafficClass", trafficClass, 0, 255);
    checkRange(
      "payloadSize",
      payload?.length ?? payloadSize,
      0,
      MAX_ECHO_PAYLOAD,
    );
    this.payload = payload ??
      crypto.getRandomValues(new Uint8Array(payloadSize));
  }

  /** Octets of the payload. */
  get payloadSize(): number {
    return this.payload.length;
  }
}
