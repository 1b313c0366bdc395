/**
 * The headers that ICMP errors quote, and those of first fragments, by tshark
 * and by us: packets cut after every number of octets. It writes a capture
 * file and runs tshark on it; nothing is sent.
 *
 * @module
 */

import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { icmpv6 } from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { assert, assertEquals } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { encodeTCPOptions } from "../../../lib/wire/transport/tcp_options.ts";
import { liveTest } from "../../live/live.ts";
import { linesOf } from "../field_checks.ts";
import { tsharkTrees } from "../tshark.ts";

/** What is compared: lines of these labels. */
const LABELS = [
  "Source Port",
  "Destination Port",
  "Length",
  "Sequence Number",
  "Acknowledgment Number",
  "Header Length",
  "Flags",
  "Window",
  "Urgent Pointer",
  "Identifier (BE)",
  "Sequence Number (BE)",
  "Identifier",
  "Sequence",
  "Checksum",
  "Maximum segment size",
  "Window scale",
];

const ENDS4 = { source: "192.0.2.1", destination: "192.0.2.2" };
const ENDS6 = { source: "2001:db8::1", destination: "2001:db8::2" };
const PING = { kind: "echoRequest", identifier: 7, sequence: 9 } as const;
const UPPER = [
  udp({ sourcePort: 40_000, destinationPort: 33_434 }),
  tcp({
    sourcePort: 40_000,
    destinationPort: 80,
    sequence: 305_419_896,
    acknowledgment: 77,
    psh: true,
    ack: true,
    options: encodeTCPOptions([
      { kind: "maximumSegmentSize", size: 1460 },
      { kind: "windowScale", shift: 7 },
    ]),
  }),
];

/** Octets of a minimal quote: an IPv4 header, and 8 of what it carries. */
const MINIMAL = 28;
/** Octets of TCP before tshark shows more than the first of them. */
const ENOUGH = 16;

/** Where packets end. */
function* lengths(
  inside: Uint8Array,
  ipLength: number,
  step: number,
): Generator<number> {
  for (let n = ipLength + ENOUGH; n <= inside.length; n += step) yield n;
}

function* packets(): Generator<Uint8Array<ArrayBuffer>> {
  for (const upper of [...UPPER, icmpv4(PING)]) {
    const inside = buildPacket(ipv4(ENDS4), upper, "datagram");
    for (const length of [MINIMAL, ...lengths(inside, 20, 4)]) {
      yield buildPacket(
        ipv4(ENDS4),
        icmpv4({ kind: "timeExceeded" }),
        inside.subarray(0, length),
      );
    }
  }
  for (const upper of [...UPPER, icmpv6(PING)]) {
    const inside = buildPacket(ipv6(ENDS6), upper, "datagram");
    for (const length of lengths(inside, 40, 4)) {
      yield buildPacket(
        ipv6(ENDS6),
        icmpv6({ kind: "packetTooBig", mtu: 1280 }),
        inside.subarray(0, length),
      );
    }
  }
  for (const upper of UPPER) {
    const inside = buildPacket(ipv4(ENDS4), upper, "datagram");
    for (const length of lengths(inside, 20, 8)) {
      yield buildPacket(
        ipv4({ ...ENDS4, protocol: inside[9], moreFragments: true }),
        inside.subarray(20, length),
      );
    }
  }
}

await liveTest(
  "describeLayer() words quotes and first fragments as tshark does",
  ["tshark"],
  async () => {
    const all = [...packets()];
    const trees = await tsharkTrees(all, [
      "ip.defragment:FALSE",
      "tcp.relative_sequence_numbers:FALSE",
    ]);
    const theirs = trees.map(compared);
    assertEquals(theirs.length, all.length);
    for (const [i, bytes] of all.entries()) {
      const ours = compared(linesIn(bytes));
      assertEquals(ours, theirs[i], bytes.toHex());
    }
    assert(theirs.flat().length > 5 * all.length);
  },
);

/** What differs on purpose, or with the layers outside, is taken out. */
function compared(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.trim()
      // Which bits a field is stands before it, and where it is from behind.
      .replace(/^.* = /, "").replace(/^TCP Option( -|:) /, "")
      .replace(" [in ICMP error packet]", "")
  ).filter((line) =>
    LABELS.includes(line.split(":")[0]) &&
    // The one of the quote tshark shows if there is one; options' we do not.
    !/^Length: (0 \(|[34]$)/.test(line)
  );
}

function linesIn(bytes: Uint8Array): string[] {
  return dissect(bytes).layers
    .flatMap((layer) => linesOf(describeLayer(bytes, layer).fields));
}
