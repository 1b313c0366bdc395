/**
 * The extension headers of IPv6 (RFC 8200 §4) and the Authentication Header
 * (RFC 4302 §2), as far as they are needed to find the payload behind them.
 * Options and routing data are raw octets here.
 *
 * @module
 */

import { checkBits, checkMultiple, checkRange } from "../errors.ts";
import type { Given } from "../packet/protocol.ts";
import { get16, get32, put16, put32 } from "../octets.ts";

/** What all of them begin with, and what is then different. */
export const OFFSET = {
  NEXT_HEADER: 0,
  LENGTH: 1,
  DATA: 2,
  ROUTING_TYPE: 2,
  SEGMENTS_LEFT: 3,
  ROUTING_DATA: 4,
  FRAGMENT_RESERVED: 1,
  FRAGMENT_OFFSET_FLAGS: 2,
  FRAGMENT_IDENTIFICATION: 4,
} as const;

/** Octets of the shortest extension header, and of every fragment header. */
const UNIT = 8;

const NUMBERS: Readonly<Record<IPv6ExtensionHeader["kind"], number>> = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destinationOptions: 60,
};

/** What a number stands for, if for an extension header. */
const KINDS = new Map(
  Object.entries(NUMBERS).map(([kind, number]) =>
    [number, kind as IPv6ExtensionHeader["kind"]] as const
  ),
);

/**
 * Options for every router or for the destination (RFC 8200 §4.3, §4.6).
 *
 * @category IPv6
 */
export interface IPv6OptionsHeader {
  /** Which of the two. */
  readonly kind: "hopByHop" | "destinationOptions";
  /** What follows, 0–255; computed from what follows. */
  readonly nextHeader: number;
  /**
   * The options with their padding, up to 2,046 octets; zero-padded (which is
   * the option Pad1) so that the header is a multiple of 8. Default none.
   */
  readonly data: Uint8Array;
}

/**
 * The nodes to be visited on the way (RFC 8200 §4.4).
 *
 * @category IPv6
 */
export interface IPv6RoutingHeader {
  /** Tells it from the other extension headers. */
  readonly kind: "routing";
  /** What follows, 0–255; computed from what follows. */
  readonly nextHeader: number;
  /** 0–255, such as 4 for segment routing (RFC 8754). */
  readonly routingType: number;
  /** Nodes still to be visited, 0–255. */
  readonly segmentsLeft: number;
  /**
   * All that follows, up to 2,044 octets; zero-padded so that the header is a
   * multiple of 8. Default none.
   */
  readonly data: Uint8Array;
}

/**
 * Where the payload belongs in the whole packet (RFC 8200 §4.5).
 *
 * @category IPv6
 */
export interface IPv6FragmentHeader {
  /** Tells it from the other extension headers. */
  readonly kind: "fragment";
  /** What the whole packet's fragmentable part begins with, 0–255. */
  readonly nextHeader: number;
  /** The octet that must be zero, 0–255; default 0. */
  readonly reserved: number;
  /** In octets, 0–65,528, a multiple of 8; default 0. */
  readonly fragmentOffset: number;
  /** The two bits that must be zero, 0–3; default 0. */
  readonly reservedBits: number;
  /** Whether further fragments follow; default false. */
  readonly moreFragments: boolean;
  /** Which packet the fragment belongs to, 0–0xffffffff; default 0. */
  readonly identification: number;
}

/**
 * The Authentication Header (RFC 4302 §2).
 *
 * @category IPv6
 */
export interface IPv6AuthenticationHeader {
  /** Tells it from the other extension headers. */
  readonly kind: "authentication";
  /** What follows, 0–255; computed from what follows. */
  readonly nextHeader: number;
  /**
   * All that follows the length octet, 6–1,026 octets; zero-padded so that the
   * header is a multiple of 4.
   */
  readonly data: Uint8Array;
}

/**
 * An extension header; `kind` tells which.
 *
 * @category IPv6
 */
export type IPv6ExtensionHeader =
  | IPv6OptionsHeader
  | IPv6RoutingHeader
  | IPv6FragmentHeader
  | IPv6AuthenticationHeader;

/**
 * What a caller gives to make an extension header. What is left out is
 * computed or takes the default named with the field.
 *
 * @category IPv6
 */
export type IPv6ExtensionFields =
  | Given<IPv6OptionsHeader>
  | Given<IPv6RoutingHeader, "routingType" | "segmentsLeft">
  | Given<IPv6FragmentHeader>
  | Given<IPv6AuthenticationHeader, "data">;

/** The number by which the header before announces an extension header. */
export function extensionNumber({ kind }: IPv6ExtensionFields): number {
  return NUMBERS[kind];
}

/** What stands between the IPv6 header and the payload. */
export interface IPv6ExtensionChain {
  /** The extension headers that are all there, in order. */
  readonly extensionHeaders: readonly IPv6ExtensionHeader[];
  /** Their octets, all together. */
  readonly length: number;
  /** What follows them, 0–255. */
  readonly protocol: number;
}

/**
 * Walks the extension headers to the payload. Never throws: a header that is
 * cut short ends the walk, and `protocol` is then its own number.
 *
 * @param octets all that follows the IPv6 header
 * @param nextHeader what the IPv6 header says they begin with
 */
