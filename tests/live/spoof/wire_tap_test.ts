/** Sent versus wire, from within a program. */

import { assertEquals } from "@std/assert";
import {
  buildPacket,
  forgedPacket,
  icmpv4,
  ipv4,
  sendForged,
  tcp,
  udp,
  WireTap,
} from "../../../mod.ts";
import { readForged } from "../../../lib/compare/forged_packet.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { liveTest } from "../live.ts";
import {
  openDescriptors,
  pair,
  RECEIVER,
  SENDER,
} from "../socket/socket_support.ts";

await liveTest(
  "WireTap sees what came in time, though the process was busy",
  ["lab"],
  async () => {
    const packet = forgedPacket({
      source: "127.0.0.7",
      destination: "127.0.0.1",
    });
    for (const busyMs of [0, 50]) {
      using tap = WireTap.open("127.0.0.1");
      sendForged([packet]);
      const comparing = tap.compare(readForged(packet), { timeoutMs: 1 });
      const start = performance.now();
      while (performance.now() < start + busyMs);
      assertEquals((await comparing).here, { device: "lo", isSeen: true });
    }
  },
);

await liveTest(
  "WireTap tells packets apart that follow each other, and leaves nothing open",
  ["lab"],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("sender");
    const before = openDescriptors();
    {
      using tap = WireTap.open(RECEIVER, { namespace });
      for (let ttl = 3; ttl < 9; ttl++) {
        const fields = { source: SENDER, destination: RECEIVER, ttl };
        const packet = forgedPacket(fields);
        sendForged([packet], { namespace });
        const { fields: found } = await tap.compare(readForged(packet));
        const field = found.find(({ name }) => name === "ttl");
        assertEquals(
          [field?.sent?.value, field?.left?.value, field?.arrived?.value],
          [ttl, ttl, ttl],
        );
      }
    }
    assertEquals(openDescriptors(), before);
  },
);

await liveTest(
  "WireTap knows packets again behind a NAT, which changes checksums and ports",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(2, { nat: [1] }));
    const namespace = lab.namespace("host");
    const destination = "10.9.3.2";
    const ports = { sourcePort: 9000, destinationPort: 4000 };
    const UPPER = {
      udp: udp(ports),
      tcp: tcp({ ...ports, syn: true }),
      echo: icmpv4({ kind: "echoRequest", identifier: 7, sequence: 1 }),
    };
    for (const [name, upper] of Object.entries(UPPER)) {
      // The second one's port, or identifier, is taken by the first.
      for (const source of ["10.9.1.1", "10.9.1.77"]) {
        const packet = buildPacket(ipv4({ source, destination }), upper, "Hi");
        using tap = WireTap.open(destination, { namespace });
        sendForged([packet], { namespace });
        const { fields, there } = await tap.compare(readForged(packet));
        assertEquals(there?.isSeen, true, `${name} from ${source}`);
        const field = fields.find(({ name }) => name === "source");
        assertEquals(
          [field?.left?.value, field?.arrived?.value],
          [source, "10.9.2.1"],
        );
      }
    }
  },
);
