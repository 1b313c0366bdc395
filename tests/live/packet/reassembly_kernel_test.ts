/** Fragments put together by us, and by Linux beside it. */

import { assertEquals } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  decodeIPv4,
  decodeIPv6,
  encodeIPv6,
  fragmentIPv4,
  fragmentIPv6,
  Reassembler,
} from "../../../mod.ts";
import { buildPacket, ipv4, RawSocket } from "../../../mod.ts";
import { pairUp } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { Process } from "../pair/pair_process.ts";

/** Prints the mark and the length of what comes, and the first octets of its payload. */
const LISTEN = `
import socket, sys
v6 = sys.argv[1] == '6'
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_RAW, 253)
if v6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
print('ready', flush=True)
while True:
    data, control, _, _ = s.recvmsg(65535, 99)
    mark = control[0][2][0] & 3 if v6 else data[1] & 3
    payload = data if v6 else data[(data[0] & 15) * 4:]
    print(payload[:2].hex(), mark, len(payload), flush=True)
`;

/** The first of two octets tells packets apart, the second is the case's number. */
const END = 0xee;
const WHOLE = 0xaa;

/** A packet of three fragments, of 8, 8 and 5 octets of payload. */
function payload(number: number): Uint8Array {
  return Uint8Array.from({ length: 21 }, (_, i) => [WHOLE, number][i] ?? i);
}

/** How to make the fragments of a version, and read a mark. */
const VERSIONS = {
  4: {
    destination: "1.1.1.1",
    /** The fragment from `start` on. */
    part: (number: number, start: number, end: number, ecn: number) =>
      buildPacket(
        ipv4({
          ...{ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 },
          ...{ identification: number + 1, ecn },
          ...{ fragmentOffset: start, moreFragments: end < 21 },
        }),
        payload(number).subarray(start, end),
      ),
    read: decodeIPv4,
  },
  6: {
    destination: "2001:db8::1",
    part: (number: number, start: number, end: number, ecn: number) =>
      encodeIPv6({
        ...{ source: "2001:db8::100", destination: "2001:db8::1" },
        ...{ protocol: 253, ecn },
        extensionHeaders: [{
          ...{ kind: "fragment", identification: number + 1 },
          ...{ fragmentOffset: start, moreFragments: end < 21 },
        }],
      }, payload(number).subarray(start, end)),
    read: decodeIPv6,
  },
} as const;

/** Where fragments begin and end; the last one's end is 21. */
const LAYOUTS: (readonly [start: number, end: number])[][] = [
  [[0, 8], [8, 16], [16, 21]],
  [[16, 21], [8, 16], [0, 8]],
  [[8, 16], [0, 8], [8, 16], [16, 21]],
  // Overlaps: RFC 5722, and Linux in IPv4 too.
  [[0, 8], [0, 16], [16, 21]],
  [[0, 16], [8, 21]],
  // One that has gone beyond the last one, or never came
  [[0, 8], [16, 21]],
  [[8, 16], [16, 21]],
];
/**
 * Linux takes for a duplicate whatever lies within what is there, and does not
 * look at its octets. We do not trust it.
 */
const WITHIN: typeof LAYOUTS = [[[0, 16], [8, 16], [16, 21]]];

/** Fragments, and their marks, of as many packets as there are cases. */
function* cases(): Generator<(readonly [number, number, number])[]> {
  for (const layout of [...WITHIN, ...LAYOUTS]) {
    yield layout.map((ends) => [...ends, 0]);
  }
  const [layout] = LAYOUTS;
  for (let marks = 0; marks < 64; marks++) {
    yield layout.map((ends, i) => [...ends, marks >> 2 * i & 3]);
  }
}

/** What the kernel tells a raw socket of protocol 253. */
async function kernels(
  lab: Lab,
  version: 4 | 6,
  fragments: readonly Uint8Array[],
): Promise<string[]> {
  const { destination } = VERSIONS[version];
  const command = ["python3", "-c", LISTEN, `${version}`];
  await using listening = new Process(lab.inside("receiver", command));
  await listening.until("ready");
  using socket = RawSocket.open({
    family: version,
    namespace: lab.namespace("sender"),
    protocol: 255,
    headerIncluded: true,
  });
  for (const fragment of fragments) socket.send(fragment, destination);
  const seen = await listening.until(END.toString(16) + END.toString(16));
  return seen.split("\n").filter((line) => line.startsWith("aa"));
}

for (const version of [4, 6] as const) {
  await liveTest(
    `Reassembler makes of fragments what Linux does, IPv${version}`,
    ["lab", "python3"],
    async () => {
      await using lab = await pairUp();
      const { part, read } = VERSIONS[version];
      const fragments = [...cases()].flatMap((parts, number) =>
        parts.map(([start, end, ecn]) => part(number, start, end, ecn))
      );
      const reassembler = new Reassembler();
      const ours = fragments.flatMap((fragment) => {
        const result = reassembler.add(fragment, 0);
        if (result.kind !== "complete") return [];
        const { header, payload } = read(result.packet);
        const start = payload.subarray(0, 2).toHex();
        return [`${start} ${header.ecn} ${payload.length}`];
      });
      const last = version === 4
        ? fragmentIPv4(endOf4(), 28)
        : fragmentIPv6(endOf6(), 56, 0xffff);
      const theirs = await kernels(lab, version, [...fragments, ...last]);
      assertEquals([`aa00 0 21`, ...ours], theirs);
      // Three orders, and of 64 combinations of marks the one without an
      // ECN-capable one, and 27 without one that is not.
      assertEquals(ours.length, 3 + 1 + 27);
    },
  );
}

function endOf4(): Uint8Array {
  return buildPacket(
    ipv4({
      ...{ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 },
      identification: 0xffff,
    }),
    new Uint8Array(20).fill(END),
  );
}

function endOf6(): Uint8Array {
  return encodeIPv6({
    ...{ source: "2001:db8::100", destination: "2001:db8::1", protocol: 253 },
  }, new Uint8Array(20).fill(END));
}
