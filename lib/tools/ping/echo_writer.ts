/**
 * Echo requests that differ in nothing but their sequence numbers: the octets
 * are the same each time, and the sum of the others is not taken again.
 *
 * @module
 */

import { internetChecksum, onesComplementSum } from "../../bytes/checksum.ts";
import type { Family } from "../../wire/address.ts";
import { OFFSET } from "../../wire/icmp/icmp_common.ts";
import { encodeICMPv4 } from "../../wire/icmp/icmpv4.ts";
import { encodeICMPv6 } from "../../wire/icmp/icmpv6.ts";
import { put16 } from "../../wire/octets.ts";

/** Writes requests, each over the one before. */
export class EchoWriter {
  readonly payload: Uint8Array;
  readonly #family: Family;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #sequence: Uint8Array;
  /** The sum of all but the sequence number. */
  readonly #sum: number;

  constructor(family: Family, identifier: number, payload: Uint8Array) {
    const kind = "echoRequest" as const;
    const request = { kind, identifier, sequence: 0, payload, checksum: 0 };
    this.payload = payload;
    this.#family = family;
    this.#bytes = family === 4 ? encodeICMPv4(request) : encodeICMPv6(request);
    this.#sequence = this.#bytes.subarray(OFFSET.SEQUENCE, OFFSET.QUERY_DATA);
    this.#sum = onesComplementSum(this.#bytes);
  }

  /** The request with a sequence number; valid until the next is written. */
  write(sequence: number): Uint8Array<ArrayBuffer> {
    put16(this.#sequence, 0, sequence);
    // The kernel computes that of ICMPv6, since it knows the source.
    if (this.#family === 4) {
      const checksum = internetChecksum(this.#sequence, this.#sum);
      put16(this.#bytes, OFFSET.CHECKSUM, checksum);
    }
    return this.#bytes;
  }
}
