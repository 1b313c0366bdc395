/**
 * Packets on their way into capture files and out of them.
 *
 * @module
 */

/**
 * Octets of a packet's record or block at most: what is longer is taken for
 * damage. The greatest packets of today, of IPv6 with a jumbogram option inside
 * a host, have half of it.
 *
 * @category Capture files
 */
export const CAPTURE_MAX_RECORD_LENGTH = 2 ** 20;

/**
 * A packet to be written to a capture file.
 *
 * @category Capture files
 */
export interface CapturedPacket {
  /**
   * When, in nanoseconds since 1970 (UTC). `undefined` where nobody knows: it
   * is written as 0, since the formats have no other word for it.
   */
  readonly timestampNs: bigint | undefined;
  /** The octets that were kept. */
  readonly bytes: Uint8Array;
  /** Octets that were on the wire; default as many as were kept. */
  readonly originalLength?: number;
}

/**
 * A packet read from a capture file. It can be written as it is.
 *
 * @category Capture files
 */
export interface CaptureFilePacket extends CapturedPacket {
  /** Counted from 1, over the whole file. */
  readonly number: number;
  /**
   * When, in nanoseconds since 1970 (UTC); what is finer is cut off. Simple
   * packet blocks tell no time: `undefined`.
   */
  readonly timestampNs: bigint | undefined;
  /** The octets that were kept; the caller's own, shared with nothing. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Octets that were on the wire, as the file tells. */
  readonly originalLength: number;
  /** What the packet begins with: {@linkcode linkTypeName} names it. */
  readonly linkType: number;
  /**
   * Octets of frame check sequence that the packet ended with on the wire, and
   * that the original length counts, where the file tells.
   */
  readonly fcsLength?: number;
  /** Which interface of its section, counted from 0; in a pcap file always 0. */
  readonly interfaceIndex: number;
  /** The interface's name, such as `eth0`, where the file tells. */
  readonly interfaceName?: string;
  /** What was remarked on the packet; several remarks are lines. */
  readonly comment?: string;
}

/**
 * What a pcapng file says of a section, of which it has one as a rule.
 *
 * @category Capture files
 */
export interface CaptureFileSection {
  /** What was remarked on it; several remarks are lines. */
  readonly comment?: string;
}
