import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  parseSweepSummary,
  renderSweep,
  renderSweepResult,
} from "../../../lib/render/tools/sweep.ts";
import {
  SweepMerge,
  type SweepSummary,
} from "../../../lib/tools/sweep/merge.ts";

const SHARE = {
  ranges: ["10.0.0.0-10.0.0.255", "fd00::-fd00::f"],
  shuffle: true,
  seed: 7,
  total: 136,
  asked: 136,
  sent: 150,
  unsent: 1,
  failure: undefined,
  alive: 0,
  unreachable: 0,
  refused: 2,
  dropped: 3,
  durationMs: 1000,
};

function summary(index: number, rest: Partial<SweepSummary> = {}): string {
  const share = { ...SHARE, shard: { index: index + 1, count: 2 }, ...rest };
  return renderSweepResult(share, { json: true })[0];
}

function alive(address: string): string {
  const event = {
    type: "alive",
    address,
    roundTripMs: 1,
    ttl: 64,
    time: 0,
  } as const;
  return renderSweep(event, { json: true })!;
}

function unreachable(address: string, description = ""): string {
  const told = {
    from: "10.0.0.1",
    icmpType: 3,
    icmpCode: 1,
    description,
    time: 0,
  };
  const event = { type: "unreachable", address, ...told } as const;
  return renderSweep(event, { json: true })!;
}

/** Joins lines, which are in a file that is read in pieces of any length. */
async function join(
  lines: readonly string[],
  { mostKept, piece = 64 }: { mostKept?: number; piece?: number } = {},
): Promise<
  { lines: string[]; steps: number; read: number; result: SweepSummary }
> {
  const octets = new TextEncoder().encode(lines.join("\n"));
  let read = 0;
  const file = {
    async *read(from: number, to: number) {
      for (let at = from; at < Math.min(to, octets.length); at += piece) {
        const part = octets.slice(at, Math.min(at + piece, to));
        read += part.length;
        yield part;
      }
    },
  };
  const joining = new SweepMerge([file], parseSweepSummary, mostKept).join();
  const joined: string[] = [];
  for (let steps = 0;; steps++) {
    const { value, done } = await joining.next();
    if (done) {
      return {
        lines: joined,
        steps,
        read: read / octets.length,
        result: value,
      };
    }
    joined.push(...value);
  }
}

Deno.test("SweepMerge sorts findings by address, keeps one each, and adds up", async () => {
  const { lines, result } = await join([
    alive("fd00::a"),
    unreachable("10.0.0.9"),
    alive("10.0.0.200"),
    summary(1, { alive: 2, unreachable: 1 }),
    alive("10.0.0.30"),
    // As a process that was killed leaves it, and the next one tells again.
    '{"type":"alive","address":"10.0.0.4","round',
    "",
    alive("10.0.0.4"),
    alive("10.0.0.4"),
    alive("10.0.0.9"),
    summary(0, { alive: 3, durationMs: 2000 }),
  ]);
  assertEquals(lines, [
    alive("10.0.0.4"),
    alive("10.0.0.9"),
    alive("10.0.0.30"),
    alive("10.0.0.200"),
    alive("fd00::a"),
  ]);
  assertEquals(result, {
    ...SHARE,
    shard: { index: 1, count: 1 },
    total: 272,
    asked: 272,
    sent: 300,
    unsent: 2,
    alive: 5,
    unreachable: 0,
    refused: 4,
    dropped: 6,
    durationMs: 2000,
  });
});

Deno.test("SweepMerge leaves out a summary that was cut off, and what is behind it", async () => {
  const cut = summary(1).slice(0, 50);
  const lines = [alive("10.0.0.4"), summary(0, { alive: 1 }), summary(1)];
  for (const line of [cut, cut + alive("10.0.0.5"), cut + summary(1)]) {
    const joined = await join([line, ...lines]);
    assertEquals(joined.lines, [alive("10.0.0.4")], line);
  }
  assertEquals((await join([...lines, cut])).lines, [alive("10.0.0.4")]);
});

