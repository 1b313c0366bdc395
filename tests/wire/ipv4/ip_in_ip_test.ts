/**
 * IP in IP: packets of either version in packets of either (RFC 2003, RFC 4213,
 * RFC 2473). Both rows have the number that announces them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { summarizePacket } from "../../../lib/render/packet/packet_line.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { liveTest } from "../../live/live.ts";
import { seededRandom } from "../../random.ts";
import { ends4, ends6 } from "../protocol_packets.ts";
import { readWithTshark } from "../tshark.ts";

const VERSIONS = [
  { version: 4, number: 4, make: ipv4, ends: ends4 },
  { version: 6, number: 41, make: ipv6, ends: ends6 },
] as const;

/** One of each version in each, and what its headers hold. */
function tunnels() {
  const random = seededRandom(2003);
  return VERSIONS.flatMap((outside) =>
    VERSIONS.map((inside) => {
      const [out, within] = [outside.ends(random), inside.ends(random)];
      const bytes = buildPacket(
        outside.make(out),
        inside.make(within),
        udp({ sourcePort: 61_000, destinationPort: 61_001 }),
        "Hi",
      );
      return { bytes, outside, inside, out, within };
    })
  );
}

Deno.test("buildPacket() and dissect() of IP in IP follow protocols 4 and 41", () => {
  for (const { bytes, outside, inside, out, within } of tunnels()) {
    const dissection = dissect(bytes);
    assertEquals(dissection.problems, []);
    assertEquals(
      dissection.layers.map((layer) => layer.protocol),
      [`ipv${outside.version}`, `ipv${inside.version}`, "udp", "data"],
    );
    const [layer] = dissection.layers;
    assertEquals(
      "header" in layer && "protocol" in layer.header && layer.header.protocol,
      inside.number,
    );
    const plain = packetToJSON(bytes, dissection);
    assertEquals(packetFromJSON(JSON.parse(JSON.stringify(plain))), bytes);
    const word = { 4: "IP", 6: "IP6" };
    assertEquals(
      summarizePacket({
        bytes,
        linkType: LINK_TYPE_RAW,
        originalLength: bytes.length,
      }),
      `${word[outside.version]} ${out.source} > ${out.destination}: ` +
        `${word[inside.version]} ${within.source}.61000 > ` +
        `${within.destination}.61001: UDP, length 2`,
    );
  }
});

await liveTest(
  "tshark reads IP in IP, and the checksums within, as they were built",
  ["tshark"],
  async () => {
    const packets = tunnels();
    const names = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst"];
    const rows = await readWithTshark(
      packets.map(({ bytes }) => bytes),
      LINK_TYPE_RAW,
      [...names, "ip.checksum.status", "udp.checksum.status", "udp.length"],
      ["ip.check_checksum:TRUE", "udp.check_checksum:TRUE"],
    );
    for (const [i, { outside, inside, out, within }] of packets.entries()) {
      const expected: Record<string, string[]> = {};
      for (
        const [{ version }, { source, destination }] of [
          [outside, out],
          [inside, within],
        ] as const
      ) {
        const name = version === 4 ? "ip" : "ipv6";
        (expected[`${name}.src`] ??= []).push(source);
        (expected[`${name}.dst`] ??= []).push(destination);
        if (version === 4) (expected["ip.checksum.status"] ??= []).push("1");
      }
      expected["udp.checksum.status"] = ["1"];
      expected["udp.length"] = ["10"];
      assertEquals(rows[i], expected);
    }
  },
);
