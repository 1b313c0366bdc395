/**
 * The checksums of a packet, calculated as one would on paper: pure data.
 *
 * @module
 */

import {
  type ChecksumFold,
  type ChecksumStep,
  explainChecksum,
} from "../../bytes/checksum.ts";
import { crc32c } from "../../bytes/crc32c.ts";
import { parseIPv4, parseIPv6 } from "../address.ts";
import { get16, join } from "../octets.ts";
import { isIPv6Pair, type PseudoHeader } from "../pseudo_header.ts";
import type { Dissection, HeaderLayer } from "./dissect.ts";
import { type ProtocolName, protocolOf } from "./registry.ts";

/**
 * A part of the pseudo header.
 *
 * @category Checksums
 */
export type PseudoHeaderPart = "source" | "destination" | "protocol" | "length";

/**
 * One 16-bit word of what a checksum covers, on its way into the sum.
 *
 * @category Checksums
 */
export interface CoveredWord extends Pick<ChecksumStep, "word" | "sum"> {
  /** Octets from the start of the packet; absent in the pseudo header. */
  readonly offset?: number;
  /** What it is of, in the pseudo header. */
  readonly pseudo?: PseudoHeaderPart;
  /** Whether it is the checksum itself, which is taken as 0. */
  readonly isOwn?: true;
}

/**
 * Whose checksum it is.
 *
 * @category Checksums
 */
export interface ChecksumOfLayer {
  /** The layer's protocol. */
  readonly protocol: ProtocolName;
  /** Which of the packet's layers, counted from 0. */
  readonly layer: number;
}

/**
 * A checksum of RFC 1071, step by step.
 *
 * @category Checksums
 */
export interface InternetChecksumSteps extends ChecksumOfLayer {
  /** Tells it from the others. */
  readonly kind: "internet";
  /** Every word in order, the pseudo header's first. */
  readonly words: readonly CoveredWord[];
  /** The foldings, none when there was no carry. */
  readonly folds: readonly ChecksumFold[];
  /** The folded sum, 0–0xffff. */
  readonly sum: number;
  /** Its one's complement, 0–0xffff. */
  readonly checksum: number;
  /** What is to be sent: 0xffff where 0 says that there is none (RFC 768). */
  readonly wanted: number;
  /** What the packet holds. */
  readonly held: number;
  /**
   * What comes of that: `right` with 0xffff for 0, too, which adds up as well;
   * `none` where none was calculated, as UDP may over IPv4.
   */
  readonly verdict: "right" | "wrong" | "none";
}

/**
 * A CRC-32C, which nobody divides on paper: what was divided is told.
 *
 * @category Checksums
 */
export interface CRC32CSteps extends ChecksumOfLayer {
  /** Tells it from the others. */
  readonly kind: "crc32c";
  /** How many octets it covers, its own taken as 0. */
  readonly covered: number;
  /** The result, 0–0xffffffff; it is sent lowest octet first. */
  readonly crc: number;
  /** What is to be sent, in hexadecimal. */
  readonly wanted: string;
  /** What the packet holds, in hexadecimal. */
  readonly held: string;
  /** Whether these are the same. */
  readonly verdict: "right" | "wrong";
}

/**
 * A checksum that cannot be checked: not all that it covers is here.
 *
 * @category Checksums
 */
export interface UncoveredChecksum extends ChecksumOfLayer {
  /** Tells it from the others. */
  readonly kind: "uncovered";
}

/**
 * How a checksum of a packet is calculated; `kind` tells which sort.
 *
 * @category Checksums
 */
export type PacketChecksum =
  | InternetChecksumSteps
  | CRC32CSteps
  | UncoveredChecksum;

/**
 * Calculates every checksum of a packet: each word with the running sum, the
 * folding of the carries, the complement, and what the packet holds.
 *
 * @category Checksums
 * @param bytes the whole packet, as `dissect` was given it
 *
 * @example
 * ```ts
 * import { dissect, explainChecksums } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.fromHex("4500001636dd000080fdfea701010164010101014869");
 * const [checksum] = explainChecksums(bytes, dissect(bytes));
 * assertEquals(checksum.kind, "internet");
 * if (checksum.kind === "internet") {
 *   assertEquals(checksum.words[0], { offset: 0, word: 0x4500, sum: 0x4500 });
 *   assertEquals(checksum.folds, [{ carry: 1, low: 0x157, sum: 0x158 }]);
 *   assertEquals([checksum.wanted, checksum.verdict], [0xfea7, "right"]);
 * }
 * ```
 */
