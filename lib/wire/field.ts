/**
 * How a protocol describes its header, field by field, to whatever shows it:
 * a tree, a diagram, JSON. Pure data, so that a renderer needs to know no
 * protocol.
 *
 * @module
 */

import { counted } from "./errors.ts";
import { expectedChecksum, internetChecksum } from "../bytes/checksum.ts";
import { get16 } from "./octets.ts";

/**
 * One field of a decoded header.
 *
 * @category Packets
 */
export interface Field {
  /** The name it has in the decoded header, such as `totalLength`. */
  readonly name: string;
  /** The field's name in its RFC, such as `Total Length`. */
  readonly label: string;
  /** The same in as few letters as a narrow cell of a diagram has room for. */
  readonly abbreviation?: string;
  /** Bits from the start of the header. */
  readonly bitOffset: number;
  /** Width in bits. */
  readonly bitWidth: number;
  /** What the header holds. */
  readonly value: number | boolean | string | Uint8Array;
  /** The value for people, with what it means. */
  readonly text: string;
  /** The parts of a field that has any. */
  readonly parts?: readonly Field[];
  /** Whether it holds a packet, whose headers become its parts. */
  readonly isPacket?: true;
}

/** A number as a fixed count of hexadecimal digits, with its prefix. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** The same, as the text of a row. */
export function inHex(digits: number): (value: number) => string {
  return (value) => hex(value, digits);
}

/**
 * A checksum field with its verdict.
 *
 * @param bytes all that the checksum covers, the field included
 * @param offset where the field is, an even number
 * @param initial the sum of a pseudo header
 * @param zero what is sent for 0, where that says that there is none
 */
export function checksumText(
  bytes: Uint8Array,
  offset: number,
  initial = 0,
  zero = 0,
): string {
  const held = hex(get16(bytes, offset), 4);
  if (internetChecksum(bytes, initial) === 0) return `${held} [correct]`;
  const wanted = expectedChecksum(bytes, offset, initial) || zero;
  return `${held} [incorrect, should be ${hex(wanted, 4)}]`;
}

/** A checksum field where what it covers is not all known. */
export function unverifiedChecksum(held: number, digits = 4): string {
  return `${hex(held, digits)} [unverified]`;
}

/**
 * A checksum field with its verdict, if that can be told.
 *
 * @param initial the sum of a pseudo header, 0 where there is none; `undefined`
 * where what is covered is not all known
 */
export function checksumVerdict(
  bytes: Uint8Array,
  offset: number,
  initial: number | undefined,
): string {
  return initial === undefined
    ? unverifiedChecksum(get16(bytes, offset))
    : checksumText(bytes, offset, initial);
}

/** The same field, its parts included, `octets` further on. */
export function moveField(field: Field, octets: number): Field {
  const moved = { ...field, bitOffset: field.bitOffset + octets * 8 };
  return field.parts === undefined
    ? moved
    : { ...moved, parts: field.parts.map((part) => moveField(part, octets)) };
}

/** Those of a header's fields that end within its first `length` octets. */
export function fieldsWithin(
  fields: readonly Field[],
  length: number,
): Field[] {
  return fields.filter(({ bitOffset, bitWidth }) =>
    bitOffset + bitWidth <= length * 8
  );
}

/** Octets to the end of the last of a header's fields. */
export function endOf(fields: readonly Field[]): number {
  const last = fields.at(-1);
  return last === undefined ? 0 : (last.bitOffset + last.bitWidth) / 8;
}

/** A field of so many bits that begins `octet` octets into the header. */
export function fieldAt(
  octet: number,
  bitWidth: number,
  name: string,
  label: string,
  value: number | boolean | string | Uint8Array,
  text = `${value}`,
  bitInOctet = 0,
): Field {
  return {
    name,
    label,
    bitOffset: octet * 8 + bitInOctet,
    bitWidth,
    value,
    text,
  };
}

/** Octets that are shown as such. */
export function octetsAt(
  octet: number,
  name: string,
  label: string,
  octets: Uint8Array,
): Field {
  const text = `(${counted(octets.length, "byte")})`;
  return fieldAt(octet, octets.length * 8, name, label, octets, text);
}
