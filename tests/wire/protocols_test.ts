/**
 * What every protocol of the registry has: a row that fits, packets, and a
 * shape in JSON that fits what is decoded. Each fault says what is missing.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { summarizePacket } from "../../lib/render/packet/packet_line.ts";
import * as layers from "../../lib/wire/packet/layers.ts";
import { packetFromJSON } from "../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../lib/wire/json/packet_json.ts";
import { dissect, type HeaderLayer } from "../../lib/wire/packet/dissect.ts";
import {
  announced,
  type AnyProtocol,
  outermost,
  type ProtocolName,
  protocolOf,
  PROTOCOLS,
} from "../../lib/wire/packet/registry.ts";
import type { FieldShape, ObjectShape } from "../../lib/wire/shape.ts";
import { packetsOf } from "./found_packets.ts";
import type { TestPacket } from "./protocol_packets.ts";

const NAMES = Object.keys(PROTOCOLS) as ProtocolName[];

/** What is missing of a protocol, in words. */
function missing(name: ProtocolName): string[] {
  const row = protocolOf(name);
  const packets = packetsOf(name);
  const lacks: string[] = [];
  const want = (has: boolean, what: string) => has || lacks.push(what);
  const numbers = numbersOf(row);
  want(
    numbers.length > 0,
    "a number in its row that announces it: ipProtocols, etherTypes, ports " +
      "or linkTypes",
  );
  for (const [kind, number, found] of numbers) {
    want(found === name, `${kind} ${number} for itself: ${found} has it`);
  }
  want(row.abbreviation !== "", "an abbreviation");
  // Of IP the line says who to whom, and what is only named has a title.
  const isNamed = row.carries !== undefined || row.shape === undefined ||
    row.linkTypes !== undefined;
  want(isNamed || row.summary !== undefined, "a summary line in its row");
  if (packets === undefined) {
    const file = `${name}_packets.ts`;
    lacks.push(`packets: tests/wire/ROOM/${file} that exports PACKETS`);
    return lacks;
  }
  const { seeds, fields, checksumStatus, checksumLine } = packets;
  want(seeds.length > 0, "a seed for the fuzzer among its packets");
  want(
    Object.keys(fields).length > 0,
    "a comparison with tshark: fields among its packets",
  );
  want(
    row.checksum === undefined ||
      (checksumStatus ?? checksumLine) !== undefined,
    "a comparison of its checksum with tshark: checksumStatus or checksumLine",
  );
  const seen = seeds.flatMap((seed) => layersOf(seed, name));
  want(seen.length > 0, "a seed in which it is found");
  want(
    seen.every((layer) => row.title(layer.header, 0) !== ""),
    "a title",
  );
  return lacks;
}

/** By which it is announced, and what is found by each. */
function numbersOf({ ipProtocols, etherTypes, ports, linkTypes }: AnyProtocol) {
  const each = <Kind extends string>(
    kind: Kind,
    numbers: readonly number[] | undefined,
    find: (number: number) => ProtocolName | undefined,
  ) => (numbers ?? []).map((number) => [kind, number, find(number)] as const);
  return [
    ...each("IP protocol", ipProtocols, (n) => announced({ ipProtocol: n })),
    ...each("EtherType", etherTypes, (n) => announced({ etherType: n })),
    ...each("port", ports, (n) => announced({ ports: [n] })),
    ...each("link type", linkTypes, outermost),
  ];
}

/** Those of one protocol in a packet. */
function layersOf(
  { bytes, linkType }: TestPacket,
  name: ProtocolName,
): HeaderLayer[] {
  return dissect(bytes, { linkType }).layers
    .filter((layer) => layer.protocol !== "data")
    .filter((layer) => layer.protocol === name);
}

Deno.test("every protocol has its row, seeds, comparison and summary line", () => {
  const wrong = NAMES.flatMap((name) =>
    missing(name).map((what) => `${name} lacks ${what}`)
  );
  assertEquals(wrong, []);
});

Deno.test("every packet of a protocol has one line that says what it is", () => {
  for (const name of NAMES) {
    for (const seed of packetsOf(name)?.seeds ?? []) {
      const line = summarizePacket({
        ...seed,
        originalLength: seed.bytes.length,
      });
      assert(!/undefined|NaN|\[object/.test(line), `${name}: ${line}`);
    }
  }
});

/** Where a value is not of its shape, in words. */
function misfits(value: unknown, shape: FieldShape, path: string): string[] {
  if (typeof shape === "string") {
    const type = shape.replace("!", "");
    const is = value instanceof Uint8Array ? "octets" : typeof value;
    const names: Record<string, string> = { boolean: "flag", string: "text" };
    const found = names[is] ?? is;
    return found === type ? [] : [`${path} is ${found}, its shape ${type}`];
  }
  if ("list" in shape) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((element, i) =>
      misfits(element, shape.list, `${path}[${i}]`)
    );
  }
  if (typeof value !== "object" || value === null) {
    return [`${path} is no object`];
  }
  const fields = fieldsOf(value, shape);
  if (fields === undefined) return [`${path} has a kind of no shape`];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "kind" && "kinds" in shape || inner === undefined
      ? []
      : Object.hasOwn(fields, name)
      ? misfits(inner, fields[name], `${path}.${name}`)
      : [`${path}.${name} has no shape`]
  );
}

