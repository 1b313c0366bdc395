/**
 * The words behind the numbers, by tshark and by us: every codepoint, every
 * combination of IPv4's flags, every flag of TCP. It writes a capture file and
 * runs tshark on it; nothing is sent.
 *
 * @module
 */

import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { assertEquals } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { TCP_FLAGS } from "../../../lib/wire/transport/tcp.ts";
import { liveTest } from "../../live/live.ts";
import { linesOf } from "../field_checks.ts";
import { tsharkTrees } from "../tshark.ts";

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
    const trees = await tsharkTrees(all);
    const theirs = trees.map((lines) =>
      // Which bits a field is stands before it: `010. .... = Flags: …`.
      compared(lines.map((line) => line.replace(/^.* = /, "")))
    );
    assertEquals(all.map((bytes) => compared(ours(bytes))), theirs);
  },
);

function compared(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim())
    .filter((line) => LABELS.includes(line.split(":")[0]));
}

function ours(bytes: Uint8Array): string[] {
  return dissect(bytes).layers
    .flatMap((layer) => linesOf(describeLayer(bytes, layer).fields));
}
