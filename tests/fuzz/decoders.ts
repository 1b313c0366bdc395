/**
 * Every decoder by itself, on octets of any kind.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  decodeICMPExtensions,
  decodeIPv4,
  decodeIPv4Options,
  decodeNDPOptions,
  decodeTCPOptions,
  encodeICMPExtensions,
  encodeIPv4Options,
  encodeNDPOptions,
  encodeTCPOptions,
  fragmentIPv4,
  PacketError,
  type PacketLayer,
  type Problem,
  Reassembler,
} from "../../mod.ts";
import * as layers from "../../lib/wire/packet/layers.ts";
import {
  type ProtocolName,
  protocolOf,
  PROTOCOLS,
} from "../../lib/wire/packet/registry.ts";

/** Decodes, and gives the octets that it makes of that again, if it makes any. */
type Decoder = (octets: Uint8Array) => Uint8Array | undefined;

/** By name. What comes out again is what went in, as far as it goes. */
export const DECODERS: Readonly<Record<string, Decoder>> = {
  ...Object.fromEntries(
    (Object.keys(PROTOCOLS) as ProtocolName[]).map((name) => [
      name,
      decoderOf(name),
    ]),
  ),
  "IPv4 options": (octets) => {
    // A header has room for 40 octets.
    const room = octets.subarray(0, 40);
    const { options, fault } = decodeIPv4Options(room);
    return listed(
      room,
      options,
      fault,
      () => encodeIPv4Options(options.map(({ option }) => option)),
    );
  },
  "TCP options": (octets) => {
    const room = octets.subarray(0, 40);
    const { options, fault } = decodeTCPOptions(room);
    return listed(
      room,
      options,
      fault,
      () => encodeTCPOptions(options.map(({ option }) => option)),
    );
  },
  "NDP options": (octets) => {
    const { options, fault } = decodeNDPOptions(octets);
    return listed(
      octets,
      options,
      fault,
      () => encodeNDPOptions(options.map(({ option }) => option)),
    );
  },
  "ICMP extensions": (octets) => {
    const { objects, fault, ...head } = decodeICMPExtensions(octets);
    // Four octets of head, which a fault may be about.
    if (octets.length < 4) return undefined;
    return listed(octets, objects, fault, () =>
      encodeICMPExtensions({
        ...head,
        objects: objects.map(({ object }) => object),
      }), 4);
  },
  reassembler: (octets) => {
    const reassembler = new Reassembler();
    const result = reassembler.add(octets, 0);
    return result.kind === "complete" ? result.packet : undefined;
  },
  fragments: (octets) => {
    const { header, payload } = decodeIPv4(octets);
    const pieces = fragmentIPv4(octets, header.headerLength + 16);
    if (header.moreFragments || header.fragmentOffset > 0) return undefined;
    const reassembler = new Reassembler();
    const results = pieces.map((piece) => reassembler.add(piece, 0));
    const last = results.at(-1);
    assert(last?.kind === "complete", "fragments make the packet again");
    assertEquals(decodeIPv4(last.packet).payload, payload);
    return undefined;
  },
};

/**
 * Runs a decoder.
 *
 * @returns whether it decoded, or which field it found fault with
 */
export function checkDecoder(name: string, octets: Uint8Array): string {
  let again: Uint8Array | undefined;
  try {
    again = DECODERS[name](octets);
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    assertWithin(error, octets.length);
    return `${error.layer}.${error.field}`;
  }
  if (again === undefined) return "decoded";
  assert(again.length <= octets.length, `${name} encodes more than there was`);
  assertSame(octets.subarray(0, again.length), again, name);
  return "decoded";
}

/** The same octets; a difference is shown in hexadecimal. */
export function assertSame(
  actual: Uint8Array,
  expected: Uint8Array,
  name: string,
): void {
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (actual[i] === expected[i]) continue;
    assertEquals(actual.toHex(), expected.toHex(), `${name} at octet ${i}`);
  }
}

/** A problem is somewhere in the octets, or where they end. */
export function assertWithin({ offset, reason }: Problem, end: number): void {
  assert(offset >= 0 && offset <= end, `${offset} is outside: ${reason}`);
  assert(Number.isInteger(offset), `${offset}`);
}

/** That of a protocol, and its layer, if it is one that is built. */
function decoderOf(name: ProtocolName): Decoder {
  const layer = (layers as Readonly<Record<string, unknown>>)[name] as
    | ((fields: object) => PacketLayer)
    | undefined;
  return (octets) => {
    const { header, payload } = protocolOf(name).decode(octets);
    if (layer === undefined) return undefined;
    // Of these a message has one, and it is all that follows.
    const { payload: _, quoted = payload, ...fields } = header as {
      readonly payload?: Uint8Array;
      readonly quoted?: Uint8Array;
    };
    return layer(fields).encode(quoted);
  };
}

/** A list up to its fault; padding behind its end is the encoder's own. */
function listed(
  octets: Uint8Array,
  list: readonly { readonly offset: number; readonly length: number }[],
  fault: { readonly offset: number; readonly reason: string } | undefined,
  encode: () => Uint8Array,
  start = 0,
): Uint8Array {
  let end = start;
  for (const { offset, length } of list) {
    assertEquals(offset, end, "one follows the other");
    end += length;
  }
  if (fault !== undefined) {
    const { offset, reason } = fault;
    assertWithin({ layer: "", field: "", offset, reason }, octets.length);
  }
  assert(end <= octets.length, "a list does not go past its end");
  return encode().subarray(0, end);
}
