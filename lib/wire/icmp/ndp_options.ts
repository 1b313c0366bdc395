/**
 * The options of Neighbor Discovery messages (RFC 4861 §4.6), between raw
 * octets and a tagged union.
 *
 * Decoding never throws: options that overrun what is there end the list with
 * a `fault`, and what came before them is kept. Unknown options are kept whole.
 *
 * @module
 */

import { formatIPv6, parseIPv6 } from "../address.ts";
import { checkBits, checkRange, counted } from "../errors.ts";
import { linkAddressText } from "../link/mac.ts";
import type { Given } from "../packet/protocol.ts";
import { get16, get32, join, put16, put32 } from "../octets.ts";
import {
  type DecodedOptions,
  type LocatedOption,
  OPTION_HEAD,
  walkOptions,
} from "../options.ts";

const TYPE = {
  SOURCE_LINK_LAYER_ADDRESS: 1,
  TARGET_LINK_LAYER_ADDRESS: 2,
  PREFIX_INFORMATION: 3,
  MTU: 5,
} as const;

/** Within an option: type, length, and what is then different. */
const OFFSET = {
  TYPE: 0,
  LENGTH: 1,
  DATA: OPTION_HEAD,
  PREFIX_LENGTH: 2,
  PREFIX_FLAGS: 3,
  VALID_LIFETIME: 4,
  PREFERRED_LIFETIME: 8,
  PREFIX_RESERVED: 12,
  PREFIX: 16,
  MTU_RESERVED: 2,
  MTU: 4,
} as const;

/** RFC 4861 §4.6: lengths count units of eight octets. */
const UNIT = 8;
const PREFIX_INFORMATION_LENGTH = 32;
const MTU_LENGTH = 8;
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;

/**
 * The link-layer address of the sender or of the target (RFC 4861 §4.6.1).
 *
 * @category ICMP
 */
export interface NDPLinkLayerAddressOption {
  /** Which of the two. */
  readonly kind: "sourceLinkLayerAddress" | "targetLinkLayerAddress";
  /** The address, up to 2,038 octets: 6 for Ethernet. */
  readonly address: Uint8Array;
}

/**
 * A prefix that is on the link (RFC 4861 §4.6.2).
 *
 * @category ICMP
 */
export interface NDPPrefixInformationOption {
  /** Tells it from the other options. */
  readonly kind: "prefixInformation";
  /** Leading bits that count, 0–128 as a rule, up to 255. */
  readonly prefixLength: number;
  /** Whether the prefix is on the link; default false. */
  readonly onLink: boolean;
  /** Whether addresses may be formed from it (RFC 4862); default false. */
  readonly autonomous: boolean;
  /** The other six flags, 0–0x3f; default 0. */
  readonly reservedFlags: number;
  /** In seconds, 0–0xffffffff, which is for ever; default 2,592,000. */
  readonly validLifetime: number;
  /** In seconds, 0–0xffffffff, which is for ever; default 604,800. */
  readonly preferredLifetime: number;
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** IPv6 text. */
  readonly prefix: string;
}

/**
 * The link's MTU (RFC 4861 §4.6.4).
 *
 * @category ICMP
 */
export interface NDPMTUOption {
  /** Tells it from the other options. */
  readonly kind: "mtu";
  /** 0–0xffff; default 0. */
  readonly reserved: number;
  /** In octets, 0–0xffffffff. */
  readonly mtu: number;
}

/**
 * Any other option.
 *
 * @category ICMP
 */
export interface NDPUnknownOption {
  /** Tells it from the other options. */
  readonly kind: "unknown";
  /** 0–255. */
  readonly type: number;
  /** All that follows the length octet, up to 2,038 octets. */
  readonly data: Uint8Array;
}

/**
 * One option.
 *
 * @category ICMP
 */
export type NDPOption =
  | NDPLinkLayerAddressOption
  | NDPPrefixInformationOption
  | NDPMTUOption
  | NDPUnknownOption;

