/**
 * What the options of IPv4, TCP and Neighbor Discovery have in common: one
 * after the other they tell their type and their length.
 *
 * @module
 */

import { checkRange } from "./errors.ts";
import { type Field, fieldAt, octetsAt } from "./field.ts";
import type { Variable } from "./field_table.ts";

/**
 * An option, and where it stood.
 *
 * @category Packets
 */
export interface LocatedOption<Option> {
  /** Octets from the start of the options. */
  readonly offset: number;
  /** Octets, type and length included. */
  readonly length: number;
  /** What it says. */
  readonly option: Option;
}

/**
 * Options as far as they could be read.
 *
 * @category Packets
 */
export interface DecodedOptions<Option> {
  /**
   * The options before any fault, in order. Padding after the end of list is
   * left out.
   */
  readonly options: readonly LocatedOption<Option>[];
  /** Why the rest could not be read, and where it begins. */
  readonly fault?: { readonly offset: number; readonly reason: string };
}

/**
 * What options of one octet say, without a length, in IPv4 and in TCP.
 *
 * @category Packets
 */
export type PaddingOption =
  | { readonly kind: "endOfList" }
  | { readonly kind: "noOperation" };

/** Their types. */
export const END_OF_LIST = 0;
export const NO_OPERATION = 1;

/** By their types. */
const PADDING: readonly PaddingOption[] = [
  { kind: "endOfList" },
  { kind: "noOperation" },
];

/** Octets of an option's type and length. */
export const OPTION_HEAD = 2;
/** Octets of all options together that an IPv4 or TCP header has room for. */
const MAX_OPTIONS_LENGTH = 40;

/**
 * Reads options as IPv4 and TCP have them: their length is in octets, and two
 * of them have none.
 *
 * @param decode is given a whole option, its length checked
 */
export function decodeOptions<Option>(
  octets: Uint8Array,
  decode: (option: Uint8Array) => Option,
): DecodedOptions<Option | PaddingOption> {
  return walkOptions(octets, decode, lengthInOctets, PADDING);
}

function lengthInOctets(octets: Uint8Array, offset: number): number | string {
  if (offset + 1 === octets.length) return "ends before its length";
  const length = octets[offset + 1];
  return length < OPTION_HEAD
    ? `gives its length as ${length}, at least ${OPTION_HEAD} wanted`
    : length;
}

/**
 * Walks over options. Never throws: one that overruns what is there is a fault.
 *
 * @param decode is given a whole option, its length checked
 * @param lengthAt octets of the option at an offset, or why there are none: a
 * clause to go behind its type
 * @param padding what types without a length are, if there are any
 */
export function walkOptions<Option, Padding = never>(
  octets: Uint8Array,
  decode: (option: Uint8Array) => Option,
  lengthAt: (octets: Uint8Array, offset: number) => number | string,
  padding: readonly Padding[] = [],
): DecodedOptions<Option | Padding> {
  const options: LocatedOption<Option | Padding>[] = [];
  for (let offset = 0; offset < octets.length;) {
    const type = octets[offset];
    if (type < padding.length) {
      options.push({ offset, length: 1, option: padding[type] });
      if (type === END_OF_LIST) break;
      offset++;
      continue;
    }
    const room = octets.length - offset;
    const length = lengthAt(octets, offset);
    if (typeof length === "string" || length > room) {
      const clause = typeof length === "string"
        ? length
        : `is ${length} octets long, only ${room} are left`;
      return { options, fault: { offset, reason: `option ${type} ${clause}` } };
    }
    const option = decode(octets.subarray(offset, offset + length));
    options.push({ offset, length, option });
    offset += length;
  }
  return { options };
}

/** An option's type and length, and its data behind them. */
export function withLength(type: number, data: readonly number[]): number[] {
  const length = data.length + OPTION_HEAD;
  checkRange("option length", length, OPTION_HEAD, MAX_OPTIONS_LENGTH);
  return [type, length, ...data];
}

/** The four octets of a number, 0–0xffffffff. */
export function octetsOf(word: number): number[] {
  return [word >>> 24, word >>> 16 & 0xff, word >>> 8 & 0xff, word & 0xff];
}

/**
 * Options one after the other, padded with zeros to a multiple of four octets,
 * as headers of IPv4 and TCP count them.
 *
 * @throws {RangeError} if they exceed the 40 octets that a header has room for
 */
export function padOptions(
  layer: string,
  octets: readonly number[],
): Uint8Array<ArrayBuffer> {
  const length = octets.length;
  checkRange(`${layer} options, in octets,`, length, 0, MAX_OPTIONS_LENGTH);
  const padded = new Uint8Array((length + 3) & ~3);
  padded.set(octets);
  return padded;
}

/**
 * The row of the options of a header: one field, whose parts they are.
 *
 * @param octet where they begin in the header
 * @param label of each of them, such as `TCP Option`
 * @param describe an option in words
 */
export function optionsRow<Option extends { readonly kind: string }>(
  octet: number,
  label: string,
  decode: (octets: Uint8Array) => DecodedOptions<Option>,
  describe: (option: Option) => string,
): Variable<{ readonly options: Uint8Array }> {
  return {
    name: "options",
    shape: "octets",
    describe({ options: octets }) {
      if (octets.length === 0) return [];
      const { options, fault } = decode(octets);
      const field = octetsAt(octet, "options", "Options", octets);
      return [{
        ...field,
        text: field.text +
          (fault === undefined ? "" : ` [malformed: ${fault.reason}]`),
        parts: describeEach(octets, options, octet, label, describe),
      }];
    },
  };
}

/** Describes options, one field each; as {@linkcode optionsRow}. */
export function describeEach<Option extends { readonly kind: string }>(
  octets: Uint8Array,
  options: readonly LocatedOption<Option>[],
  octet: number,
  label: string,
  describe: (option: Option) => string,
): Field[] {
  return options.map(({ offset, length, option }) =>
    fieldAt(
      octet + offset,
      length * 8,
      option.kind,
      label,
      octets.subarray(offset, offset + length),
      describe(option),
    )
  );
}
