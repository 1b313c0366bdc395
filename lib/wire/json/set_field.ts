/**
 * Changing one field of a described packet: what follows from it follows.
 *
 * @module
 */

import { derivedFields, derivedPlaces } from "../meaning/derived.ts";
import { packetFromJSON } from "./packet_from_json.ts";
import type { PlainValue } from "./packet_json.ts";
import { asKnown, wrongType } from "./read_object.ts";

/**
 * A layer of a packet that {@linkcode packetFromJSON} builds.
 *
 * @category Packets as JSON
 */
export interface DescribedLayer {
  /** The protocol's name. */
  readonly protocol: string;
  /** What is given of it; the rest is computed. */
  readonly fields: { readonly [name: string]: PlainValue };
}

/**
 * How {@linkcode setField} deals with the other fields.
 *
 * @category Packets as JSON
 */
export interface SetFieldOptions {
  /**
   * Paths of derived fields that stay as they are, or `all`; by default those
   * follow that were right before, and those that were wrong stay.
   */
  readonly hold?: readonly string[] | "all";
}

/**
 * Sets one field of a packet as {@linkcode packetToJSON} describes it. Lengths,
 * checksums and what else is derived follow, unless they were wrong before, are
 * held, or are what is set. The input is never changed.
 *
 * @category Packets as JSON
 * @param path the protocol's name, and behind a point the field's, such as
 * `ipv4.ttl`; `ipv4[1].ttl` is of the second of a kind, and
 * `igmp.records[0].group` within a list
 * @param value as JSON has it: octets are hexadecimal text
 * @returns a description for {@linkcode packetFromJSON}, in which what follows
 * is left out
 * @throws {TypeError} if there is no such field, or its values are of another
 * type
 * @throws {RangeError} if the value does not fit
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4, udp } from "raw4";
 * import { packetFromJSON, packetToJSON, setField } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   udp({ destinationPort: 7 }),
 *   "Hi",
 * );
 * const described = packetToJSON(packet, dissect(packet));
 * const moved = packetFromJSON(setField(described, "ipv4.source", "192.0.2.9"));
 * assertEquals(dissect(moved).problems, []);
 * const held = packetFromJSON(
 *   setField(described, "ipv4.ttl", 3, { hold: ["ipv4.checksum"] }),
 * );
 * assertEquals(dissect(held).problems.map(({ field }) => field), ["checksum"]);
 * ```
 */
export function setField(
  packet: { readonly layers: readonly DescribedLayer[] },
  path: string,
  value: PlainValue,
  { hold = [] }: SetFieldOptions = {},
): { readonly layers: readonly DescribedLayer[] } {
  const layers = packet.layers.map(({ protocol, fields }) => ({
    protocol,
    fields,
  }));
  const [at, names] = find(layers, path);
  const [name, ...inner] = names;
  const { protocol, fields } = layers[at];
  const replacing = replaced(fields[name], inner, value, path);
  const set = layers.with(at, {
    protocol,
    fields: { ...fields, [name]: replacing },
  });
  const heldPlaces = hold === "all"
    ? []
    : [path, ...hold].map((path) => find(layers, path));
  // Of what is set as a whole, all is given.
  const isHeld = (layer: number, place: readonly string[]) =>
    hold === "all" ||
    heldPlaces.some(([at, names]) =>
      at === layer && names.every((name, i) => place[i] === name)
    );
  const octets = packetFromJSON({ layers }).toHex();
  const following = set.map((layer, i) => {
    const places = derivedPlaces(layer.protocol, layer.fields).filter((place) =>
      !isHeld(i, place) && buildsWithout(layers, i, place, octets)
    );
    return { ...layer, fields: places.reduce(without, layer.fields) };
  });
  packetFromJSON({ layers: following });
  return { layers: following };
}

type Fields = DescribedLayer["fields"];

/** Whether a field was what would be computed for it. */
function buildsWithout(
  layers: readonly DescribedLayer[],
  at: number,
  place: readonly string[],
  octets: string,
): boolean {
  const fields = without(layers[at].fields, place);
  try {
    const packet = { layers: layers.with(at, { ...layers[at], fields }) };
    return packetFromJSON(packet).toHex() === octets;
  } catch (error) {
    // Nothing tells, such as what data are.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Fields without one of them, however deep it is. */
function without(fields: Fields, [name, ...names]: readonly string[]): Fields {
  const { [name]: inner, ...others } = fields;
  if (names.length === 0) return others;
  const rest = without(inner as Fields, names);
  return {
    ...others,
    [name]: Array.isArray(inner) ? Object.values(rest) : rest,
  };
}

/** Which layer a path is in, and the names below it. */
function find(
  layers: readonly DescribedLayer[],
  path: string,
): [layer: number, names: string[]] {
  const [, protocol, number = "0", rest] =
    /^(\w+)(?:\[(\d+)\])?\.(.+)$/.exec(path) ?? [];
  if (rest === undefined) {
    throw wrongType("a field's path", 'such as "ipv4.ttl"', path);
  }
  asKnown(protocol, layers.map(({ protocol }) => protocol), "the packet");
  const indexes = layers.flatMap((layer, i) =>
    layer.protocol === protocol ? [i] : []
  );
  const at = indexes.at(Number(number));
  if (at === undefined) {
    throw new TypeError(
      `the packet has ${indexes.length} of ${protocol}, but ${path} wants ` +
        `number ${number}, counted from 0`,
    );
  }
  const names = rest.split(/\.|\[(\d+)\]\.?/).filter((name) => name);
  const known = Object.keys(layers[at].fields);
  asKnown(names[0], [...known, ...derivedFields(protocol)], protocol);
  return [at, names];
}

/** A value in which another is replaced; what is on the way must be there. */
function replaced(
  old: PlainValue,
  [name, ...names]: readonly string[],
  value: PlainValue,
  path: string,
): PlainValue {
  if (name === undefined) return value;
  if (typeof old !== "object") throw wrongType(path, "a field", old);
  if (Array.isArray(old)) {
    const list: readonly PlainValue[] = old;
    const index = Number(name);
    if (!(index < list.length)) {
      throw new TypeError(`${path}: the list has ${list.length} elements`);
    }
    return list.with(index, replaced(list[index], names, value, path));
  }
  const fields = old as { readonly [name: string]: PlainValue };
  asKnown(name, Object.keys(fields), path);
  return { ...fields, [name]: replaced(fields[name], names, value, path) };
}
