/**
 * The words behind the numbers, by tshark and by us: every codepoint, every
 * combination of IPv4's flags, every flag of TCP. It writes a capture file and
 * runs tshark on it; nothing is sent.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import { buildPacket, ipv4, ipv6 } from "../../lib/wire/build.ts";
import { describeLayer, dissect } from "../../lib/wire/dissect.ts";
import type { Field } from "../../lib/wire/field.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";
import { TCP_FLAGS } from "../../lib/wire/tcp.ts";
import { tcp } from "../../lib/wire/transport_layers.ts";
import { liveTest, run } from "../live/live.ts";

/** What is compared: lines of these labels. */
const LABELS = [
  "Differentiated Services Field",
  "Differentiated Services Codepoint",
  "Explicit Congestion Notification",
  "Traffic Class",
  "Flags",
  "Reserved bit",
  "Don't fragment",
  "More fragments",
];

const ADDRESSES = { source: "192.0.2.1", destination: "192.0.2.2" };
const ADDRESSES6 = { source: "2001:db8::1", destination: "2001:db8::2" };

function* packets(): Generator<Uint8Array<ArrayBuffer>> {
  for (let dscp = 0; dscp < 64; dscp++) {
    const fields = { dscp, ecn: dscp % 4, protocol: 253 };
    yield buildPacket(ipv4({ ...ADDRESSES, ...fields }));
    yield buildPacket(ipv6({ ...ADDRESSES6, ...fields }));
  }
  for (let flags = 0; flags < 8; flags++) {
    yield buildPacket(ipv4({
      ...ADDRESSES,
      protocol: 253,
      reserved: (flags & 4) !== 0,
      dontFragment: (flags & 2) !== 0,
      moreFragments: (flags & 1) !== 0,
    }));
  }
  const ports = { sourcePort: 40_000, destinationPort: 80 };
  const segments = [
    {},
    ...TCP_FLAGS.map((name) => ({ [name]: true })),
    ...[1, 2, 4, 8, 15].map((reserved) => ({ reserved, syn: true, ack: true })),
  ];
  for (const segment of segments) {
    yield buildPacket(ipv4(ADDRESSES), tcp({ ...ports, ...segment }));
  }
}

await liveTest(
  "describeLayer() words codepoints and flags as tshark does",
  ["tshark"],
  async () => {
    const all = [...packets()];
    const path = await Deno.makeTempFile({ suffix: ".pcap" });
    try {
      const records = all.map((bytes) =>
        encodePcapRecord({ bytes, timestampNs: 0n })
      );
      const file = new Blob([encodePcapHeader(LINK_TYPE_RAW), ...records]);
      await Deno.writeFile(path, await file.bytes());
      const { stdout } = await run(["tshark", "-n", "-V", "-r", path]);
      const theirs = stdout.split(/^Frame /m).slice(1).map((text) =>
        // Which bits a field is stands before it: `010. .... = Flags: …`.
        compared(text.split("\n").map((line) => line.replace(/^.* = /, "")))
      );
      assertEquals(all.map((bytes) => compared(ours(bytes))), theirs);
    } finally {
      await Deno.remove(path);
    }
  },
);

function compared(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim())
    .filter((line) => LABELS.includes(line.split(":")[0]));
}

function ours(bytes: Uint8Array): string[] {
  const linesOf = ({ label, text, parts = [] }: Field): string[] => [
    `${label}: ${text}`,
    ...parts.flatMap(linesOf),
  ];
  return dissect(bytes).layers
    .flatMap((layer) => describeLayer(bytes, layer).fields.flatMap(linesOf));
}