Deno.test("SweepMerge takes lines as Python's json writes them", async () => {
  const written = (line: string) =>
    line.replaceAll(/(":|,)(?=["\[{\dtfn])/g, "$1 ");
  const lines = [alive("10.0.0.4"), unreachable("fd00::1")].map(written);
  assert(lines[0].startsWith('{"type": "alive", "address": "10'), lines[0]);
  const told = [summary(0, { alive: 1, unreachable: 1 }), summary(1)];
  assertEquals((await join([...lines, ...told.map(written)])).lines, lines);
});

Deno.test("SweepMerge reads again what it could not keep, and has the same", async () => {
  const addresses = Array.from({ length: 256 }, (_, i) => `10.0.0.${i}`);
  const shuffled = addresses.map((_, i) => addresses[i * 77 % 256]);
  const shares = [
    ...shuffled.map(alive),
    summary(0, { alive: 200 }),
    summary(1, { alive: 56 }),
  ];
  const whole = await join(shares);
  const parts = await join(shares, { mostKept: 600 });
  assertEquals(whole.lines, addresses.map(alive));
  assertEquals(parts.lines, whole.lines);
  assertEquals(parts.result, whole.result);
  assertEquals([whole.steps, parts.steps > 25], [1, true]);
});

/** Of `fe80::1-fe80::9%eth0 fe80::5-fe80::20%eth1`. */
const LINKS = ["fe80::1-fe80::9", "fe80::5-fe80::20"];

Deno.test("SweepMerge joins shares of a link, which each names as it does", async () => {
  const ranges = ["fe80::1-fe80::9", "fe80::a-fe80::20"];
  const { lines } = await join([
    ...["fe80::b%eth1", "fe80::2%ens3"].map(alive),
    ...[0, 1].map((index) => summary(index, { alive: 1, ranges })),
  ]);
  assertEquals(lines, ["fe80::2%ens3", "fe80::b%eth1"].map(alive));
});

Deno.test("SweepMerge refuses shares that do not make one sweep", async () => {
  const CASES: [lines: string[], says: string][] = [
    [[alive("10.0.0.1")], "no share of a sweep is there"],
    [[summary(0)], "share 2/2 is missing"],
    [[summary(1).slice(0, 50)], "none has a whole summary"],
    [
      [summary(0), summary(1).slice(0, 50)],
      "share 2/2 is missing: a summary is cut off",
    ],
    ...["[5]", "[]", "5", "null"].map((ranges): [string[], string] => [
      [summary(0).replace(/"ranges":\[.*?\]/, `"ranges":${ranges}`)],
      "no summary of a share",
    ]),
    [[summary(0).replace("1/2", "1/0")], "no summary of a share"],
    [
      [summary(0), summary(1, { asked: 10 })],
      "share 2/2 was ended: 10 of its 136 addresses were asked",
    ],
    [
      [summary(0), summary(1, { ranges: ["10.0.0.0-10.0.0.127"] })],
      "not the same sweep: the ranges of one: 10.0.0.0-10.0.0.255 fd00::-fd00::f",
    ],
    [
      [summary(0), summary(1, { seed: 8 })],
      "shuffled by the seed 7; of another: shuffled by the seed 8",
    ],
    [
      [summary(0), summary(1, { shuffle: false })],
      "of another: ascending",
    ],
    [
      [summary(0), summary(1, { shard: { index: 1, count: 3 } })],
      "the number of shares of one: 2; of another: 3",
    ],
    [
      [alive("10.0.1.1"), summary(0), summary(1)],
      "10.0.1.1 is none of the sweep's addresses",
    ],
    [
      [alive("10.0.0.1"), summary(0, { alive: 2 }), summary(1)],
      "lines are missing: the shares count 2 alive, and have lines about 1",
    ],
    [
      [
        ...["fe80::1%eth0", "fe80::1%eth1"].map(alive),
        ...[0, 1].map((index) => summary(index, { alive: 1, ranges: LINKS })),
      ],
      "the sweep has the same addresses on several links",
    ],
    [
      [unreachable("10.0.0.1"), summary(0), summary(1, { unreachable: 2 })],
      "the shares count 2 unreachable",
    ],
  ];
  for (const [lines, says] of CASES) {
    await assertRejects(() => join(lines), RangeError, says);
  }
});

Deno.test("SweepMerge refuses a share of two files, and takes the last of one", async () => {
  const file = (...lines: string[]) => ({
    async *read() {
      yield new TextEncoder().encode(lines.join("\n"));
    },
  });
  const result = async (...files: ReturnType<typeof file>[]) => {
    const joining = new SweepMerge(files, parseSweepSummary).join();
    for (;;) {
      const { value, done } = await joining.next();
      if (done) return value;
    }
  };
  const [first, second] = [file(summary(0)), file(summary(1))];
  await assertRejects(
    () => result(first, second, file(summary(1))),
    RangeError,
    "share 2/2 is there twice",
  );
  // Ended when all were asked once, it went on and asked the silent again.
  const again = file(summary(1, { sent: 150 }), summary(1, { sent: 200 }));
  assertEquals((await result(first, again)).sent, 350);
});

Deno.test("SweepMerge reads what is nearly in order but a few times", async () => {
  const RANGES = {
    ranges: ["10.0.0.0-10.0.78.31"],
    shard: { index: 1, count: 1 },
  };
  const addresses = Array.from(
    { length: 20_000 },
    (_, i) => `10.0.${i >> 8}.${i & 0xff}`,
  );
  const sorted = addresses.map(alive);
  const nearly = sorted.map((_, i) => sorted[i ^ 77] ?? sorted[i]);
  const told = new Set(nearly);
  const share = summary(1, { ...RANGES, alive: told.size });
  const options = { mostKept: 100_000, piece: 65_536 };
  const { lines, read } = await join([...nearly, share], options);
  assertEquals(lines, sorted.filter((line) => told.has(line)));
  assert(read < 8, `${read} times`);
});

Deno.test("SweepMerge reads 40 MB that are shuffled no more often than a few", async () => {
  const COUNT = 2 ** 16;
  const description = "x".repeat(500);
  const lines = Array.from({ length: COUNT }, (_, i) => {
    const place = i * 40_503 % COUNT;
    return unreachable(`10.0.${place >> 8}.${place & 0xff}`, description);
  });
  const share = summary(0, {
    ranges: ["10.0.0.0-10.0.255.255"],
    shard: { index: 1, count: 1 },
    unreachable: COUNT,
  });
  const joined = await join([...lines, share], { piece: 2 ** 18 });
  assertEquals(joined.lines.length, COUNT);
  assert(joined.lines.join().length > 40e6);
  assert(joined.read < 3.5, `${joined.read} times`);
});
