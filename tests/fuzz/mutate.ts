/**
 * Packets made worse, with an eye to what stands where in them.
 *
 * @module
 */

import { describeLayer, dissect } from "../../lib/wire/packet/dissect.ts";
import type { Field } from "../../lib/wire/field.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../random.ts";
import type { TestPacket } from "../wire/protocol_packets.ts";

/** Longer inputs take time, and show nothing new. */
const MAX_LENGTH = 2048;

/** A packet of the corpus, with one to four things changed. */
export function mutatePacket(
  random: Random,
  corpus: readonly TestPacket[],
): TestPacket {
  let { linkType, bytes } = randomOf(random, corpus);
  for (let count = randomInt(random, 1, 4); count > 0; count--) {
    const mutate = randomOf(random, MUTATIONS);
    bytes = mutate(random, { linkType, bytes }, corpus).slice(0, MAX_LENGTH);
  }
  // Octets under another name are hostile, too.
  if (random() < 0.02) ({ linkType } = randomOf(random, corpus));
  return { linkType, bytes };
}

type Mutation = (
  random: Random,
  packet: TestPacket,
  corpus: readonly TestPacket[],
) => Uint8Array<ArrayBuffer>;

/** Those that know of fields come as often as those that do not. */
const MUTATIONS: readonly Mutation[] = [
  changeField,
  changeField,
  changeField,
  changeField,
  nestAnother,
  (random, { bytes }) => {
    const changed = bytes.slice();
    changed[randomInt(random, 0, bytes.length)] ^= 1 << randomInt(random, 0, 7);
    return changed;
  },
  (random, { bytes }) => {
    const changed = bytes.slice();
    changed[randomInt(random, 0, bytes.length)] = randomInt(random, 0, 255);
    return changed;
  },
  (random, { bytes }) => bytes.slice(0, randomInt(random, 0, bytes.length)),
  (random, { bytes }) => {
    const at = randomInt(random, 0, bytes.length);
    const removed = random() < 0.5 ? 0 : randomInt(random, 0, 8);
    const added = randomBytes(random, randomInt(random, 0, 8));
    return splice(bytes, at, removed, added);
  },
  (random, { bytes }) => {
    const from = randomInt(random, 0, bytes.length);
    const copied = bytes.subarray(from, from + randomInt(random, 1, 60));
    return splice(bytes, randomInt(random, 0, bytes.length), 0, copied);
  },
];

/** Another value for a field that some layer has: extreme, near, or any. */
function changeField(
  random: Random,
  { bytes, linkType }: TestPacket,
): Uint8Array<ArrayBuffer> {
  const { layers } = dissect(bytes, { linkType });
  if (layers.length === 0) return bytes;
  const layer = randomOf(random, layers);
  const fields = flat(describeLayer(bytes, layer).fields);
  if (fields.length === 0) return bytes;
  const { bitOffset, bitWidth } = randomOf(random, fields);
  const changed = bytes.slice();
  const start = layer.offset * 8 + bitOffset;
  const carry = randomOf(random, [-8, -4, -1, 1, 4, 8]);
  const kind = randomInt(random, 0, 3);
  if (kind === 3) {
    addTo(changed, start, bitWidth, carry);
    return changed;
  }
  for (let bit = start; bit < start + bitWidth; bit++) {
    const mask = 0x80 >> bit % 8;
    const isSet = kind === 2 ? random() < 0.5 : kind === 1;
    if (isSet) changed[bit >> 3] |= mask;
    else changed[bit >> 3] &= ~mask;
  }
  return changed;
}

/** A little more, or less, of whatever the field counts. */
function addTo(
  bytes: Uint8Array,
  start: number,
  width: number,
  change: number,
): void {
  for (let bit = start + width - 1; bit >= start && change !== 0; bit--) {
    const mask = 0x80 >> bit % 8;
    const sum = ((bytes[bit >> 3] & mask) === 0 ? 0 : 1) + change;
    if ((sum & 1) === 0) bytes[bit >> 3] &= ~mask;
    else bytes[bit >> 3] |= mask;
    change = sum >> 1;
  }
}

function flat(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...flat(field.parts ?? [])]);
}

/** Some layer's beginning, and there another packet, from a layer of its own. */
function nestAnother(
  random: Random,
  { bytes, linkType }: TestPacket,
  corpus: readonly TestPacket[],
): Uint8Array<ArrayBuffer> {
  const edge = (packet: TestPacket) => {
    const { layers } = dissect(packet.bytes, { linkType: packet.linkType });
    return layers.length === 0 ? 0 : randomOf(random, layers).offset;
  };
  const other = randomOf(random, corpus);
  const rest = other.bytes.subarray(edge(other));
  return splice(bytes, edge({ bytes, linkType }), bytes.length, rest);
}

function splice(
  bytes: Uint8Array,
  at: number,
  removed: number,
  added: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(at + removed);
  const spliced = new Uint8Array(at + added.length + rest.length);
  spliced.set(bytes.subarray(0, at));
  spliced.set(added, at);
  spliced.set(rest, at + added.length);
  return spliced;
}
