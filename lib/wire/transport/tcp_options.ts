/**
 * The options of a TCP header (RFC 9293 §3.2, RFC 7323, RFC 2018, RFC 7413),
 * between raw octets and a tagged union.
 *
 * Decoding never throws: options that overrun what is there end the list with
 * a `fault`, and what came before them is kept. Unknown options are kept whole.
 *
 * @module
 */

import { checkRange, counted } from "../errors.ts";
import { get16, get32 } from "../octets.ts";
import {
  type DecodedOptions,
  decodeOptions,
  END_OF_LIST,
  type LocatedOption,
  NO_OPERATION,
  octetsOf,
  OPTION_HEAD,
  type PaddingOption,
  padOptions,
  withLength,
} from "../options.ts";

const TYPE = {
  MAXIMUM_SEGMENT_SIZE: 2,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMPS: 8,
  MULTIPATH: 30,
  FAST_OPEN: 34,
} as const;

/** Within an option; its length follows the kind. */
const OFFSET = {
  TYPE: 0,
  DATA: OPTION_HEAD,
  TIMESTAMP_ECHO: 6,
} as const;

/** Octets of an option whose length is fixed, type and length included. */
const SIZE = {
  MAXIMUM_SEGMENT_SIZE: 4,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 2,
  SACK_BLOCK: 8,
  TIMESTAMPS: 10,
} as const;

/**
 * A run of octets that arrived out of order (RFC 2018 §3).
 *
 * @category Transport protocols
 */
export interface TCPSACKBlock {
  /** The first sequence number of the run, 0–0xffffffff. */
  readonly left: number;
  /** The sequence number after the last, 0–0xffffffff. */
  readonly right: number;
}

/**
 * One option.
 *
 * @category Transport protocols
 */
export type TCPOption =
  | PaddingOption
  | {
    readonly kind: "maximumSegmentSize";
    /** In octets, without IP and TCP headers, 0–0xffff (RFC 9293 §3.7.1). */
    readonly size: number;
  }
  | {
    readonly kind: "windowScale";
    /** The window counts units of 2^shift octets, 0–255; at most 14 is sound. */
    readonly shift: number;
  }
  | { readonly kind: "sackPermitted" }
  | {
    readonly kind: "sack";
    /** The most recently received first. */
    readonly blocks: readonly TCPSACKBlock[];
  }
  | {
    readonly kind: "timestamps";
    /** The sender's clock, 0–0xffffffff (RFC 7323 §3.2). */
    readonly value: number;
    /** The other side's clock as last seen, 0–0xffffffff. */
    readonly echoReply: number;
  }
  | {
    readonly kind: "fastOpen";
    /** 4–16 octets; none requests one (RFC 7413 §4.1.1). */
    readonly cookie: Uint8Array;
  }
  | {
    readonly kind: "unknown";
    /** The option kind octet, 0–255; {@linkcode tcpOptionName} may name it. */
    readonly type: number;
    /** All that follows the length octet. */
    readonly data: Uint8Array;
  };

/**
 * An option, and where it stood.
 *
 * @category Transport protocols
 */
export type LocatedTCPOption = LocatedOption<TCPOption>;

/**
 * What {@linkcode decodeTCPOptions} found.
 *
 * @category Transport protocols
 */
export type DecodedTCPOptions = DecodedOptions<TCPOption>;

/** IANA, "TCP Option Kind Numbers": those that are not read further. */
const NAMES: Readonly<Record<number, string>> = {
  6: "Echo (obsolete)",
  7: "Echo Reply (obsolete)",
  9: "Partial Order Connection Permitted",
  10: "Partial Order Service Profile",
  11: "CC",
  12: "CC.NEW",
  13: "CC.ECHO",
  14: "Alternate Checksum Request",
  15: "Alternate Checksum Data",
  19: "MD5 signature",
  27: "Quick-Start Response",
  28: "User Timeout",
  29: "TCP Authentication Option (TCP-AO)",
  30: "Multipath TCP (MPTCP)",
  69: "Encryption Negotiation (TCP-ENO)",
  172: "Accurate ECN Order 0",
  174: "Accurate ECN Order 1",
  253: "RFC 3692-style Experiment 1",
  254: "RFC 3692-style Experiment 2",
};

