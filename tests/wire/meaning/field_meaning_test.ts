/**
 * What is told of every field that any packet shows: its meaning, where that is
 * written, a name for a narrow cell, and whether it is derived.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import {
  packetToJSON,
  type PlainLayer,
} from "../../../lib/wire/json/packet_json.ts";
import { derivedFields } from "../../../lib/wire/meaning/derived.ts";
import { fieldMeaning } from "../../../lib/wire/meaning/field_meaning.ts";
import type { Field } from "../../../lib/wire/field.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  type ProtocolName,
  PROTOCOLS,
} from "../../../lib/wire/packet/registry.ts";
import { packetsOf } from "../found_packets.ts";
import type { TestPacket } from "../protocol_packets.ts";

const SEEDS = (Object.keys(PROTOCOLS) as ProtocolName[]).flatMap((name) =>
  packetsOf(name)?.seeds ?? []
);

/** Every field of a packet, with its layer's protocol and its path. */
function* fieldsOf({ bytes, linkType }: TestPacket) {
  for (const layer of dissect(bytes, { linkType }).layers) {
    const protocol = "begins" in layer ? layer.begins : layer.protocol;
    if (protocol === undefined || protocol === "data") continue;
    for (const field of describeLayer(bytes, layer).fields) {
      yield* withParts(protocol, field, field.name);
    }
  }
}

function* withParts(
  protocol: string,
  field: Field,
  path: string,
): Generator<[protocol: string, path: string, field: Field]> {
  yield [protocol, path, field];
  for (const part of field.parts ?? []) {
    yield* withParts(protocol, part, `${path}.${part.name}`);
  }
}

Deno.test("every field of every protocol has a meaning and a reference", () => {
  const without = new Set<string>();
  let count = 0;
  for (const seed of SEEDS) {
    for (const [protocol, path] of fieldsOf(seed)) {
      // Of a header that a fragment has only the start of, the rest.
      if (path === "payload") continue;
      const found = fieldMeaning(protocol, path);
      if (found === undefined) without.add(`${protocol} ${path}`);
      else {
        count++;
        assertMatch(found.meaning, /^[A-Z0-9].*\.$/, path);
        assertMatch(found.reference, /^(RFC \d|IEEE 802|tcpdump\.org)/, path);
      }
    }
  }
  assertEquals([...without], [], "give them a row in lib/wire/meaning");
  assert(count > 500);
});

Deno.test("fieldMeaning knows nothing that no field is called", () => {
  for (const name of ["", "constructor", "__proto__", "ttl.", "quoted."]) {
    assertEquals(fieldMeaning("ipv4", name), undefined);
    assertEquals(fieldMeaning(name, "ttl"), undefined);
    assertEquals(fieldMeaning("icmpv4", `quoted.${name}`), undefined);
  }
});

Deno.test("a field that is too narrow for its name has a shorter one", () => {
  const without = new Set<string>();
  for (const seed of SEEDS) {
    for (const [protocol, path, field] of fieldsOf(seed)) {
      const { label, abbreviation = label, bitWidth, parts } = field;
      const room = 2 * bitWidth - 1;
      if (parts !== undefined || label.length <= room) continue;
      if (abbreviation.length > room) without.add(`${protocol} ${path}`);
    }
  }
  assertEquals([...without], [], "give their rows `short`");
});

/** A packet's layers, of which one lacks a field. */
function without(layers: readonly PlainLayer[], at: number, name: string) {
  return layers.map(({ protocol, fields }, i) => {
    const { [name]: _, ...others } = fields;
    return { protocol, fields: i === at ? others : fields };
  });
}

/** What is computed for a field that is left out; `undefined` if nothing can be. */
function computed(
  layers: readonly unknown[],
  at: number,
  name: string,
  linkType: number,
): string | undefined {
  try {
    const bytes = packetFromJSON({ layers });
    const plain = packetToJSON(bytes, dissect(bytes, { linkType }));
    return JSON.stringify(plain.layers[at]?.fields[name]);
  } catch {
    return undefined;
  }
}

