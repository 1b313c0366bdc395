/** Wrong checksums behind the IP header, and for whose sake they are wrong. */

import { assertEquals } from "@std/assert";
import { checksumFault } from "../../lib/compare/checksum_fault.ts";
import {
  buildPacket,
  type ChecksumFault,
  decodeIPv4,
  encodeIPv4,
  fragmentIPv4,
  icmpv4,
  ipv4,
  type PacketLayer,
  tcp,
  udp,
} from "../../mod.ts";
import { comparePackets } from "../../lib/compare/sent_versus_wire.ts";
import { readForged } from "../../lib/compare/forged_packet.ts";
import { seen } from "./wire_sightings.ts";

const destination = "1.1.1.1";
const ROUTE = "1.1.1.100";
const UDP = { sourcePort: 9, destinationPort: 7 };
const OVER_NOTHING = { source: "0.0.0.0" };

/** As Linux sends it under IP_HDRINCL. */
function left(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const { header, payload } = decodeIPv4(packet);
  const source = header.source === "0.0.0.0" ? ROUTE : header.source;
  return encodeIPv4({ ...header, source, checksum: undefined }, payload);
}

const FAULTS: [
  what: string,
  source: string | undefined,
  inner: PacketLayer,
  fault: ChecksumFault | undefined,
][] = [
  ["UDP, no source", undefined, udp(UDP), { protocol: "UDP", ...OVER_NOTHING }],
  ["TCP, no source", undefined, tcp(UDP), { protocol: "TCP", ...OVER_NOTHING }],
  ["UDP, its source", ROUTE, udp(UDP), undefined],
  ["TCP, another source", "10.0.0.1", tcp(UDP), undefined],
  ["UDP without", undefined, udp({ ...UDP, checksum: 0 }), undefined],
  ["UDP, wrong", ROUTE, udp({ ...UDP, checksum: 9 }), { protocol: "UDP" }],
  [
    "UDP, wrong in any case",
    undefined,
    udp({ ...UDP, checksum: 9 }),
    { protocol: "UDP" },
  ],
  [
    "ICMP covers no source",
    undefined,
    icmpv4({ kind: "echoRequest" }),
    undefined,
  ],
  [
    "ICMP, wrong",
    undefined,
    icmpv4({ kind: "echoRequest", checksum: 9 }),
    { protocol: "ICMP" },
  ],
];

for (const [what, source, inner, fault] of FAULTS) {
  Deno.test(`checksumFault(): ${what}`, () => {
    const packet = buildPacket(ipv4({ source, destination }), inner, "Hi");
    const given = readForged(packet);
    const sighting = seen(left(packet));
    assertEquals(checksumFault(sighting, given), fault);
    // And sent versus wire says so.
    const { fields } = comparePackets({ given, left: sighting });
    const said = fields.at(-1)!.rules.join();
    assertEquals(said.includes("the receiver drops it"), fault !== undefined);
    assertEquals(said.includes("over 0.0.0.0"), fault?.source !== undefined);
  });
}

Deno.test("checksumFault() of a fragment, and of nothing known, is none", () => {
  const packet = buildPacket(ipv4({ destination }), udp(UDP), "x".repeat(100));
  for (const fragment of fragmentIPv4(packet, 68)) {
    const sighting = seen(left(fragment));
    assertEquals(checksumFault(sighting, readForged(fragment)), undefined);
  }
  const other = buildPacket(ipv4({ destination, protocol: 253 }), "Hi");
  assertEquals(checksumFault(seen(left(other)), readForged(other)), undefined);
});