/** The shapes of an object's fields. */
function fieldsOf(
  value: object,
  shape: ObjectShape,
): Readonly<Record<string, FieldShape>> | undefined {
  if (!("kinds" in shape)) return shape.fields;
  return "kind" in value ? shape.kinds[`${value.kind}`] : undefined;
}

const isNeeded = (shape: FieldShape) =>
  typeof shape === "string" ? shape.endsWith("!") : "needed" in shape;

/** Each layer of a seed that JSON can build, and how. */
function* builtLayers(name: ProtocolName) {
  const { shape } = protocolOf(name);
  if (shape === undefined) return;
  for (const seed of packetsOf(name)?.seeds ?? []) {
    const { bytes, linkType } = seed;
    const dissection = dissect(bytes, { linkType });
    const { layers } = packetToJSON(bytes, dissection);
    for (const [i, layer] of dissection.layers.entries()) {
      if (layer.protocol !== name) continue;
      yield { shape, header: layer.header, fields: layers[i].fields };
    }
  }
}

Deno.test("a decoded header has the fields of its shape, and of their types", () => {
  const wrong = new Set<string>();
  for (const name of NAMES) {
    for (const { shape, header } of builtLayers(name)) {
      for (const misfit of misfits(header, shape, name)) wrong.add(misfit);
    }
  }
  assertEquals([...wrong], []);
});

Deno.test("JSON may leave out what is not needed, and nothing else", () => {
  // What is computed of the next layer is had of this.
  const ANYTHING = { ipv4: { destination: "192.0.2.1", protocol: 253 } };
  // And of the one before, the addresses that checksums cover.
  const build = (name: string, fields: object) =>
    packetFromJSON({ layers: [ANYTHING, { [name]: fields }, ANYTHING] });
  for (const name of NAMES) {
    for (const { shape, header, fields } of builtLayers(name)) {
      const shapes = Object.entries(fieldsOf(header, shape) ?? {});
      const { payload: _, ...all } = fields;
      for (const [field, fieldShape] of shapes) {
        const { [field]: _left, ...others } = all;
        if (!isNeeded(fieldShape)) build(name, others);
        else assertThrows(() => build(name, others), TypeError, field);
      }
      const needed = Object.entries(all).filter(([field]) =>
        field === "kind" ||
        shapes.some(([name, shape]) => name === field && isNeeded(shape))
      );
      build(name, Object.fromEntries(needed));
    }
  }
});

Deno.test("a layer refuses a field that it has not, with the nearest that it has", () => {
  const makers: Record<string, (fields: never) => unknown> = layers;
  let seen = 0;
  for (const name of NAMES) {
    for (const { header } of builtLayers(name)) {
      makers[name](header as never);
      for (const field of Object.keys(header)) {
        const misspelt = { ...header, [`${field}x`]: 0 };
        assertThrows(
          () => makers[name](misspelt as never),
          TypeError,
          `${name}: "${field}x" is unknown; did you mean "${field}"?`,
        );
        seen++;
      }
      // Once more what was right before.
      makers[name](header as never);
    }
  }
  assert(seen > 500, `${seen}`);
});

Deno.test("a layer refuses kinds that it has not, and names within its fields", () => {
  const { icmpv4, ethernet, ipv4 }: Record<string, (fields: never) => unknown> =
    layers;
  const BAD: [
    maker: (fields: never) => unknown,
    fields: object,
    said: string,
  ][] = [
    [ipv4, { destination: "1.1.1.1", tll: 3 }, 'ipv4: "tll" is unknown'],
    [icmpv4, { kind: "ecoRequest" }, 'did you mean "echoRequest"?'],
    [icmpv4, {}, "icmpv4 kind: undefined is unknown; known are "],
    [
      ethernet,
      { vlanTags: [{ vid: 1 }, { viid: 2 }] },
      'ethernet.vlanTags[1]: "viid" is unknown; did you mean "vid"?',
    ],
  ];
  for (const [maker, fields, said] of BAD) {
    assertThrows(() => maker(fields as never), TypeError, said);
  }
});