export function explainChecksums(
  bytes: Uint8Array,
  { layers }: Dissection,
): PacketChecksum[] {
  return layers.flatMap((layer, i) =>
    layer.protocol === "data" ? [] : explainLayer(bytes, layer, i)
  );
}

function explainLayer(
  bytes: Uint8Array,
  { protocol, header, offset, outside, length, payloadLength }: HeaderLayer,
  layer: number,
): PacketChecksum[] {
  const { checksum: place, carries } = protocolOf(protocol);
  const at = place?.at(header);
  if (place === undefined || at === undefined) return [];
  const there = length + payloadLength;
  const end = place.covered?.(header) ?? there;
  // That of an IP header covers nothing else.
  const isUnknown = carries === undefined && outside === undefined;
  if (isUnknown || end > there) {
    return [{ kind: "uncovered", protocol, layer }];
  }
  const covered = bytes.slice(offset, offset + end);
  if (place.isCRC32C) {
    return [{ kind: "crc32c", protocol, layer, ...divide(covered, at) }];
  }
  const held = get16(covered, at);
  covered.fill(0, at, at + 2);
  const [gap, behind] = place.skipped ?? [covered.length, covered.length];
  const summed = join(covered.subarray(0, gap), covered.subarray(behind));
  const pseudo = place.pseudoHeader === undefined || outside === undefined
    ? undefined
    : pseudoHeader(outside, place.pseudoHeader, summed.length);
  const pseudoLength = pseudo?.octets.length ?? 0;
  const all = pseudo === undefined ? summed : join(pseudo.octets, summed);
  const { steps, folds, sum, checksum } = explainChecksum(all);
  const words = steps.map(({ offset: from, word, sum }): CoveredWord => {
    if (from < pseudoLength) {
      const part = pseudo?.parts.findLast(([start]) => start <= from);
      return { pseudo: part?.[1], word, sum };
    }
    const inside = from - pseudoLength;
    const inPacket = offset + (inside < gap ? inside : inside + behind - gap);
    const found = { offset: inPacket, word, sum };
    return inside === at ? { ...found, isOwn: true } : found;
  });
  const wanted = place.zeroIsNone && checksum === 0 ? 0xffff : checksum;
  // Over IPv6 there must be one (RFC 8200 §8.1).
  const mayBeNone = place.zeroIsNone && !(outside && isIPv6Pair(outside));
  // Who receives it adds all up, and in one's complement 0xffff is 0, too.
  const isRight = held === wanted || (held === 0xffff && checksum === 0);
  const verdict = isRight
    ? "right"
    : held === 0 && mayBeNone
    ? "none"
    : "wrong";
  return [{
    ...{ kind: "internet", protocol, layer, words, folds },
    ...{ sum, checksum, wanted, held, verdict },
  }];
}

function divide(covered: Uint8Array, at: number) {
  const held = covered.subarray(at, at + 4).toHex();
  covered.fill(0, at, at + 4);
  const crc = crc32c(covered);
  const wanted = Uint8Array.of(crc, crc >>> 8, crc >>> 16, crc >>> 24).toHex();
  const verdict: CRC32CSteps["verdict"] = held === wanted ? "right" : "wrong";
  return { covered: covered.length, crc, wanted, held, verdict };
}

/** Octets, and where each part of them begins. */
interface PseudoOctets {
  readonly octets: Uint8Array;
  readonly parts: readonly (readonly [start: number, PseudoHeaderPart])[];
}

/** As RFC 768 and RFC 9293 §3.1 draw it for IPv4, RFC 8200 §8.1 for IPv6. */
function pseudoHeader(
  outside: PseudoHeader,
  protocol: number,
  length: number,
): PseudoOctets {
  const { source, destination } = outside;
  const isIPv6 = isIPv6Pair(outside);
  const octets = new Uint8Array(isIPv6 ? 40 : 12);
  const view = new DataView(octets.buffer);
  if (isIPv6) {
    octets.set(parseIPv6(source));
    octets.set(parseIPv6(destination), 16);
    view.setUint32(32, length);
    view.setUint8(39, protocol);
    const parts = [
      ...[[0, "source"], [16, "destination"]] as const,
      ...[[32, "length"], [36, "protocol"]] as const,
    ];
    return { octets, parts };
  }
  view.setUint32(0, parseIPv4(source));
  view.setUint32(4, parseIPv4(destination));
  view.setUint8(9, protocol);
  view.setUint16(10, length);
  const parts = [
    ...[[0, "source"], [4, "destination"]] as const,
    ...[[8, "protocol"], [10, "length"]] as const,
  ];
  return { octets, parts };
}