Deno.test("derived are the fields that follow what the packet carries", () => {
  const following = new Set<string>();
  const derived = new Set<string>();
  for (const { bytes, linkType } of SEEDS) {
    const dissection = dissect(bytes, { linkType });
    const { layers } = packetToJSON(bytes, dissection);
    for (const [at, { protocol, fields }] of layers.entries()) {
      for (const name of Object.keys(fields)) {
        const lacking = without(layers, at, name);
        const held = computed(lacking, at, name, linkType);
        if (held !== JSON.stringify(fields[name])) continue;
        if (derivedFields(protocol).includes(name)) {
          derived.add(`${protocol} ${name}`);
        }
        const more = [...lacking, { protocol: "data", fields: "000100" }];
        const then = computed(more, at, name, linkType);
        if (then === undefined || then === held) continue;
        following.add(`${protocol} ${name}`);
      }
    }
  }
  const claimed = Object.keys(PROTOCOLS).flatMap((protocol) =>
    derivedFields(protocol).map((name) => `${protocol} ${name}`)
  );
  assertEquals(claimed.filter((name) => !derived.has(name)), []);
  assertEquals([...following].filter((name) => !claimed.includes(name)), []);
});

Deno.test("derived are parts of fields, too, and no others", () => {
  const derived = new Set<string>();
  for (const seed of SEEDS) {
    for (const [protocol, path] of fieldsOf(seed)) {
      const isInside = path.includes(".") && !path.startsWith("quoted.");
      if (isInside && fieldMeaning(protocol, path)?.isDerived) {
        derived.add(`${protocol} ${path}`);
      }
    }
  }
  assertEquals([...derived].sort(), [
    "icmpv4 extensions.checksum",
    "icmpv4 extensions.mplsLabelStack.length",
    "icmpv4 extensions.unknown.length",
    "igmp record.auxiliaryLength",
    "igmp record.sourceCount",
    "ipv6 authentication.length",
    "ipv6 authentication.nextHeader",
    "ipv6 destinationOptions.length",
    "ipv6 destinationOptions.nextHeader",
    "ipv6 fragment.nextHeader",
    "ipv6 hopByHop.length",
    "ipv6 hopByHop.nextHeader",
    "ipv6 routing.length",
    "ipv6 routing.nextHeader",
    "sctp chunk.length",
    "sctp chunk.padding",
  ]);
  // Of a quoted packet it is the same as of one that is not quoted.
  for (const path of ["checksum", "payload.checksum", "payload.length"]) {
    assert(fieldMeaning("icmpv4", `quoted.${path}`)?.isDerived, path);
  }
});

Deno.test("lengths and their units are those of the sections that are named", () => {
  const texts = (protocol: string, path: string) => {
    const { meaning, reference } = fieldMeaning(protocol, path) ?? {};
    return [meaning, reference];
  };
  // RFC 4302 counts otherwise than RFC 8200, behind IPv4 and IPv6 alike.
  assertEquals(
    texts("ipv6", "authentication.length"),
    texts("ah", "headerLength"),
  );
  assertEquals(texts("ipv6", "hopByHop.length"), [
    "Octets of this header; the field counts in units of 8, less the first.",
    "RFC 8200 §4.3",
  ]);
  assertEquals(fieldMeaning("ipv6", "fragment.length"), undefined);
  const references: [protocol: string, path: string, reference: string][] = [
    ["ipv6", "authentication.nextHeader", "RFC 4302 §2.1"],
    ["ipv6", "fragment.nextHeader", "RFC 8200 §4.5"],
    ["icmpv4", "identifier", "RFC 792"],
    ["icmpv4", "quoted", "RFC 792, RFC 1812 §4.3.2.3"],
    ["icmpv6", "quoted", "RFC 4443 §2.4"],
    ["icmpv4", "extensions.mplsLabelStack", "RFC 4950 §5"],
    ["icmpv4", "extensions.mplsLabelStack.length", "RFC 4884 §8"],
    ["icmpv6", "extensions.checksum", "RFC 4884 §7"],
    ["gre", "reserved", "RFC 2784 §2.3, RFC 2637 §4.1"],
  ];
  for (const [protocol, path, reference] of references) {
    assertEquals(texts(protocol, path)[1], reference, `${protocol} ${path}`);
  }
});
