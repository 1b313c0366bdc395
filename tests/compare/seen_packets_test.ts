/** Packets that were seen: whether they are the ones that were sent. */

import { assertEquals } from "@std/assert";
import { readForged } from "../../lib/compare/forged_packet.ts";
import { hasArrived, isSame } from "../../lib/compare/seen_packets.ts";
import {
  buildPacket,
  icmpv4,
  ipv4,
  type PacketLayer,
  sctp,
  tcp,
  udp,
} from "../../mod.ts";
import { seen } from "./wire_sightings.ts";

const [OURS, NAT, OTHER] = ["10.9.1.1", "10.9.3.1", "10.9.9.9"];
const [HERE, THERE] = ["10.9.4.2", "10.9.5.2"];

interface Packet {
  readonly source?: string;
  readonly destination?: string;
  readonly identification?: number;
  readonly upper?: PacketLayer;
  readonly data?: string;
}

const port = (sourcePort: number, destinationPort = 7) =>
  udp({ sourcePort, destinationPort });
const echo = (identifier: number, sequence = 1) =>
  icmpv4({ kind: "echoRequest", identifier, sequence });

function packet(
  {
    source = OURS,
    destination = HERE,
    identification = 5,
    upper = port(9000),
    data = "Hi",
  }: Packet,
): Uint8Array {
  return buildPacket(
    ipv4({ source, destination, identification }),
    upper,
    data,
  );
}

const CASES: [left: Packet, arrived: Packet, hasArrived: boolean][] = [
  [{}, {}, true],
  // Its checksum is another with the source.
  [{}, { source: NAT }, true],
  [{}, { source: NAT, upper: port(1024) }, true],
  [{}, { destination: THERE, upper: port(9000, 8) }, true],
  [
    { upper: tcp({ sourcePort: 9, destinationPort: 7 }) },
    { upper: tcp({ sourcePort: 1024, destinationPort: 7 }), source: NAT },
    true,
  ],
  [
    { upper: sctp({ sourcePort: 9, destinationPort: 7 }) },
    { upper: sctp({ sourcePort: 1024, destinationPort: 7 }), source: NAT },
    true,
  ],
  [{ upper: echo(1) }, { upper: echo(2), source: NAT }, true],
  // Another one of the same host, or of another.
  [{}, { upper: port(9001) }, false],
  [{}, { identification: 6, source: NAT }, false],
  [{}, { source: NAT, data: "Ho" }, false],
  [{}, { source: NAT, upper: port(9000, 8) }, false],
  [{}, { destination: THERE, upper: port(9001) }, false],
  [{ upper: echo(1) }, { upper: echo(2) }, false],
  [{ upper: echo(1) }, { upper: echo(1, 2), source: NAT }, false],
  // Where nothing else tells them apart, ports do.
  [{ identification: 0 }, { identification: 0, source: NAT }, true],
  [
    { identification: 0 },
    { identification: 0, source: OTHER, upper: port(9001) },
    false,
  ],
];

Deno.test("hasArrived() knows packets again whose addresses were translated", () => {
  for (const [left, arrived, expected] of CASES) {
    const found = hasArrived(seen(packet(arrived)), seen(packet(left)));
    assertEquals(found, expected, Deno.inspect([left, arrived]));
  }
});

Deno.test("hasArrived() knows the first fragment of what was translated", () => {
  const data = "x".repeat(64);
  const arrived = buildPacket(
    ipv4({
      ...{ source: NAT, destination: HERE, identification: 5 },
      ...{ moreFragments: true, protocol: 17 },
    }),
    packet({ data, source: NAT }).subarray(20, 60),
  );
  assertEquals(hasArrived(seen(arrived), seen(packet({ data }))), true);
});

Deno.test("isSame() knows packets again that this host translates itself", () => {
  const CASES: [given: Packet, left: Packet, isSame: boolean][] = [
    [{}, {}, true],
    [{}, { source: NAT }, true],
    [{}, { source: NAT, upper: port(1024) }, true],
    [{ identification: 0 }, { source: NAT }, true],
    [{ identification: 0 }, { source: NAT, upper: port(1024) }, false],
    [{}, { source: NAT, data: "Ho" }, false],
    // The kernel writes it, and changes nothing else.
    [{ source: "0.0.0.0" }, { source: OURS }, false],
  ];
  for (const [given, left, expected] of CASES) {
    const found = isSame(seen(packet(left)), readForged(packet(given)));
    assertEquals(found, expected, Deno.inspect([given, left]));
  }
});
