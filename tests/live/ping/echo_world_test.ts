import { assertEquals } from "@std/assert";
import { REAL_WORLD } from "../../../lib/tools/ping/echo_world.ts";
import { ICMPRequest, ICMPv4Socket, ICMPv6Socket } from "../../../mod.ts";
import { liveTest } from "../live.ts";

const OURS = 0x1234;
const THEIRS = 0x4321;

for (const family of [4, 6] as const) {
  await liveTest(
    `what others ping does not wake those who ping, IPv${family}`,
    ["lab"],
    async () => {
      const to = family === 4 ? "127.0.0.1" : "::1";
      const wire = REAL_WORLD.open(family, {
        privileged: true,
        ttl: 64,
        trafficClass: 0,
        broadcast: false,
        allowPublic: false,
        identifier: OURS,
        timeoutMs: 1000,
      });
      using other = family === 4 ? new ICMPv4Socket() : new ICMPv6Socket();
      const request = new ICMPRequest(to, { id: THEIRS, sequence: 1 });
      other.send(request);
      // When it is here, the wire would have it, too.
      other.receive(request);
      wire.send(to, 2, new Uint8Array(8), 0);
      for await (const arrivals of wire.arrivals()) {
        assertEquals(
          arrivals.map(({ message }) => message.reply?.id),
          [OURS],
        );
        break;
      }
      wire.close();
    },
  );
}
