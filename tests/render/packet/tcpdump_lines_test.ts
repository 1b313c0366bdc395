/**
 * Packets in one line, as tcpdump says them. It reads a file; nothing is sent.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import { summarizePacket } from "../../../lib/render/packet/packet_line.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { arp } from "../../../lib/wire/link/arp_protocol.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { encodeTCPOptions } from "../../../lib/wire/transport/tcp_options.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { ah } from "../../../lib/wire/tunnel/ah.ts";
import { gre } from "../../../lib/wire/tunnel/gre_protocol.ts";
import { inFolder, succeed, write } from "../../capture/programs.ts";
import { liveTest } from "../../live/live.ts";
import { TCPDUMP } from "../../live/pair/pair_process.ts";

const ENDS = { source: "192.0.2.1", destination: "192.0.2.2" };
const PORTS = { sourcePort: 61_000, destinationPort: 61_001 };
const OWN = "02:00:00:00:00:02";

const segment = (...data: number[]) =>
  tcp({
    ...PORTS,
    syn: true,
    window: 9,
    options: encodeTCPOptions([
      { kind: "unknown", type: 30, data: Uint8Array.from(data) },
    ]),
  });

const rarp = (operation: 3 | 4) =>
  arp({
    operation,
    senderHardwareAddress: "02:00:00:00:00:01",
    senderProtocolAddress: "192.0.2.1",
    targetHardwareAddress: OWN,
    targetProtocolAddress: "192.0.2.2",
  });

/** Those of which tcpdump says what we do. */
const SAME = [
  [rarp(3)],
  [rarp(4)],
  [
    ipv4(ENDS),
    ah({ spi: 100, sequence: 7, icv: new Uint8Array(12) }),
    segment(0x90, 1),
  ],
  [ipv4(ENDS), gre({ version: 1, protocol: 0x880b, callID: 9 })],
  [
    ipv4(ENDS),
    gre({ version: 1, protocol: 0x880b, callID: 9, acknowledgment: 3 }),
  ],
];

/** Those of which it says more: PPP, and what a subflow's options hold. */
const SHORTER = [
  [
    ipv4(ENDS),
    gre({ version: 1, protocol: 0x880b, sequence: 1, acknowledgment: 3 }),
    Uint8Array.fromHex("ff039999"),
  ],
  [ipv4(ENDS), segment(0x01, 0, 1, 2, 3, 4, 5, 6, 7, 8)],
  [ipv4(ENDS), segment(0x11, 1, 0, 0, 0, 1, 0, 0, 0, 2)],
  [ipv4(ENDS), segment(0x41, 1)],
  [ipv4(ENDS), segment(0x51)],
  [ipv4(ENDS), segment(0x60, 0, ...new Uint8Array(8))],
  [ipv4(ENDS), segment(0x70, 0, ...new Uint8Array(8))],
];

await liveTest("packets are said in a line as tcpdump says them", [
  "tcpdump",
], () =>
  inFolder(async (path) => {
    const frames = [...SAME, ...SHORTER].map((layers) =>
      buildPacket(ethernet({ source: OWN }), ...layers)
    );
    await write(path("file"), [
      encodePcapHeader(LINK_TYPE_ETHERNET),
      ...frames.map((bytes) => encodePcapRecord({ timestampNs: 0n, bytes })),
    ]);
    const lines = (await succeed(...TCPDUMP, "-ntSr", path("file")))
      .trimEnd().split("\n").filter((line) => !line.startsWith("\t"));
    for (const [i, bytes] of frames.entries()) {
      const linkType = LINK_TYPE_ETHERNET;
      assertEquals(dissect(bytes, { linkType }).problems, []);
      const ours = summarizePacket({
        bytes,
        originalLength: bytes.length,
        linkType,
      });
      if (i < SAME.length) {
        assertEquals(ours, lines[i]);
        continue;
      }
      // Each of our words is there, in our order.
      let rest = lines[i];
      for (const word of ours.split(/[\s,\]]+/)) {
        assertEquals(rest.includes(word), true, `${ours} | ${lines[i]}`);
        rest = rest.slice(rest.indexOf(word) + word.length);
      }
    }
  }));
