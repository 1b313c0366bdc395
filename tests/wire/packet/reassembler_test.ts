import { assert, assertEquals } from "@std/assert";
import { decodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import {
  decodeIPv6,
  encodeIPv6,
  type IPv6Fields,
} from "../../../lib/wire/ipv6/ipv6.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { ipv4 } from "../../../lib/wire/packet/layers.ts";
import { fragmentIPv4 } from "../../../lib/wire/packet/fragment.ts";
import {
  Reassembler,
  type UnfinishedPacket,
} from "../../../lib/wire/packet/reassembler.ts";

const NOT_ECT = 0;
const ECT1 = 1;
const ECT0 = 2;
const CE = 3;

/** The marks of three fragments, and that of the whole; none: it is dropped. */
const MARKS: [marks: [number, number, number], whole: number | undefined][] = [
  // RFC 3168 §5.3: not changed where all are the same
  [[NOT_ECT, NOT_ECT, NOT_ECT], NOT_ECT],
  [[ECT0, ECT0, ECT0], ECT0],
  [[ECT1, ECT1, ECT1], ECT1],
  [[CE, CE, CE], CE],
  // … congestion is not lost, wherever it was experienced
  [[CE, ECT0, ECT0], CE],
  [[ECT0, CE, ECT0], CE],
  [[ECT1, ECT1, CE], CE],
  [[ECT0, ECT1, CE], CE],
  // … and must not be told of a packet that is not ECN-capable
  [[CE, NOT_ECT, NOT_ECT], undefined],
  [[NOT_ECT, NOT_ECT, CE], undefined],
  [[NOT_ECT, ECT0, CE], undefined],
  // Of these it says nothing; as in Linux.
  [[ECT0, NOT_ECT, ECT0], undefined],
  [[NOT_ECT, ECT1, NOT_ECT], undefined],
  [[ECT0, ECT1, ECT1], ECT0],
  [[ECT1, ECT0, ECT0], ECT1],
];

/** Three fragments, and how to read the mark of what becomes of them. */
const VERSIONS: Readonly<
  Record<"ipv4" | "ipv6", {
    readonly part: (i: number, ecn: number) => Uint8Array;
    readonly ecnOf: (packet: Uint8Array) => number;
  }>
> = {
  ipv4: {
    part: (i, ecn) =>
      buildPacket(
        ipv4({
          ...{ source: "192.0.2.1", destination: "192.0.2.2", protocol: 253 },
          ...{ ecn, fragmentOffset: 8 * i, moreFragments: i < 2 },
        }),
        new Uint8Array(8),
      ),
    ecnOf: (packet) => decodeIPv4(packet).header.ecn,
  },
  ipv6: {
    part: (i, ecn) => part6(8 * i, 8, i < 2, { ecn }),
    ecnOf: (packet) => decodeIPv6(packet).header.ecn,
  },
};

/** A fragment of an IPv6 packet. */
function part6(
  fragmentOffset: number,
  length: number,
  moreFragments: boolean,
  fields: Partial<IPv6Fields> & { identification?: number } = {},
): Uint8Array {
  const { identification = 7, extensionHeaders = [], ...others } = fields;
  return encodeIPv6({
    source: "2001:db8::1",
    destination: "2001:db8::2",
    protocol: 253,
    ...others,
    extensionHeaders: [
      ...extensionHeaders,
      { kind: "fragment", fragmentOffset, moreFragments, identification },
    ],
  }, new Uint8Array(length).fill(fragmentOffset / 8 + 1));
}

Deno.test("Reassembler keeps congestion marks as RFC 3168 §5.3 says", () => {
  for (const [version, { part, ecnOf }] of Object.entries(VERSIONS)) {
    for (const [marks, wanted] of MARKS) {
      for (const order of ["012", "210", "102"]) {
        const reassembler = new Reassembler();
        const results = [...order].map((i) =>
          reassembler.add(part(Number(i), marks[Number(i)]), 0)
        );
        const last = results.at(-1)!;
        const name = `${version} ${marks} in order ${order}`;
        assertEquals(reassembler.pending, 0, name);
        if (wanted === undefined) {
          assert(last.kind === "dropped", name);
          assertEquals(last.problem.layer, version);
          assert(last.problem.reason.includes("ECN-capable in part only"));
          assertEquals(reassembler.counts.contradictory, 1);
        } else {
          assert(last.kind === "complete", name);
          assertEquals(ecnOf(last.packet), wanted, name);
        }
      }
    }
  }
});

Deno.test("Reassembler takes no mark from a fragment that comes again", () => {
  const { part, ecnOf } = VERSIONS.ipv4;
  const reassembler = new Reassembler();
  for (const mark of [ECT0, CE]) reassembler.add(part(0, mark), 0);
  reassembler.add(part(1, ECT0), 0);
  const last = reassembler.add(part(2, ECT0), 0);
  assert(last.kind === "complete");
  assertEquals(ecnOf(last.packet), ECT0);
});

Deno.test("Reassembler puts no fragments together that were seen in two places", () => {
  const [first, second] = fragmentIPv4(
    buildPacket(
      ipv4({ destination: "192.0.2.2", protocol: 253 }),
      "0123456789",
    ),
    28,
  );
  const reassembler = new Reassembler();
  reassembler.add(first, 0, { where: "eth0", number: 1 });
  const other = reassembler.add(second, 0, { where: "eth1", number: 2 });
  assertEquals(other.kind, "incomplete");
  const last = reassembler.add(second, 0, { where: "eth0", number: 3 });
  assert(last.kind === "complete");
  assertEquals(last.numbers, [1, 3]);
});

Deno.test("Reassembler says what never became whole", () => {
  const told: UnfinishedPacket[] = [];
  const reassembler = new Reassembler(
    { maxDatagrams: 2, timeoutMs: 100 },
    (packet) => told.push(packet),
  );
  const add = (identification: number, nowMs: number, number: number) =>
    reassembler.add(part6(0, 8, true, { identification }), nowMs, { number });
  add(1, 0, 1);
  add(2, 1, 2);
  reassembler.add(part6(16, 8, false, { identification: 2 }), 1, { number: 3 });
  add(3, 2, 4);
  const ends = { source: "2001:db8::1", destination: "2001:db8::2" };
  const of = { layer: "ipv6" as const, ...ends, protocol: 253 };
  assertEquals(told.splice(0), [{
    ...of,
    identification: 1,
    cause: "evicted",
    octets: 8,
    length: undefined,
    numbers: [1],
  }]);
  assertEquals(reassembler.expire(101), 1);
  assertEquals(told.splice(0), [{
    ...of,
    identification: 2,
    cause: "timedOut",
    octets: 16,
    length: 24,
    numbers: [2, 3],
  }]);
  // What was dropped for an overlap was told at once.
  reassembler.add(part6(0, 16, true, { identification: 3 }), 101);
  assertEquals(reassembler.expire(Infinity), 0);
  assertEquals([told, reassembler.pending], [[], 0]);
});

Deno.test("Reassembler makes no packet longer than there can be", () => {
  const part = (start: number, length: number, options: number) =>
    buildPacket(
      ipv4({
        ...{ destination: "192.0.2.2", protocol: 253, fragmentOffset: start },
        moreFragments: start === 0,
        options: new Uint8Array(options).fill(1),
      }),
      new Uint8Array(length),
    );
  // Each can be there, and the last one too behind a header without options.
  for (const [options, wanted] of [[0, "complete"], [4, "dropped"]] as const) {
    for (const order of [[0, 1], [1, 0]]) {
      const parts = [part(0, 65_504, options), part(65_504, 11, 0)];
      const reassembler = new Reassembler();
      const [, last] = order.map((i) => reassembler.add(parts[i], 0));
      assertEquals(last.kind, wanted);
    }
  }
});

Deno.test("Reassembler counts the headers that it keeps", () => {
  const data = new Uint8Array(2046);
  const options = { kind: "destinationOptions", data } as const;
  const extensionHeaders = Array(20).fill(options);
  const reassembler = new Reassembler({ maxOctets: 100_000 });
  for (let identification = 0; identification < 20; identification++) {
    reassembler.add(part6(0, 8, true, { identification, extensionHeaders }), 0);
    assert(reassembler.octets <= 100_000);
  }
  assertEquals(reassembler.pending, 2);
});

/** Fragments of one IPv6 packet one after the other, and what comes of each. */
const SEQUENCES: [name: string, parts: Uint8Array[], results: string[]][] = [
  ["in order", [part6(0, 8, true), part6(8, 3, false)], [
    "incomplete",
    "complete",
  ]],
  ["backwards", [part6(8, 3, false), part6(0, 8, true)], [
    "incomplete",
    "complete",
  ]],
  ["the same again", [part6(0, 8, true), part6(0, 8, true)], [
    "incomplete",
    "duplicate",
  ]],
  [
    "an overlap (RFC 5722)",
    [part6(0, 16, true), part6(8, 8, false), part6(16, 8, false)],
    ["incomplete", "overlaps", "overlapped"],
  ],
  ["not a multiple of eight", [part6(0, 9, true)], ["a multiple of 8 wanted"]],
  ["beyond all length", [part6(65_528, 16, false)], ["ends beyond 65535"]],
  ["cut short", [part6(0, 8, true).subarray(0, 50)], ["lacks 6 octets"]],
  [
    "an atomic one beside others (RFC 6946)",
    [part6(0, 8, true), part6(0, 8, false), part6(8, 8, false)],
    ["incomplete", "complete", "complete"],
  ],
  [
    "another protocol in a later one is not looked at (RFC 8200 §4.5)",
    [part6(0, 8, true), part6(8, 8, false, { protocol: 254 })],
    ["incomplete", "complete"],
  ],
  [
    "another identification",
    [part6(0, 8, true), part6(8, 8, false, { identification: 8 })],
    ["incomplete", "incomplete"],
  ],
];

Deno.test("Reassembler judges fragments of IPv6 as RFC 8200 §4.5 does", () => {
  for (const [name, parts, wanted] of SEQUENCES) {
    const reassembler = new Reassembler();
    for (const [i, fragment] of parts.entries()) {
      const result = reassembler.add(fragment, 0);
      if (result.kind === "dropped") {
        assert(result.problem.reason.includes(wanted[i]), `${name}: ${i}`);
      } else if (result.kind === "incomplete" && result.isDuplicate) {
        assertEquals("duplicate", wanted[i], name);
      } else {
        assertEquals(result.kind, wanted[i], `${name}: ${i}`);
      }
    }
  }
});

Deno.test("Reassembler takes the fragment header out of an atomic fragment", () => {
  const result = new Reassembler().add(part6(0, 8, false, { ecn: CE }), 0);
  assert(result.kind === "complete");
  const { header } = decodeIPv6(result.packet);
  const { extensionHeaders, protocol, nextHeader, payloadLength, ecn } = header;
  assertEquals(
    [extensionHeaders, protocol, nextHeader, payloadLength, ecn],
    [[], 253, 253, 8, CE],
  );
});