/**
 * IANA, "MPTCP Option Subtypes": as Wireshark words them, and in tcpdump's
 * letters.
 */
const MULTIPATH: readonly (readonly [name: string, word: string])[] = [
  ["Multipath Capable", "capable"],
  ["Join Connection", "join"],
  ["Data Sequence Signal", "dss"],
  ["Add Address", "add-addr"],
  ["Remove Address", "rem-addr"],
  ["Change Subflow Priority", "prio"],
  ["TCP Fallback", "fail"],
  ["Fast Close", "fast-close"],
  ["TCP Reset", "rst"],
];

/** What an option of Multipath TCP is about (RFC 8684 §3), if it is one. */
function multipathKind(
  option: Extract<TCPOption, { kind: "unknown" }>,
): readonly [name: string, word: string] | undefined {
  if (option.type !== TYPE.MULTIPATH || option.data.length === 0) return;
  const subtype = option.data[0] >>> 4;
  return MULTIPATH[subtype] ?? [`Unknown (${subtype})`, "unknown"];
}

/**
 * An option that is not read further, in tcpdump's words.
 *
 * @category Transport protocols
 */
export function unknownOptionWord(
  option: Extract<TCPOption, { kind: "unknown" }>,
): string {
  const { type, data } = option;
  const [, word] = multipathKind(option) ?? [];
  return word === undefined
    ? `unknown-${type} 0x${data.toHex()}`
    : `mptcp ${OPTION_HEAD + data.length} ${word}`;
}

/**
 * The name of an option that is not read further, or `undefined`.
 *
 * @category Transport protocols
 *
 * @example
 * ```ts
 * import { tcpOptionName } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tcpOptionName(19), "MD5 signature");
 * ```
 */
export function tcpOptionName(type: number): string | undefined {
  return NAMES[type];
}

/**
 * Reads the options of a header. Never throws; cookies and the data of unknown
 * options share the input's memory.
 *
 * @category Transport protocols
 * @param octets the `options` of a {@linkcode TCPHeader}
 *
 * @example
 * ```ts
 * import { decodeTCPOptions } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { options } = decodeTCPOptions(Uint8Array.fromHex("020405b401030307"));
 * assertEquals(options.map(({ option }) => option), [
 *   { kind: "maximumSegmentSize", size: 1460 },
 *   { kind: "noOperation" },
 *   { kind: "windowScale", shift: 7 },
 * ]);
 * ```
 */
export function decodeTCPOptions(octets: Uint8Array): DecodedTCPOptions {
  return decodeOptions(octets, decodeOne);
}

/**
 * Writes options one after the other, and pads them with zeros to a multiple
 * of four octets (RFC 9293 §3.1).
 *
 * @category Transport protocols
 * @throws {RangeError} if a value does not fit, or all together exceed the
 * 40 octets that a header has room for
 *
 * @example
 * ```ts
 * import { encodeTCPOptions } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeTCPOptions([
 *   { kind: "maximumSegmentSize", size: 1460 },
 *   { kind: "sackPermitted" },
 * ]);
 * assertEquals(octets.toHex(), "020405b404020000");
 * ```
 */
export function encodeTCPOptions(
  options: readonly TCPOption[],
): Uint8Array<ArrayBuffer> {
  return padOptions("TCP", options.flatMap(encodeOne));
}

/**
 * One option in words, as the tree of a packet shows it.
 *
 * @category Transport protocols
 */
