/**
 * How a protocol describes its header, field by field, to whatever shows it:
 * a tree, a diagram, JSON. Pure data, so that a renderer needs to know no
 * protocol.
 *
 * @module
 */

import { expectedChecksum, internetChecksum } from "../bytes/checksum.ts";
import { get16 } from "./octets.ts";

/** One field of a decoded header. */
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
}

/** A number as a fixed count of hexadecimal digits, with its prefix. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/**
 * A checksum field with its verdict.
 *
 * @param bytes all that the checksum covers, the field included
 * @param offset where the field is, an even number
 * @param initial the sum of a pseudo header
 */
export function checksumText(
  bytes: Uint8Array,
  offset: number,
  initial = 0,
): string {
  const held = hex(get16(bytes, offset), 4);
  if (internetChecksum(bytes, initial) === 0) return `${held} [correct]`;
  const wanted = expectedChecksum(bytes, offset, initial);
  return `${held} [incorrect, should be ${hex(wanted, 4)}]`;
}

/** A checksum field where what it covers is not all known. */
export function unverifiedChecksum(held: number): string {
  return `${hex(held, 4)} [unverified]`;
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

/** A flag, as Wireshark words one. */
export function flagAt(
  octet: number,
  bitInOctet: number,
  name: string,
  label: string,
  value: boolean,
): Field {
  const text = value ? "Set" : "Not set";
  return fieldAt(octet, 1, name, label, value, text, bitInOctet);
}