export function decodeExtensions(
  octets: Uint8Array,
  nextHeader: number,
): IPv6ExtensionChain {
  const extensionHeaders: IPv6ExtensionHeader[] = [];
  let length = 0;
  let protocol = nextHeader;
  for (;;) {
    const kind = KINDS.get(protocol);
    if (kind === undefined) break;
    const rest = octets.subarray(length);
    const size = rest.length < UNIT ? UNIT : sizeOf(kind, rest);
    if (size > rest.length) break;
    const header = decodeOne(kind, rest.subarray(0, size));
    extensionHeaders.push(header);
    length += size;
    protocol = header.nextHeader;
    // What follows in a later fragment is the middle of something.
    if (header.kind === "fragment" && header.fragmentOffset > 0) break;
  }
  return { extensionHeaders, length, protocol };
}

/** Whether the payload is not the start of the upper layer. */
export function isLaterFragment(
  extensionHeaders: readonly IPv6ExtensionHeader[],
): boolean {
  const last = extensionHeaders.at(-1);
  return last?.kind === "fragment" && last.fragmentOffset > 0;
}

/** Whether the walk should have gone on, but the header was cut short. */
export function isCutShort(
  { extensionHeaders, protocol }: Omit<IPv6ExtensionChain, "length">,
): boolean {
  return KINDS.has(protocol) &&
    !isLaterFragment(extensionHeaders);
}

/**
 * Writes one extension header.
 *
 * @param nextHeader what follows, unless the caller gave it
 * @throws {RangeError} if a value does not fit its field
 */
export function encodeExtension(
  fields: IPv6ExtensionFields,
  nextHeader: number,
): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(encodedSize(fields));
  octets[OFFSET.NEXT_HEADER] = bits(
    8,
    "nextHeader",
    fields.nextHeader ?? nextHeader,
  );
  if (fields.kind === "fragment") {
    const fragmentOffset = checkMultiple(
      "IPv6 fragmentOffset",
      fields.fragmentOffset ?? 0,
      8,
      65_528,
    );
    octets[OFFSET.FRAGMENT_RESERVED] = bits(
      8,
      "reserved",
      fields.reserved ?? 0,
    );
    put16(
      octets,
      OFFSET.FRAGMENT_OFFSET_FLAGS,
      fragmentOffset | bits(2, "reservedBits", fields.reservedBits ?? 0) << 1 |
        (fields.moreFragments ? 1 : 0),
    );
    put32(
      octets,
      OFFSET.FRAGMENT_IDENTIFICATION,
      bits(32, "identification", fields.identification ?? 0),
    );
    return octets;
  }
  // RFC 4302 §2.2: counted in words of four octets, less two.
  octets[OFFSET.LENGTH] = fields.kind === "authentication"
    ? octets.length / 4 - 2
    : octets.length / UNIT - 1;
  if (fields.kind === "routing") {
    octets[OFFSET.ROUTING_TYPE] = bits(8, "routingType", fields.routingType);
    octets[OFFSET.SEGMENTS_LEFT] = bits(8, "segmentsLeft", fields.segmentsLeft);
  }
  octets.set(fields.data ?? [], dataOffset(fields.kind));
  return octets;
}

/** Octets of the header that `octets`, at least 8, begin with. */
export function sizeOf(
  kind: IPv6ExtensionHeader["kind"],
  octets: Uint8Array,
): number {
  if (kind === "fragment") return UNIT;
  const length = octets[OFFSET.LENGTH];
  return kind === "authentication" ? (length + 2) * 4 : (length + 1) * UNIT;
}

/** Octets of the header that `fields` make, padding included. */
export function encodedSize(fields: IPv6ExtensionFields): number {
  if (fields.kind === "fragment") return UNIT;
  const data = fields.data?.length ?? 0;
  const size = dataOffset(fields.kind) + data;
  const authentication = fields.kind === "authentication";
  const unit = authentication ? 4 : UNIT;
  return checkRange(
    `IPv6 ${fields.kind} header, in octets,`,
    Math.ceil(size / unit) * unit,
    UNIT,
    authentication ? (255 + 2) * 4 : (255 + 1) * UNIT,
  );
}

function dataOffset(kind: IPv6ExtensionHeader["kind"]): number {
  return kind === "routing" ? OFFSET.ROUTING_DATA : OFFSET.DATA;
}

/** `octets` is the whole header, its length already checked. */
function decodeOne(
  kind: IPv6ExtensionHeader["kind"],
  octets: Uint8Array,
): IPv6ExtensionHeader {
  const nextHeader = octets[OFFSET.NEXT_HEADER];
  if (kind === "fragment") {
    const offsetAndFlags = get16(octets, OFFSET.FRAGMENT_OFFSET_FLAGS);
    return {
      kind,
      nextHeader,
      reserved: octets[OFFSET.FRAGMENT_RESERVED],
      fragmentOffset: offsetAndFlags & 0xfff8,
      reservedBits: offsetAndFlags >>> 1 & 3,
      moreFragments: (offsetAndFlags & 1) !== 0,
      identification: get32(octets, OFFSET.FRAGMENT_IDENTIFICATION),
    };
  }
  const data = octets.subarray(dataOffset(kind));
  if (kind !== "routing") return { kind, nextHeader, data };
  return {
    kind,
    nextHeader,
    routingType: octets[OFFSET.ROUTING_TYPE],
    segmentsLeft: octets[OFFSET.SEGMENTS_LEFT],
    data,
  };
}

function bits(width: number, field: string, value: number): number {
  return checkBits(`IPv6 extension ${field}`, value, width);
}