export function describeTCPOption(option: TCPOption): string {
  switch (option.kind) {
    case "endOfList":
      return "End of Option List (EOL)";
    case "noOperation":
      return "No-Operation (NOP)";
    case "maximumSegmentSize":
      return `Maximum segment size: ${option.size} bytes`;
    case "windowScale":
      // RFC 7323 §2.3: a larger shift counts as 14.
      return `Window scale: ${option.shift} (multiply by ` +
        `${2 ** Math.min(option.shift, 14)})`;
    case "sackPermitted":
      return "SACK permitted";
    case "sack": {
      const blocks = option.blocks.map(({ left, right }) => `${left}-${right}`);
      return `SACK ${blocks.join(" ")}`;
    }
    case "timestamps":
      return `Timestamps: TSval ${option.value}, TSecr ${option.echoReply}`;
    case "fastOpen":
      return option.cookie.length === 0
        ? "Fast Open Cookie Request"
        : `Fast Open Cookie ${option.cookie.toHex()}`;
    case "unknown": {
      const [kind] = multipathKind(option) ?? [];
      return `${NAMES[option.type] ?? "Unknown"} (${option.type})` +
        `${kind === undefined ? "" : `: ${kind}`}, ` +
        `${counted(option.data.length, "byte")} of data`;
    }
  }
}

/** `octets` is the whole option, its length already checked. */
function decodeOne(octets: Uint8Array): TCPOption {
  const type = octets[OFFSET.TYPE];
  switch (type) {
    case TYPE.MAXIMUM_SEGMENT_SIZE:
      if (octets.length !== SIZE.MAXIMUM_SEGMENT_SIZE) break;
      return { kind: "maximumSegmentSize", size: get16(octets, OFFSET.DATA) };
    case TYPE.WINDOW_SCALE:
      if (octets.length !== SIZE.WINDOW_SCALE) break;
      return { kind: "windowScale", shift: octets[OFFSET.DATA] };
    case TYPE.SACK_PERMITTED:
      if (octets.length !== SIZE.SACK_PERMITTED) break;
      return { kind: "sackPermitted" };
    case TYPE.SACK:
      if ((octets.length - OFFSET.DATA) % SIZE.SACK_BLOCK !== 0) break;
      return { kind: "sack", blocks: decodeBlocks(octets) };
    case TYPE.TIMESTAMPS:
      if (octets.length !== SIZE.TIMESTAMPS) break;
      return {
        kind: "timestamps",
        value: get32(octets, OFFSET.DATA),
        echoReply: get32(octets, OFFSET.TIMESTAMP_ECHO),
      };
    case TYPE.FAST_OPEN:
      return { kind: "fastOpen", cookie: octets.subarray(OFFSET.DATA) };
  }
  // Known by type but not of its shape is kept whole too.
  return { kind: "unknown", type, data: octets.subarray(OFFSET.DATA) };
}

function decodeBlocks(octets: Uint8Array): TCPSACKBlock[] {
  const blocks: TCPSACKBlock[] = [];
  for (let i: number = OFFSET.DATA; i < octets.length; i += SIZE.SACK_BLOCK) {
    blocks.push({ left: get32(octets, i), right: get32(octets, i + 4) });
  }
  return blocks;
}

function encodeOne(option: TCPOption): number[] {
  switch (option.kind) {
    case "endOfList":
      return [END_OF_LIST];
    case "noOperation":
      return [NO_OPERATION];
    case "maximumSegmentSize": {
      const size = checkRange("maximum segment size", option.size, 0, 0xffff);
      return withLength(TYPE.MAXIMUM_SEGMENT_SIZE, [size >>> 8, size & 0xff]);
    }
    case "windowScale":
      return withLength(TYPE.WINDOW_SCALE, [
        checkRange("window scale shift", option.shift, 0, 255),
      ]);
    case "sackPermitted":
      return withLength(TYPE.SACK_PERMITTED, []);
    case "sack":
      return withLength(
        TYPE.SACK,
        option.blocks.flatMap(({ left, right }) => [
          ...wordOf("SACK left edge", left),
          ...wordOf("SACK right edge", right),
        ]),
      );
    case "timestamps":
      return withLength(TYPE.TIMESTAMPS, [
        ...wordOf("timestamp value", option.value),
        ...wordOf("timestamp echo reply", option.echoReply),
      ]);
    case "fastOpen":
      return withLength(TYPE.FAST_OPEN, [...option.cookie]);
    case "unknown":
      checkRange("option kind", option.type, 0, 255);
      return withLength(option.type, [...option.data]);
  }
}

function wordOf(field: string, word: number): number[] {
  return octetsOf(checkRange(field, word, 0, 0xffffffff));
}
