/**
 * What holds for the fields of every description.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Field } from "../../lib/wire/field.ts";

/** A line for each field, parts indented. */
export function linesOf(fields: readonly Field[], indent = ""): string[] {
  return fields.flatMap(({ label, text, parts }) => [
    `${indent}${label}: ${text}`,
    ...linesOf(parts ?? [], `${indent}  `),
  ]);
}

/**
 * Fields follow one another without a gap and end where they should, and what
 * is a number or a flag holds the bits that it points at.
 *
 * @param units of the fields that hold multiples, by name
 */
export function assertFieldsCover(
  octets: Uint8Array,
  fields: readonly Field[],
  units: Readonly<Record<string, number>> = {},
): void {
  let end = 0;
  for (const field of fields) {
    assertEquals(field.bitOffset, end, `${field.name} begins there`);
    end += field.bitWidth;
    assertHoldsBits(octets, field, units);
  }
  assertEquals(end, octets.length * 8, "the last field ends there");
}

function assertHoldsBits(
  octets: Uint8Array,
  field: Field,
  units: Readonly<Record<string, number>>,
): void {
  const { name, bitOffset, bitWidth, value, parts = [] } = field;
  for (const part of parts) {
    assert(part.bitOffset >= bitOffset, `${part.name} is within ${name}`);
    assert(
      part.bitOffset + part.bitWidth <= bitOffset + bitWidth,
      `${part.name} is within ${name}`,
    );
    assertHoldsBits(octets, part, units);
  }
  if (value instanceof Uint8Array) {
    const start = bitOffset / 8;
    assertEquals(value, octets.subarray(start, start + bitWidth / 8), name);
  } else if (typeof value !== "string") {
    const bits = bitsAt(octets, field) * (units[name] ?? 1);
    assertEquals(Number(value), bits, name);
  }
}

function bitsAt(octets: Uint8Array, { bitOffset, bitWidth }: Field): number {
  let value = 0;
  for (let bit = bitOffset; bit < bitOffset + bitWidth; bit++) {
    value = value * 2 + (octets[bit >> 3] >> (7 - bit % 8) & 1);
  }
  return value;
}
