/**
 * What a socket received.
 *
 * @module
 */

import { Shown } from "../bytes/shown.ts";
import { formatIPv4 } from "../wire/address.ts";

/**
 * What the kernel says of a packet, beside its octets.
 *
 * @category Sockets
 */
export interface DatagramInfo {
  /** The sender: IPv4 as a number, so that text is made only when asked for. */
  readonly source: number | string;
  /** Where it was sent to. */
  readonly destination: number | string | undefined;
  /** When it was received: whole seconds since 1970. */
  readonly seconds: number;
  /** And nanoseconds after that. */
  readonly nanoseconds: number;
  /** Whether there was more of it than was kept. */
  readonly truncated: boolean;
  /** The interface it came in by. */
  readonly interfaceIndex: number;
  /** The TTL or hop limit it arrived with, if that was asked for. */
  readonly hopLimit: number | undefined;
  /** The error that it is about a packet sent. */
  readonly error: DatagramError | undefined;
}

/**
 * An ICMP error that the kernel matched to a packet sent from a socket.
 *
 * @category Sockets
 */
export interface DatagramError {
  /** Who sent the error. */
  readonly from: string;
  /** ICMP type, 0–255. */
  readonly type: number;
  /** ICMP code, 0–255. */
  readonly code: number;
  /** What the type adds, such as the next hop's MTU. */
  readonly info: number;
}

/**
 * One received packet. An IPv4 raw socket gives it from its IP header on, an
 * IPv6 one from behind it (RFC 3542 §3), a ping socket from the ICMP header.
 *
 * @category Sockets
 */
export class Datagram extends Shown {
  /** The octets; the caller's own, shared with nothing. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the packet was longer than the socket's `snapLength`. */
  readonly truncated: boolean;
  /** The interface it came in by, as `ip link` numbers them; 0 if unknown. */
  readonly interfaceIndex: number;
  /** The TTL or hop limit it arrived with, where no header tells it. */
  readonly hopLimit: number | undefined;
  /**
   * If this is no packet that arrived, but an error about one that was sent:
   * `bytes` is then what the error quotes of it, and `source` where it went.
   */
  readonly error: DatagramError | undefined;
  readonly #info: DatagramInfo;

  /** Made by the sockets. */
  constructor(bytes: Uint8Array<ArrayBuffer>, info: DatagramInfo) {
    super();
    this.bytes = bytes;
    this.truncated = info.truncated;
    this.interfaceIndex = info.interfaceIndex;
    this.hopLimit = info.hopLimit;
    this.error = info.error;
    this.#info = info;
  }

  /**
   * What is behind the IP header, or all of it where there is none, as of IPv6.
   * Shares memory with `bytes`.
   */
  get payload(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    const isIPv4 = typeof this.#info.source === "number";
    // What a ping socket gives begins with ICMP's type, and none is 64 to 79.
    if (!isIPv4 || bytes[0] >>> 4 !== 4) return bytes;
    return bytes.subarray((bytes[0] & 0xf) * 4);
  }

  /** The sender's address; link-local IPv6 with its interface as zone. */
  get source(): string {
    return toText(this.#info.source);
  }

  /** Which address of this host it was sent to; absent where it is unknown. */
  get destination(): string | undefined {
    const { destination } = this.#info;
    return destination === undefined ? undefined : toText(destination);
  }

  /**
   * When the kernel received it, in nanoseconds since 1970 (UTC), by the
   * system's clock.
   */
  get timestampNs(): bigint {
    const { seconds, nanoseconds } = this.#info;
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  }
}

function toText(address: number | string): string {
  return typeof address === "number" ? formatIPv4(address) : address;
}