/**
 * What a caller gives to make an option; what is left out takes its default.
 *
 * @category ICMP
 */
export type NDPOptionFields =
  | NDPLinkLayerAddressOption
  | Given<NDPPrefixInformationOption, "prefix" | "prefixLength">
  | Given<NDPMTUOption, "mtu">
  | NDPUnknownOption;

/**
 * An option, and where it stood.
 *
 * @category ICMP
 */
export type LocatedNDPOption = LocatedOption<NDPOption>;

/**
 * What {@linkcode decodeNDPOptions} found.
 *
 * @category ICMP
 */
export type DecodedNDPOptions = DecodedOptions<NDPOption>;

/**
 * Reads the options of a message. Never throws; addresses of the link layer
 * and `data` of an unknown option share the input's memory.
 *
 * @category ICMP
 * @param octets the `options` of a Neighbor Discovery message
 *
 * @example
 * ```ts
 * import { decodeNDPOptions } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { options } = decodeNDPOptions(Uint8Array.fromHex("05010000000005dc"));
 * assertEquals(options[0].option, { kind: "mtu", reserved: 0, mtu: 1500 });
 * ```
 */
export function decodeNDPOptions(octets: Uint8Array): DecodedNDPOptions {
  return walkOptions(octets, decodeOne, lengthAt);
}

/**
 * Writes options one after the other, each zero-padded to a multiple of eight
 * octets: what the `options` of a Neighbor Discovery message want.
 *
 * @category ICMP
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeNDPOptions } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeNDPOptions([{
 *   kind: "sourceLinkLayerAddress",
 *   address: Uint8Array.fromHex("020000000001"),
 * }]);
 * assertEquals(octets.toHex(), "0101020000000001");
 * ```
 */
export function encodeNDPOptions(
  options: readonly NDPOptionFields[],
): Uint8Array<ArrayBuffer> {
  return join(...options.map(encodeOne));
}

/**
 * One option in words, as the tree of a packet shows it.
 *
 * @category ICMP
 */
export function describeNDPOption(option: NDPOption): string {
  switch (option.kind) {
    case "sourceLinkLayerAddress":
      return `Source link-layer address : ${linkAddressText(option.address)}`;
    case "targetLinkLayerAddress":
      return `Target link-layer address : ${linkAddressText(option.address)}`;
    case "prefixInformation": {
      const flags = [
        ...(option.onLink ? ["on-link"] : []),
        ...(option.autonomous ? ["autonomous"] : []),
      ];
      return `Prefix information : ${option.prefix}/${option.prefixLength}` +
        ` (valid ${option.validLifetime} s, preferred ` +
        `${option.preferredLifetime} s${flags.map((f) => `, ${f}`).join("")})`;
    }
    case "mtu":
      return `MTU : ${option.mtu}`;
    case "unknown":
      return `Unknown (${option.type}), ${
        counted(option.data.length, "byte")
      } of data`;
  }
}

/** Octets of an option, or why there are none. */
function lengthAt(octets: Uint8Array, offset: number): number | string {
  // RFC 4861 §4.6: a length of zero makes the whole message invalid.
  const units = octets[offset + OFFSET.LENGTH] ?? 0;
  return units === 0
    ? `gives no length, at least ${UNIT} octets wanted`
    : units * UNIT;
}

