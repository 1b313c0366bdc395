/**
 * A packet that is being made: one field after the other, the rest following.
 *
 * @module
 */

import { packetToJSON, type PlainValue } from "../../wire/json/packet_json.ts";
import { packetFromJSON } from "../../wire/json/packet_from_json.ts";
import { setField } from "../../wire/json/set_field.ts";
import { LINK_TYPE_RAW } from "../../wire/link_types.ts";
import { buildPacket } from "../../wire/packet/build.ts";
import { dissect } from "../../wire/packet/dissect.ts";
import { icmpv4, icmpv6, ipv4, ipv6, udp } from "../../wire/packet/layers.ts";
import type { Packet } from "../state/store.ts";
import type {
  PlacedField,
  PlacedLayer,
  PlacedPacket,
} from "../../render/packet/placed_fields.ts";

/** What a new packet may be. */
export const KINDS = ["echo", "udp", "hello", "echo6"] as const;

/** A packet from its IP header on, as it would be sent. */
export function newDraft(
  kind: (typeof KINDS)[number],
  source: string,
  destination: string,
): Packet {
  const ends = { source, destination };
  const parts = {
    echo: () => [
      ipv4(ends),
      icmpv4({ kind: "echoRequest", identifier: 1, sequence: 1 }),
      "raw4",
    ],
    udp:
      () => [ipv4(ends), udp({ sourcePort: 4253, destinationPort: 9 }), "raw4"],
    hello: () => [ipv4({ ...ends, protocol: 253 }), "Hello World!"],
    echo6: () => [
      ipv6(ends),
      icmpv6({ kind: "echoRequest", identifier: 1, sequence: 1 }),
      "raw4",
    ],
  }[kind];
  return asDraft(buildPacket(...parts()));
}

/** What a packet that was seen is from its first IP header on, if it has one. */
export function draftOf({ bytes, linkType }: Packet): Packet | undefined {
  const { layers, trailer } = dissect(bytes, { linkType });
  const ip = layers.find(({ protocol }) => /^ipv[46]$/.test(protocol));
  return ip && asDraft(bytes.slice(ip.offset, trailer?.offset));
}

/** Whether what is made is IPv6. */
export function isIPv6({ bytes: [first] }: Packet): boolean {
  return first >> 4 === 6;
}

function asDraft(bytes: Uint8Array<ArrayBuffer>): Packet {
  return {
    number: 0,
    point: { name: "" },
    timestampNs: undefined,
    isOutgoing: undefined,
    ...{ bytes, originalLength: bytes.length, linkType: LINK_TYPE_RAW },
  };
}

/** A field that can be changed, and what it holds. */
export interface Changeable {
  /** As `setField` knows it. */
  readonly path: string;
  readonly value: PlainValue;
}

/** How a field can be changed, unless it is but a view of others. */
export function changeable(
  { bytes }: Packet,
  { fields, layers }: PlacedPacket,
  placed: PlacedField,
): Changeable | undefined {
  const { protocol, field: { name }, index } = placed;
  const at = layers.findIndex(({ fields }) =>
    fields.some((field) => field.index === index)
  );
  const described = packetToJSON(bytes, dissect(bytes)).layers[at];
  if (described === undefined) return undefined;
  const held: Fields = described.fields;
  const before = layers.slice(0, at);
  const number = before.filter((layer) => layer.protocol === protocol).length;
  const key = described.protocol === "data" ? "hex" : name;
  if (Object.hasOwn(held, key)) {
    return { path: `${protocol}[${number}].${key}`, value: held[key] };
  }
  const parent = placed.parent === undefined
    ? undefined
    : fields[placed.parent];
  const found = parent && elementOf(held, layers[at], parent);
  return found === undefined || !Object.hasOwn(found.element, name)
    ? undefined
    : {
      path: `${protocol}[${number}].${found.path}.${name}`,
      value: found.element[name],
    };
}

type Fields = { readonly [name: string]: PlainValue };

/**
 * The element of a list that a field stands for: `record` is one of `records`,
 * or a field bears the name of the element's kind, such as `hopByHop`.
 */
function elementOf(
  held: Fields,
  layer: PlacedLayer,
  placed: PlacedField,
): { readonly path: string; readonly element: Fields } | undefined {
  for (const [list, value] of Object.entries(held)) {
    if (!Array.isArray(value)) continue;
    const elements: readonly Fields[] = value;
    const ofList = layer.fields.filter(({ depth, field: { name } }) =>
      depth === 0 &&
      (list === `${name}s` || elements.some(({ kind }) => kind === name))
    );
    const at = ofList.indexOf(placed);
    if (elements[at] !== undefined) {
      return { path: `${list}[${at}]`, element: elements[at] };
    }
  }
}

/**
 * The packet with another value in one field.
 *
 * @param text what was typed; of a type as the field's value is
 * @param isHeld whether what is derived stays as it is
 * @throws {Error} in a sentence, if it cannot hold that
 */
export function changed(
  { bytes }: Packet,
  { path, value }: Changeable,
  text: string,
  isHeld: boolean,
): Packet {
  const described = packetToJSON(bytes, dissect(bytes));
  const how = isHeld ? { hold: "all" as const } : {};
  const set = setField(described, path, valueOf(text.trim(), value), how);
  return asDraft(packetFromJSON(set));
}

function valueOf(text: string, old: PlainValue): PlainValue {
  if (typeof old === "boolean") {
    if (/^(1|true|set)$/i.test(text)) return true;
    if (/^(0|false|not set)$/i.test(text)) return false;
    throw new RangeError("a bit is 0 or 1");
  }
  if (typeof old !== "number") return text;
  const number = Number(text);
  if (text !== "" && Number.isInteger(number)) return number;
  throw new RangeError("a number is such as 64 or 0x40");
}
