/**
 * What holds for every codec: the same octets again, no prefix that surprises,
 * no input that makes it throw anything but a `PacketError`.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { PacketError, type Problem } from "../../lib/wire/errors.ts";
import type { Field } from "../../lib/wire/field.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../random.ts";
import { assertFieldsCover } from "./field_checks.ts";

/** A codec, as these checks see it. */
export interface Codec<Header> {
  /** Header, payload, and all that belongs to neither. */
  decode(bytes: Uint8Array): {
    readonly header: Header;
    readonly payload: Uint8Array;
    readonly missing?: number;
    readonly trailer?: Uint8Array;
  };
  encode(header: Header, payload: Uint8Array): Uint8Array;
  describe(bytes: Uint8Array, header: Header): Field[];
  check(bytes: Uint8Array): readonly Problem[];
  /** Of fields that hold multiples, by name. */
  readonly units?: Readonly<Record<string, number>>;
}

/** Octets to be decoded in any of a codec's tests. */
const INPUTS = 20_000;

/**
 * Decodes, encodes again and describes.
 *
 * @param hex octets without a trailer
 */
export function assertRoundTrip<Header>(
  codec: Codec<Header>,
  hex: string,
  header: Header,
  payload: string,
): void {
  // In the middle of other octets, which do not show.
  const around = Uint8Array.fromHex(`a5a5a5${hex}`);
  const decoded = codec.decode(around.subarray(3));
  assertEquals(decoded.header, header, hex);
  assertEquals(decoded.payload.toHex(), payload, hex);
  assertEquals(codec.encode(header, decoded.payload).toHex(), hex);
  const octets = Uint8Array.fromHex(hex);
  const headerOctets = octets.subarray(0, octets.length - payload.length / 2);
  assertFieldsCover(headerOctets, codec.describe(octets, header), codec.units);
}

/**
 * Every truncated prefix throws a `PacketError`, or has fewer octets of
 * payload.
 *
 * @param least octets that decode
 */
export function assertPrefixes<Header>(
  codec: Codec<Header>,
  hex: string,
  least: number,
): void {
  const whole = Uint8Array.fromHex(hex);
  const { payload } = codec.decode(whole);
  for (let length = 0; length < whole.length; length++) {
    const prefix = whole.subarray(0, length);
    if (length < least) {
      assertThrows(() => codec.decode(prefix), PacketError, "at octet");
      continue;
    }
    const decoded = codec.decode(prefix);
    const lost = whole.length - length;
    assertEquals(decoded.payload.length, Math.max(0, payload.length - lost));
    codec.check(prefix);
  }
}

/**
 * Random octets, and good ones with bits flipped and ends cut off or added:
 * each throws a `PacketError` or gives the same octets again, and can be
 * checked and described. The input is never changed.
 */
export function assertFuzz<Header>(
  codec: Codec<Header>,
  good: readonly string[],
  seed: number,
): void {
  const random = seededRandom(seed);
  let decodedCount = 0;
  for (let i = 0; i < INPUTS; i++) {
    const octets = i % 4 === 0
      ? randomBytes(random, randomInt(random, 0, 80))
      : mutated(random, Uint8Array.fromHex(randomOf(random, good)));
    const before = octets.toHex();
    let decoded;
    try {
      decoded = codec.decode(octets);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      assert(error.offset >= 0 && error.offset <= octets.length);
      continue;
    }
    decodedCount++;
    const { header, payload } = decoded;
    const again = codec.encode(header, payload).toHex();
    if (again !== before.slice(0, again.length)) {
      assertEquals(again, before);
    }
    const used = again.length / 2;
    if (decoded.trailer !== undefined) {
      assertEquals(used + decoded.trailer.length, octets.length, before);
    }
    for (const { offset } of codec.check(octets)) {
      assert(offset >= 0 && offset <= octets.length, before);
    }
    const headerLength = used - payload.length;
    assertFieldsCover(
      octets.subarray(0, headerLength),
      codec.describe(octets, header),
      codec.units,
    );
    assertEquals(octets.toHex(), before, "its input is unchanged");
  }
  assert(decodedCount > INPUTS / 4, `${decodedCount} could be decoded`);
}

function mutated(random: Random, original: Uint8Array): Uint8Array {
  const longer = new Uint8Array(original.length + randomInt(random, 0, 8));
  longer.set(original);
  const octets = longer.slice(
    0,
    random() < 0.3 ? randomInt(random, 0, longer.length) : longer.length,
  );
  for (let n = randomInt(random, 0, 4); n > 0 && octets.length > 0; n--) {
    octets[randomInt(random, 0, octets.length - 1)] ^= 1 <<
      randomInt(random, 0, 7);
  }
  return octets;
}

/** A field of a header, its place in bits, and what its errors call it. */
export type Place = [
  field: string,
  offset: number,
  width: number,
  label?: string,
];

/**
 * Each number field at its maximum sets its bits and no other, and beyond its
 * range is refused.
 *
 * @param encode writes a header in which no bit is set but for `changed`
 */
export function assertRanges(
  layer: string,
  encode: (changed: Record<string, number>) => Uint8Array,
  places: readonly Place[],
): void {
  const length = encode({}).length;
  assertEquals(encode({}).toHex(), "00".repeat(length));
  for (const [field, offset, width, label = field] of places) {
    const max = 2 ** width - 1;
    const value = BigInt(max) << BigInt(length * 8 - offset - width);
    assertEquals(
      encode({ [field]: max }).toHex(),
      value.toString(16).padStart(length * 2, "0"),
      field,
    );
    for (const wrong of [-1, max + 1, 0.5, NaN, Infinity]) {
      assertThrows(
        () => encode({ [field]: wrong }),
        RangeError,
        `${layer} ${label} must be a whole number from 0 to ${max}, but is ${wrong}`,
      );
    }
  }
}
