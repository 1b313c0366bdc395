/** Where a packet's fields are, and which bit belongs to which. */

import { assertEquals } from "@std/assert";
import { boxesOf } from "../../../lib/render/packet/boxes.ts";
import { BITS_PER_ROW } from "../../../lib/render/packet/diagram_rows.ts";
import {
  bitsOf,
  fieldAtBit,
  placeFields,
} from "../../../lib/render/packet/placed_fields.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import { randomInt, seededRandom } from "../../random.ts";

/** From iputils ping over a veth pair, padding added. */
const ECHO = Uint8Array.fromHex(
  "360c89aeab76426d1c5486d50800" +
    "450000203f694000400" + "1f70d0101016401010101" +
    "08001e0404d40001ca3f0c6b" + "000000000000",
);
const placed = () =>
  placeFields(ECHO, dissect(ECHO, { linkType: LINK_TYPE_ETHERNET }));

Deno.test("a bit's field is the innermost one", () => {
  const at = (bit: number) => fieldAtBit(placed(), bit)?.field.label;
  const flags = (14 + 6) * 8;
  assertEquals(
    [flags, flags + 1, flags + 2, flags + 3].map(at),
    ["Reserved bit", "Don't fragment", "More fragments", "Fragment Offset"],
  );
  assertEquals(at((14 + 8) * 8), "Time to Live");
  assertEquals(at(0), "Destination");
  assertEquals(at(ECHO.length * 8 - 1), "Trailer");
  assertEquals(at(ECHO.length * 8), undefined);
});

Deno.test("bits are shown in fours, those of others as dots", () => {
  const { fields } = placed();
  const named = (label: string) =>
    bitsOf(ECHO, fields.find(({ field }) => field.label === label)!);
  assertEquals(named("Don't fragment"), ".1.. ....");
  assertEquals(named("Version"), "0100 ....");
  assertEquals(named("Fragment Offset"), "...0 0000 0000 0000");
});

Deno.test("every octet of any packet belongs to a field, and no field lies outside", () => {
  const random = seededRandom(13);
  for (let round = 0; round < 300; round++) {
    const bytes = ECHO.slice(0, 14 + randomInt(random, 0, ECHO.length - 14));
    for (let flip = 0; flip < 4; flip++) {
      bytes[randomInt(random, 12, bytes.length - 1)] ^= 1 <<
        randomInt(random, 0, 7);
    }
    const packet = placeFields(
      bytes,
      dissect(bytes, { linkType: LINK_TYPE_ETHERNET }),
    );
    packet.fields.forEach(({ index, parent, start, end }, i) => {
      assertEquals(index, i);
      if (parent !== undefined) assertEquals(parent < i, true);
      assertEquals(start <= end && end <= bytes.length * 8, true);
    });
    for (let octet = 0; octet < bytes.length; octet++) {
      assertEquals(fieldAtBit(packet, octet * 8) !== undefined, true);
    }
  }
});

Deno.test("a diagram's boxes fill its rows, each bit once", () => {
  for (const layer of placed().layers) {
    const { boxes, rows, isCut } = boxesOf(ECHO, layer);
    assertEquals(isCut, false);
    const bits = new Map<number, string>();
    for (const { row, column, cell: { bitWidth }, field } of boxes) {
      for (let bit = column; bit < column + bitWidth; bit++) {
        const at = row * BITS_PER_ROW + bit;
        assertEquals(bits.has(at), false, `bit ${at} of ${layer.title}`);
        bits.set(at, field!.field.label);
        // The box's field is the one that the bit is of.
        const place = layer.offset * 8 + at;
        assertEquals(field!.start <= place && place < field!.end, true);
      }
    }
    assertEquals(bits.size, layer.length * 8, layer.title);
    assertEquals(rows, Math.ceil(layer.length * 8 / BITS_PER_ROW));
    // Each field is named once, in its widest part.
    const named = boxes.filter(({ isLabelled }) => isLabelled);
    assertEquals(
      named.length,
      new Set(boxes.map(({ field }) => field!.index)).size,
    );
  }
});

Deno.test("a long payload's diagram ends before it is a wall", () => {
  const bytes = new Uint8Array(9000);
  bytes.set(ECHO.subarray(14, 34));
  bytes.set([0x23, 0x28], 2);
  const { layers } = placeFields(bytes, dissect(bytes));
  const { boxes, rows, isCut } = boxesOf(bytes, layers.at(-1)!);
  assertEquals([rows, isCut], [24, true]);
  assertEquals(boxes.length, 24);
});
