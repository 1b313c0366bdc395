/**
 * A packet's fields with their places in it, for whatever shows them: all of
 * them in one list, so that a bit finds its field, and a field its parent.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import {
  describeLayer,
  type DissectedLayer,
  type Dissection,
} from "../../wire/packet/dissect.ts";
import type { Field } from "../../wire/field.ts";

/** A field where it stands in the packet. */
export interface PlacedField {
  /** Its place in the list of all. */
  readonly index: number;
  /** That of the field that it is a part of; `undefined` directly in a layer. */
  readonly parent: number | undefined;
  /** The protocol of its layer, and the names that lead to it: `flags.syn`. */
  readonly protocol: string;
  readonly path: string;
  /** How many fields it is a part of. */
  readonly depth: number;
  readonly field: Field;
  /** Bits from the packet's start. */
  readonly start: number;
  readonly end: number;
}

/** A layer with its fields. */
export interface PlacedLayer {
  readonly protocol: string;
  readonly title: string;
  /** Octets from the packet's start. */
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly PlacedField[];
}

/** All layers, and all fields, each before its parts. */
export interface PlacedPacket {
  readonly layers: readonly PlacedLayer[];
  readonly fields: readonly PlacedField[];
}

/** Places the fields of a dissected packet; data is a field of its own. */
export function placeFields(
  bytes: Uint8Array,
  { layers, trailer }: Dissection,
): PlacedPacket {
  const all: PlacedField[] = [];
  const place = (
    field: Field,
    { protocol, offset }: {
      readonly protocol: string;
      readonly offset: number;
    },
    parent?: PlacedField,
  ) => {
    const path = parent === undefined
      ? field.name
      : `${parent.path}.${field.name}`;
    const start = offset * 8 + field.bitOffset;
    const placed = {
      index: all.length,
      parent: parent?.index,
      depth: parent === undefined ? 0 : parent.depth + 1,
      ...{ protocol, path, field, start, end: start + field.bitWidth },
    };
    all.push(placed);
    for (const part of field.parts ?? []) {
      place(part, { protocol, offset }, placed);
    }
  };
  const placed = layers.map((layer): PlacedLayer => {
    const { protocol, offset, length } = layer;
    const { title, fields } = describeLayer(bytes, layer);
    const from = all.length;
    const shown = fields.length === 0 ? [wholeOf(layer, bytes)] : fields;
    for (const field of shown) place(field, layer);
    return { protocol, title, offset, length, fields: all.slice(from) };
  });
  if (trailer === undefined) return { layers: placed, fields: all };
  const { offset, length } = trailer;
  const from = all.length;
  const title = `Trailer (${counted(length, "byte")})`;
  const last = { protocol: "trailer", title, offset, length };
  place(octetsField("trailer", "Trailer", bytes, offset, length), last);
  return {
    layers: [...placed, { ...last, fields: all.slice(from) }],
    fields: all,
  };
}

function wholeOf({ offset, length }: DissectedLayer, bytes: Uint8Array): Field {
  return octetsField("data", "Data", bytes, offset, length);
}

function octetsField(
  name: string,
  label: string,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Field {
  const value = bytes.subarray(offset, offset + length);
  const text = value.length > 16
    ? `${value.subarray(0, 16).toHex()}…`
    : value.toHex();
  return { name, label, bitOffset: 0, bitWidth: length * 8, value, text };
}

/** The innermost field that a bit belongs to. */
export function fieldAtBit(
  { fields }: PlacedPacket,
  bit: number,
): PlacedField | undefined {
  return fields.findLast(({ start, end }) => start <= bit && bit < end);
}

/** A field's bits, in groups of four, those of others as dots. */
export function bitsOf(
  bytes: Uint8Array,
  { start, end }: PlacedField,
): string {
  let text = "";
  for (let bit = start & ~7; bit < (end + 7 & ~7); bit++) {
    if (bit > (start & ~7) && bit % 4 === 0) text += " ";
    text += bit < start || bit >= end
      ? "."
      : `${bytes[bit >> 3] >> (7 - bit % 8) & 1}`;
  }
  return text;
}
