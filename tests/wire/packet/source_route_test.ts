import { assertEquals } from "@std/assert";
import { sourceRoute } from "../../../lib/wire/packet/source_route.ts";
import { buildPacket, ipv4, ipv6 } from "../../../mod.ts";

const ENDS = { source: "10.0.0.1", destination: "10.0.0.2", protocol: 253 };

Deno.test("sourceRoute() finds the addresses of an IPv4 packet's options", () => {
  for (const type of [131, 137]) {
    const route = [type, 11, 4, 1, 2, 3, 4, 5, 6, 7, 8];
    const options = Uint8Array.of(1, ...route);
    const packet = buildPacket(ipv4({ ...ENDS, options }));
    assertEquals(sourceRoute(packet), ["1.2.3.4", "5.6.7.8"]);
    // The kernel writes the total length, whatever it was.
    packet.fill(0, 2, 4);
    assertEquals(sourceRoute(packet), ["1.2.3.4", "5.6.7.8"]);
    // Cut short, it leads nowhere.
    assertEquals(sourceRoute(packet.subarray(0, 30)), []);
  }
  // Record route is none, nor is what stands in the payload.
  const options = Uint8Array.of(7, 7, 4, 1, 2, 3, 4, 0);
  const payload = Uint8Array.of(131, 7, 4, 1, 2, 3, 4, 0);
  const packet = buildPacket(ipv4({ ...ENDS, options }), payload);
  assertEquals(sourceRoute(packet), []);
  assertEquals(sourceRoute(new Uint8Array()), []);
});

Deno.test("sourceRoute() finds the addresses of IPv6's routing headers", () => {
  const data = new Uint8Array(4 + 32);
  data[4 + 15] = 1;
  data[4 + 31] = 2;
  const routing = { kind: "routing", routingType: 0, segmentsLeft: 2, data };
  const packet = buildPacket(
    ipv6({
      ...{ source: "fe80::1", destination: "fe80::2", protocol: 253 },
      extensionHeaders: [
        { kind: "hopByHop", data: new Uint8Array(6) },
        routing as {
          kind: "routing";
          routingType: number;
          segmentsLeft: number;
        },
      ],
    }),
  );
  assertEquals(sourceRoute(packet), ["::1", "::2"]);
  assertEquals(sourceRoute(packet.subarray(0, 60)), []);
});
