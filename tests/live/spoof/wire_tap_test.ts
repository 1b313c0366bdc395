/** Sent versus wire, from within a program. */

import { assertEquals } from "@std/assert";
import { forgedPacket, sendForged, WireTap } from "../../../mod.ts";
import { readForged } from "../../../lib/compare/forged_packet.ts";
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
