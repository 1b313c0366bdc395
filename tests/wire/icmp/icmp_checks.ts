/**
 * What holds for the messages of ICMP and ICMPv6 alike.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertObjectMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { PacketError, type Problem } from "../../../lib/wire/errors.ts";
import type { Field } from "../../../lib/wire/field.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";

/** A version of ICMP, as these checks see it. */
export interface ICMPCodec<Fields, Message extends Fields> {
  /** Such as `ICMPv4`. */
  readonly name: string;
  decode(bytes: Uint8Array): Message & { readonly type: number };
  encode(fields: Fields): Uint8Array;
  describe(bytes: Uint8Array, message: Message): Field[];
  check(bytes: Uint8Array, message: Message): Problem[];
}

/** What a message is made of, and its octets in hexadecimal. */
export type MessageCase<Fields> = readonly [fields: Fields, hex: string];

/** A field: how to make a message with it, its name in errors, its range. */
export type FieldRange<Fields> = readonly [
  make: (value: number) => Fields,
  field: string,
  min: number,
  max: number,
];

type Kind = { readonly kind: string };

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

/** Encodes, decodes, encodes again; nothing is wrong with any of them. */
export function assertMessages<Fields extends Kind, Message extends Fields>(
  { decode, encode, check }: ICMPCodec<Fields, Message>,
  messages: readonly MessageCase<Fields>[],
): void {
  for (const [fields, hex] of messages) {
    const octets = bytes(hex);
    assertEquals(encode(fields).toHex(), octets.toHex(), fields.kind);
    const message = decode(octets);
    assertObjectMatch(message, fields);
    assertEquals(encode(message), octets, fields.kind);
    assertEquals(check(octets, message), [], fields.kind);
  }
}

/**
 * Random octets behind every type are the same again.
 *
 * @param least octets that are enough for every type
 */
export function assertEveryType<Fields extends Kind, Message extends Fields>(
  { decode, encode, describe, check }: ICMPCodec<Fields, Message>,
  least: number,
  seed: number,
): void {
  const random = seededRandom(seed);
  for (let round = 0; round < 20; round++) {
    for (let type = 0; type < 256; type++) {
      const octets = randomBytes(random, randomInt(random, least, 200));
      octets[0] = type;
      const message = decode(octets);
      assertEquals(message.type, type);
      assertEquals(encode(message).toHex(), octets.toHex());
      describe(octets, message);
      check(octets, message);
    }
  }
}

/** Every truncated prefix throws, or is the same octets again. */
export function assertCutShort<Fields extends Kind, Message extends Fields>(
  { name, decode, encode }: ICMPCodec<Fields, Message>,
  messages: readonly MessageCase<Fields>[],
): void {
  for (const [{ kind }, hex] of messages) {
    const octets = bytes(hex);
    for (let length = 0; length < octets.length; length++) {
      const prefix = octets.subarray(0, length);
      try {
        assertEquals(encode(decode(prefix)), prefix, kind);
      } catch (error) {
        assert(error instanceof PacketError, kind);
        assertEquals([error.layer, error.offset], [name.toLowerCase(), length]);
      }
    }
  }
}

/** So many octets are enough for a type, and one fewer is not. */
export function assertShortest<Fields extends Kind, Message extends Fields>(
  { name, decode }: ICMPCodec<Fields, Message>,
  shortest: readonly (readonly [type: number, octets: number])[],
): void {
  for (const [type, length] of shortest) {
    const octets = new Uint8Array(length);
    octets[0] = type;
    assertEquals(decode(octets).type, type);
    const there = length - 1;
    assertThrows(
      () => decode(octets.subarray(0, there)),
      PacketError,
      `${name.toLowerCase()} message at octet ${there}: ` +
        `ends after ${there} octets, at least`,
    );
  }
}

/** A message amid other octets reads as if it were alone, in their memory. */
export function assertSubarrays<Fields extends Kind, Message extends Fields>(
  { decode, describe, check }: ICMPCodec<Fields, Message>,
  messages: readonly MessageCase<Fields>[],
): void {
  for (const [fields, hex] of messages) {
    const octets = bytes(hex);
    const larger = new Uint8Array(octets.length + 7).fill(0xa5);
    larger.set(octets, 3);
    const part = larger.subarray(3, 3 + octets.length);
    const message = decode(part);
    assertObjectMatch(message, fields);
    for (const view of Object.values<unknown>(message)) {
      if (view instanceof Uint8Array) {
        assertStrictEquals(view.buffer, larger.buffer);
      }
    }
    assertEquals(describe(part, message), describe(octets, message));
    assertEquals(check(part, message), []);
  }
}

/** Every field takes the least and the most of its range, and nothing beyond. */
export function assertFieldRanges<Fields extends Kind, Message extends Fields>(
  { name, decode, encode }: ICMPCodec<Fields, Message>,
  ranges: readonly FieldRange<Fields>[],
): void {
  for (const [make, field, min, max] of ranges) {
    for (const value of [min, max]) {
      const fields = make(value);
      const octets = encode(fields);
      const message = decode(octets);
      assertEquals(encode(message), octets);
      assertObjectMatch(message, { ...fields, kind: message.kind });
    }
    for (const value of [min - 1, max + 1, min + 0.5, NaN]) {
      assertThrows(
        () => encode(make(value)),
        RangeError,
        `${name} ${field} must be a whole number from ${min} to ${max}, ` +
          `but is ${value}`,
      );
    }
  }
}
