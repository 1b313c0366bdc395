/** One field is set, and what is derived from it follows, or is held. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import {
  packetToJSON,
  type PlainValue,
} from "../../../lib/wire/json/packet_json.ts";
import {
  setField,
  type SetFieldOptions,
} from "../../../lib/wire/json/set_field.ts";
import { derivedFields } from "../../../lib/wire/meaning/derived.ts";
import { dissect, headersOf } from "../../../lib/wire/packet/dissect.ts";
import {
  type ProtocolName,
  PROTOCOLS,
} from "../../../lib/wire/packet/registry.ts";
import { packetsOf } from "../found_packets.ts";

const ECHO = packetFromJSON({
  layers: [
    { ipv4: { source: "10.9.0.5", destination: "10.9.0.6", options: "01" } },
    { icmpv4: { kind: "echoRequest", identifier: 7, sequence: 1 } },
    { data: { text: "Hi" } },
  ],
});
const DATAGRAM = packetFromJSON({
  layers: [
    { ipv4: { source: "10.9.0.5", destination: "10.9.0.6" } },
    { udp: { sourcePort: 9, destinationPort: 9 } },
    { data: { hex: "00" } },
  ],
});

/** The octets that come of it. */
function set(
  bytes: Uint8Array,
  path: string,
  value: PlainValue,
  options?: SetFieldOptions,
) {
  const described = packetToJSON(bytes, dissect(bytes));
  const before = structuredClone(described);
  const packet = packetFromJSON(setField(described, path, value, options));
  assertEquals(described, before, "the input was changed");
  return packet;
}

const faults = (bytes: Uint8Array) =>
  dissect(bytes).problems.map(({ layer, field }) => `${layer}.${field}`);

Deno.test("setField() sets a field, and the derived ones follow", () => {
  const CASES: [Uint8Array, path: string, PlainValue][] = [
    [ECHO, "ipv4.ttl", 3],
    [ECHO, "ipv4.dontFragment", true],
    [ECHO, "icmpv4.sequence", 9],
    [ECHO, "data.hex", "00112233445566778899"],
    [ECHO, "ipv4.options", ""],
    [DATAGRAM, "ipv4.destination", "192.0.2.1"],
    [DATAGRAM, "udp.sourcePort", 65_535],
    [DATAGRAM, "data.hex", ""],
  ];
  for (const [bytes, path, value] of CASES) {
    const packet = set(bytes, path, value);
    assertEquals(faults(packet), [], path);
    assert(packet.toHex() !== bytes.toHex(), path);
    const [protocol, name] = path.split(".");
    if (protocol === "data") continue;
    const layer = packetToJSON(packet, dissect(packet)).layers
      .find((layer) => layer.protocol === protocol);
    const found = layer?.fields[name];
    assertEquals(`${found}`.replace(/^01000000$/, "01"), `${value}`, path);
  }
  const { ipv4 } = headersOf(dissect(set(ECHO, "ipv4.options", "")));
  assertEquals([ipv4?.headerLength, ipv4?.totalLength], [20, 30]);
});

Deno.test("setField() holds what it is told to, and what is set itself", () => {
  assertEquals(
    faults(set(DATAGRAM, "ipv4.source", "10.9.0.1", { hold: "all" })),
    ["ipv4.checksum", "udp.checksum"],
  );
  const hold = ["udp.checksum"];
  assertEquals(
    faults(set(DATAGRAM, "ipv4.source", "10.9.0.1", { hold })),
    ["udp.checksum"],
  );
  // The sum over the header follows a length that was set.
  assertEquals(
    faults(set(DATAGRAM, "ipv4.totalLength", 40)),
    ["ipv4.totalLength"],
  );
});

Deno.test("setField() takes what it returned", () => {
  const described = packetToJSON(ECHO, dissect(ECHO));
  const first = setField(described, "ipv4.ttl", 3);
  const second = setField(first, "ipv4.checksum", 0);
  const { ipv4 } = headersOf(dissect(packetFromJSON(second)));
  assertEquals([ipv4?.ttl, ipv4?.checksum], [3, 0]);
});

Deno.test("setField() lets stay what was wrong before", () => {
  const wrong = set(ECHO, "ipv4.checksum", 0x1234);
  const later = set(set(wrong, "ipv4.ttl", 9), "icmpv4.identifier", 1);
  const { ipv4 } = headersOf(dissect(later));
  assertEquals([ipv4?.checksum, ipv4?.ttl], [0x1234, 9]);
  assertEquals(faults(later), ["ipv4.checksum"]);
});

