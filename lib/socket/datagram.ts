/**
 * What a socket received.
 *
 * @module
 */

import { formatIPv4 } from "../wire/address.ts";

/**
 * One received packet. An IPv4 raw socket gives it from its IP header on, an
 * IPv6 one from behind it (RFC 3542 §3).
 */
export class Datagram {
  /** The octets; the caller's own, shared with nothing. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the packet was longer than the socket's `snapLength`. */
  readonly truncated: boolean;
  /** The interface it came in by, as `ip link` numbers them; 0 if unknown. */
  readonly interfaceIndex: number;
  readonly #source: number | string;
  readonly #seconds: number;
  readonly #nanoseconds: number;

  /**
   * Made by the sockets.
   *
   * @param source IPv4 as a number, so that text is made only when asked for
   */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    source: number | string,
    seconds: number,
    nanoseconds: number,
    truncated: boolean,
    interfaceIndex: number,
  ) {
    this.bytes = bytes;
    this.truncated = truncated;
    this.interfaceIndex = interfaceIndex;
    this.#source = source;
    this.#seconds = seconds;
    this.#nanoseconds = nanoseconds;
  }

  /** The sender's address; link-local IPv6 with its interface's index as zone. */
  get source(): string {
    const source = this.#source;
    return typeof source === "number" ? formatIPv4(source) : source;
  }

  /**
   * When the kernel received it, in nanoseconds since 1970 (UTC), by the
   * system's clock.
   */
  get timestampNs(): bigint {
    return BigInt(this.#seconds) * 1_000_000_000n + BigInt(this.#nanoseconds);
  }
}
