import { assert, assertEquals } from "@std/assert";
import { renderChecksums } from "../../../lib/render/packet/checksums.ts";
import {
  buildPacket,
  dissect,
  gre,
  icmpv4,
  icmpv6,
  igmp,
  ipv4,
  ipv6,
  tcp,
  udp,
} from "../../../mod.ts";
import { seededRandom } from "../../random.ts";
import { hostileOctets, SEED } from "../packets.ts";

const render = (bytes: Uint8Array) => renderChecksums(bytes, dissect(bytes));

Deno.test("renderChecksums() calculates a header's checksum on paper", () => {
  assertEquals(render(Uint8Array.fromHex(SEED[1][0])), [
    "Checksum of ipv4: 16-bit words, its own field taken as 0",
    "  octet    word      sum",
    "      0  0x4500  0x04500",
    "      2  0x0016  0x04516",
    "      4  0x36dd  0x07bf3",
    "      6  0x0000  0x07bf3",
    "      8  0x80fd  0x0fcf0",
    "     10  0x0000  0x0fcf0  its own field",
    "     12  0x0101  0x0fdf1",
    "     14  0x0164  0x0ff55",
    "     16  0x0101  0x10056",
    "     18  0x0101  0x10157",
    "  carry: 0x1 + 0x0157 = 0x0158",
    "  complement: ~0x0158 = 0xfea7",
    "  in the packet: 0xfea7, as it should be",
  ]);
});

Deno.test("renderChecksums() agrees with what the layers say", () => {
  const v4 = { source: "192.0.2.1", destination: "192.0.2.2" };
  const v6 = { source: "fe80::1", destination: "fe80::2" };
  const ports = { sourcePort: 1, destinationPort: 2 };
  const RIGHT = [
    buildPacket(ipv4(v4), udp(ports), "odd"),
    buildPacket(ipv4(v4), tcp(ports), "Hi"),
    buildPacket(ipv6(v6), udp(ports), "Hi"),
    buildPacket(ipv6(v6), tcp(ports), "odd"),
    buildPacket(ipv6(v6), icmpv6({ kind: "echoRequest" }), "odd"),
    buildPacket(ipv4(v4), igmp({ kind: "query", group: "239.1.1.1" })),
    buildPacket(ipv4(v4), gre({ hasChecksum: true }), ipv4(v4), udp(ports)),
  ];
  for (const packet of RIGHT) {
    const verdicts = render(packet).filter((line) =>
      /in the packet/.test(line)
    );
    assert(verdicts.length > 0);
    for (const line of verdicts) assert(line.endsWith("as it should be"), line);
  }
  const titles = RIGHT.slice(-2).map((packet) =>
    render(packet).filter((line) => line.startsWith("Checksum of"))
      .map((line) => line.slice(12, line.indexOf(":")))
  );
  assertEquals(titles, [["ipv4", "igmp"], ["ipv4", "gre", "ipv4", "udp"]]);
  const WRONG: [Uint8Array, string][] = [
    [
      buildPacket(
        ipv4(v4),
        icmpv4({ kind: "echoRequest", identifier: 0xf7ff, checksum: 0xffff }),
      ),
      "  in the packet: 0xffff, as good as 0x0000 in one's complement",
    ],
    [
      buildPacket(
        ipv4(v4),
        igmp({ kind: "leave", group: "239.1.1.1", checksum: 1 }),
      ),
      "  in the packet: 0x0001, it should be 0xf8fc",
    ],
    [
      // Without a checksum a GRE header has none to be explained.
      buildPacket(ipv4(v4), gre({ protocol: 0x88b5 })),
      "  in the packet: 0xf6b3, as it should be",
    ],
    [
      buildPacket(ipv4(v4), udp({ ...ports, checksum: 1 })),
      "  in the packet: 0x0001, it should be 0x7bd7",
    ],
    [
      buildPacket(ipv4(v4), udp({ ...ports, checksum: 0 })),
      "  in the packet: 0x0000, none was calculated",
    ],
    [
      buildPacket(ipv4({ ...v4, moreFragments: true }), udp(ports)),
      "Checksum of udp: not all that it covers is here.",
    ],
  ];
  for (const [packet, last] of WRONG) {
    assertEquals(render(packet).at(-1), last);
  }
});

Deno.test("renderChecksums() takes anything", () => {
  const random = seededRandom(77);
  for (let i = 0; i < 3000; i++) render(hostileOctets(random));
});