/** `octets` is the whole option, its length already checked. */
function decodeOne(octets: Uint8Array): NDPOption {
  const type = octets[OFFSET.TYPE];
  const data = octets.subarray(OFFSET.DATA);
  if (type === TYPE.SOURCE_LINK_LAYER_ADDRESS) {
    return { kind: "sourceLinkLayerAddress", address: data };
  }
  if (type === TYPE.TARGET_LINK_LAYER_ADDRESS) {
    return { kind: "targetLinkLayerAddress", address: data };
  }
  if (type === TYPE.MTU && octets.length === MTU_LENGTH) {
    return {
      kind: "mtu",
      reserved: get16(octets, OFFSET.MTU_RESERVED),
      mtu: get32(octets, OFFSET.MTU),
    };
  }
  if (
    type === TYPE.PREFIX_INFORMATION &&
    octets.length === PREFIX_INFORMATION_LENGTH
  ) {
    const flags = octets[OFFSET.PREFIX_FLAGS];
    return {
      kind: "prefixInformation",
      prefixLength: octets[OFFSET.PREFIX_LENGTH],
      onLink: (flags & ON_LINK) !== 0,
      autonomous: (flags & AUTONOMOUS) !== 0,
      reservedFlags: flags & 0x3f,
      validLifetime: get32(octets, OFFSET.VALID_LIFETIME),
      preferredLifetime: get32(octets, OFFSET.PREFERRED_LIFETIME),
      reserved: get32(octets, OFFSET.PREFIX_RESERVED),
      prefix: formatIPv6(octets, OFFSET.PREFIX),
    };
  }
  // Known by type but not of its shape is kept whole too.
  return { kind: "unknown", type, data };
}

function encodeOne(option: NDPOptionFields): Uint8Array {
  switch (option.kind) {
    case "sourceLinkLayerAddress":
      return startWith(TYPE.SOURCE_LINK_LAYER_ADDRESS, option.address);
    case "targetLinkLayerAddress":
      return startWith(TYPE.TARGET_LINK_LAYER_ADDRESS, option.address);
    case "mtu": {
      const data = new Uint8Array(MTU_LENGTH - OFFSET.DATA);
      const octets = startWith(TYPE.MTU, data);
      put16(
        octets,
        OFFSET.MTU_RESERVED,
        bits(16, "reserved", option.reserved ?? 0),
      );
      put32(octets, OFFSET.MTU, bits(32, "mtu", option.mtu));
      return octets;
    }
    case "prefixInformation":
      return encodePrefixInformation(option);
    case "unknown":
      return startWith(bits(8, "type", option.type), option.data);
  }
}

function encodePrefixInformation(
  option: Given<NDPPrefixInformationOption, "prefix" | "prefixLength">,
): Uint8Array {
  const data = new Uint8Array(PREFIX_INFORMATION_LENGTH - OFFSET.DATA);
  const octets = startWith(TYPE.PREFIX_INFORMATION, data);
  octets[OFFSET.PREFIX_LENGTH] = bits(8, "prefixLength", option.prefixLength);
  octets[OFFSET.PREFIX_FLAGS] = (option.onLink ? ON_LINK : 0) |
    (option.autonomous ? AUTONOMOUS : 0) |
    bits(6, "reservedFlags", option.reservedFlags ?? 0);
  // RFC 4861 §6.2.1: thirty days and seven days.
  put32(
    octets,
    OFFSET.VALID_LIFETIME,
    bits(32, "validLifetime", option.validLifetime ?? 2_592_000),
  );
  put32(
    octets,
    OFFSET.PREFERRED_LIFETIME,
    bits(32, "preferredLifetime", option.preferredLifetime ?? 604_800),
  );
  put32(
    octets,
    OFFSET.PREFIX_RESERVED,
    bits(32, "reserved", option.reserved ?? 0),
  );
  octets.set(parseIPv6(option.prefix), OFFSET.PREFIX);
  return octets;
}

/** Type, length and `data`, padded. */
function startWith(type: number, data: Uint8Array): Uint8Array {
  const units = checkRange(
    "NDP option length, in units of 8 octets,",
    Math.ceil((OFFSET.DATA + data.length) / UNIT),
    1,
    255,
  );
  const octets = new Uint8Array(units * UNIT);
  octets[OFFSET.TYPE] = type;
  octets[OFFSET.LENGTH] = units;
  octets.set(data, OFFSET.DATA);
  return octets;
}

function bits(width: number, field: string, value: number): number {
  return checkBits(`NDP option ${field}`, value, width);
}
