/** A capture file in one line a packet, beside tcpdump. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  arp,
  buildPacket,
  encodePcapHeader,
  encodePcapRecord,
  ethernet,
  fragmentIPv4,
  icmpv4,
  ipv4,
  ipv6,
  LINK_TYPE_ETHERNET,
  LINK_TYPE_RAW,
  tcp,
  udp,
} from "../../../mod.ts";
import { inFolder, succeed, write } from "../../capture/programs.ts";
import { SEED } from "../../render/packets.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { lines, Process, TCPDUMP } from "../pair/pair_process.ts";

const V4 = { source: "192.0.2.1", destination: "192.0.2.2" };
const V6 = { source: "2001:db8::1", destination: "2001:db8::2" };
const PORTS = { sourcePort: 61_000, destinationPort: 61_001 };
const MAC = "02:00:00:00:00:01";

const PACKETS = [
  buildPacket(ethernet({}), ipv4(V4), udp(PORTS), "Hi"),
  buildPacket(ethernet({}), ipv4(V4), tcp({ ...PORTS, syn: true }), ""),
  buildPacket(
    ethernet({}),
    ipv4(V4),
    icmpv4({ kind: "echoRequest", identifier: 7 }),
    new Uint8Array(56),
  ),
  buildPacket(ethernet({}), ipv6(V6), udp(PORTS), new Uint8Array(900)),
  buildPacket(
    ethernet({ source: MAC }),
    arp({
      operation: 1,
      senderHardwareAddress: MAC,
      senderProtocolAddress: V4.source,
      targetProtocolAddress: V4.destination,
    }),
  ),
];

/** Times in one second, in the next, and back in the first. */
const TIMES = [0n, 999_999_999n, 1_000_000_000n, 86_400_000_000_001n, 1000n];
const START = 1_700_000_000_000_000_000n;
/** More than is read at once. */
const MANY = 5000;

await liveTest(
  "dissect --lines says of a file what tcpdump -nn -r does",
  ["tcpdump"],
  () =>
    inFolder(async (path) => {
      const file = path("many.pcap");
      const records = Array.from({ length: MANY }, (_, i) =>
        encodePcapRecord({
          timestampNs: START + TIMES[i % 4 + (i % 9 === 0 ? 1 : 0)],
          bytes: PACKETS[i % PACKETS.length],
        }));
      await write(file, [encodePcapHeader(LINK_TYPE_ETHERNET), ...records]);
      const theirs = await succeed(...TCPDUMP, "-nn", "-r", file);
      const ours = await succeed(...script("dissect", file, "--lines"));
      assertEquals(lines(ours), lines(theirs));
    }),
);

await liveTest(
  "dissect --lines shows whole packets below their fragments",
  [],
  () =>
    inFolder(async (path) => {
      const whole = buildPacket(ipv4(V4), udp(PORTS), new Uint8Array(2000));
      const fragments = fragmentIPv4(whole, 1500);
      const file = path("parts.pcap");
      await write(file, [
        encodePcapHeader(LINK_TYPE_RAW),
        ...[...fragments, fragments[0]].map((bytes, i) =>
          encodePcapRecord({ timestampNs: START + BigInt(i), bytes })
        ),
      ]);
      const { code, stdout, stderr } = await run(
        script("dissect", file, "--lines", "--reassemble"),
      );
      assertEquals(code, 0, stderr);
      const shown = stdout.replaceAll(/^\d\d:\d\d:\d\d\.\d{6}/gm, "TIME");
      const ends = "IP 192.0.2.1 > 192.0.2.2:";
      assertEquals(lines(shown).slice(1, 3), [
        `TIME ${ends} udp 528`,
        "  reassembled from packets 1-2: " +
        "IP 192.0.2.1.61000 > 192.0.2.2.61001: UDP, length 2000",
      ]);
      assertMatch(
        lines(shown)[4],
        /^ {2}incomplete at the end: IP 192\.0\.2\.1/,
      );
    }),
);

await liveTest("dissect --lines is not JSON, nor a tree", [], async () => {
  const [hex] = SEED[1];
  const { stdout } = await run(script("dissect", hex, "--lines"));
  // Nobody knows when it was.
  assertEquals(lines(stdout), ["IP 1.1.1.100 > 1.1.1.1: ip-proto-253 2"]);
  for (const other of ["--json", "--offsets"]) {
    const { code, stderr } = await run(
      script("dissect", hex, "--lines", other),
    );
    assertEquals(code, 2);
    assertMatch(stderr, /--lines[^]* cannot\s+be\s+used\s+with/, other);
  }
});

await liveTest(
  "dissect.ts --svg draws the first packet, however a capture comes in",
  [],
  async () => {
    await inFolder(async (path) => {
      const drawing = path("bits.svg");
      const call = [
        ...[Deno.execPath(), "run", "--allow-read", "--allow-write"],
        ...[`${ROOT}scripts/dissect.ts`, "--lines", "--svg", drawing],
      ];
      const packet = (ttl: number) =>
        buildPacket(ipv4({ ...V4, ttl }), udp(PORTS), "Hi");
      await using dissecting = new Process([...call, "-"]);
      await dissecting.write(encodePcapHeader(LINK_TYPE_RAW));
      for (let ttl = 1; ttl <= 100; ttl++) {
        await dissecting.write(
          encodePcapRecord({ timestampNs: 0n, bytes: packet(ttl) }),
        );
        // Each is read by itself.
        await dissecting.until("UDP", ttl);
      }
      await dissecting.endInput();
      await dissecting.end();
      const drawn = await Deno.readTextFile(drawing);
      const alone = await run([...call, packet(1).toHex()]);
      assertEquals([alone.code, alone.stderr], [0, ""]);
      assertEquals(drawn, await Deno.readTextFile(drawing));
    });
  },
);