Deno.test("setField() finds the second of a kind, and within lists", () => {
  const tunnel = packetFromJSON({
    layers: [
      { ipv4: { source: "10.9.0.5", destination: "10.9.0.6" } },
      { ipv4: { source: "10.0.0.1", destination: "10.0.0.2", protocol: 253 } },
    ],
  });
  const { layers } = dissect(set(tunnel, "ipv4[1].ttl", 5));
  assertEquals(
    layers.map((layer) => layer.protocol === "ipv4" && layer.header.ttl),
    [64, 5],
  );
  const report = packetFromJSON({
    layers: [
      { ipv4: { destination: "224.0.0.22" } },
      {
        igmp: {
          kind: "reportV3",
          records: [{
            type: 4,
            group: "239.0.0.1",
            sources: [],
            auxiliaryData: "",
          }],
        },
      },
    ],
  });
  const other = set(report, "igmp.records[0].group", "239.0.0.2");
  const plain = packetToJSON(other, dissect(other));
  assert(JSON.stringify(plain.layers[1].fields).includes("239.0.0.2"));
  assertEquals(faults(other), []);
});

Deno.test("setField() has what is derived within lists follow, or holds it", () => {
  const association = packetFromJSON({
    layers: [
      { ipv4: { destination: "10.9.0.6" } },
      {
        sctp: {
          sourcePort: 5000,
          destinationPort: 7,
          chunks: [{ type: 10, value: "00112233" }, { type: 0, value: "ff" }],
        },
      },
    ],
  });
  const chunksOf = (packet: Uint8Array) =>
    headersOf(dissect(packet)).sctp?.chunks.map(({ length, padding }) => [
      length,
      padding.length,
    ]);
  const longer = set(association, "sctp.chunks[0].value", "0011223344");
  assertEquals([chunksOf(longer), faults(longer)], [[[9, 3], [5, 3]], []]);
  const held = set(association, "sctp.chunks[0].value", "0011223344556677", {
    hold: ["sctp.chunks[0].length"],
  });
  assertEquals(chunksOf(held)?.[0], [8, 0]);
  const wrong = set(association, "sctp.chunks[1].length", 7);
  assertEquals(chunksOf(wrong)?.[1], [7, 1]);
  const headers = packetFromJSON({
    layers: [
      {
        ipv6: {
          destination: "2001:db8::1",
          protocol: 17,
          extensionHeaders: [{ kind: "hopByHop" }, { kind: "fragment" }],
        },
      },
      { data: { hex: "00" } },
    ],
  });
  const { ipv6 } = headersOf(dissect(set(headers, "ipv6.protocol", 253)));
  assertEquals(
    ipv6?.extensionHeaders.map(({ nextHeader }) => nextHeader),
    [44, 253],
  );
});

Deno.test("setField() refuses what is no field, or no value of it", () => {
  const CASES: [path: string, value: PlainValue, says: string][] = [
    ["ttl", 1, 'such as "ipv4.ttl"'],
    ["ipv4.tll", 1, 'did you mean "ttl"'],
    ["ipv6.hopLimit", 1, 'did you mean "ipv4"'],
    ["ipv4[1].ttl", 1, "the packet has 1 of ipv4"],
    ["ipv4.ttl.x", 1, "must be a field"],
    ["ipv4.ttl", "x", "must be a number"],
    ["ipv4.ttl", 256, "ttl"],
    ["ipv4.__proto__", 1, "is unknown"],
    ["__proto__.ttl", 1, "is unknown"],
  ];
  for (const [path, value, says] of CASES) {
    assertThrows(() => set(ECHO, path, value), Error, says);
  }
});

Deno.test("setField() of a field to what it is changes nothing, in any packet", () => {
  for (const name of Object.keys(PROTOCOLS) as ProtocolName[]) {
    for (const { bytes, linkType } of packetsOf(name)?.seeds ?? []) {
      const plain = packetToJSON(bytes, dissect(bytes, { linkType }));
      const built = packetFromJSON(plain);
      for (const { protocol, fields } of plain.layers) {
        for (const field of Object.keys(fields)) {
          if (field === "kind" || derivedFields(protocol).includes(field)) {
            continue;
          }
          const same = plain.layers.filter((layer) =>
            layer.protocol === protocol
          );
          if (same.length > 1) continue;
          const path = `${protocol}.${field}`;
          const packet = packetFromJSON(setField(plain, path, fields[field]));
          assertEquals(packet, built, path);
        }
      }
    }
  }
});
