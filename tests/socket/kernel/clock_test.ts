import { assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  type Instant,
  justBefore,
  readClocks,
  roundTripMs,
} from "../../../lib/socket/kernel/clock.ts";
import { delay } from "../../../lib/socket/time.ts";
import { randomInt, seededRandom } from "../../random.ts";

const MS = 1_000_000n;
const HOUR = 3_600_000n * MS;

/** Both clocks at the moment of sending. */
const SENT: Instant = {
  realtimeNs: 1_700_000_000_000n * MS,
  monotonicNs: 5_000n * MS,
};

/**
 * What the clocks show when a reply took `tripNs` and was read `lagNs` later,
 * while the system's clock was set.
 *
 * @param before nanoseconds added to the clock before the reception
 * @param after and after it
 */
function measured(
  tripNs: bigint,
  lagNs: bigint,
  { before = 0n, after = 0n } = {},
): number {
  const receivedNs = SENT.realtimeNs + tripNs + before;
  return roundTripMs(SENT, receivedNs, {
    realtimeNs: receivedNs + lagNs + after,
    monotonicNs: SENT.monotonicNs + tripNs + lagNs,
  });
}

Deno.test("roundTripMs() with a steady clock is what the kernel says", () => {
  const table: [tripNs: bigint, lagNs: bigint, ms: number][] = [
    [0n, 0n, 0],
    [1n, 0n, 0.000001],
    [50_000n, 80_000n, 0.05],
    [12n * MS, 500n * MS, 12],
    [2_000n * MS, 0n, 2000],
    [HOUR, HOUR, 3_600_000],
  ];
  for (const [tripNs, lagNs, ms] of table) {
    assertEquals(measured(tripNs, lagNs), ms, `${tripNs} ns`);
  }
});

Deno.test("roundTripMs() sees through a clock that is set", () => {
  const steps = [-HOUR, -60_000n * MS, -1_000n * MS, 1_000n * MS, HOUR];
  for (const step of steps) {
    assertEquals(measured(10n * MS, 3n * MS, { before: step }), 10, `${step}`);
    // After the reception the stamp itself is right, whatever is shown since.
    assertEquals(measured(10n * MS, 3n * MS, { after: step }), 10, `${step}`);
  }
});

Deno.test("roundTripMs() of a clock set there and back is within what passed", () => {
  for (const step of [-HOUR, HOUR]) {
    const ms = measured(10n * MS, 3n * MS, { before: step, after: -step });
    assertEquals(ms >= 0 && ms <= 13, true, `${ms} ms`);
  }
});

Deno.test("roundTripMs() of a slewed clock is off by the slew alone", () => {
  // adjtime(3) drifts by 500 ppm at most.
  for (const ppm of [-500n, -20n, 20n, 500n]) {
    const before = 100n * MS * ppm / 1_000_000n;
    const expected = Number(100n * MS + before) / 1e6;
    assertEquals(measured(100n * MS, 5n * MS, { before }), expected, `${ppm}`);
  }
});

Deno.test("roundTripMs() is never negative, nor longer than what passed", () => {
  const random = seededRandom(0xc10c);
  for (let i = 0; i < 20_000; i++) {
    const ns = (max: number) => BigInt(Math.floor(random() * max));
    const tripNs = ns(3e9);
    const lagNs = ns(1e9);
    const scale = 10 ** randomInt(random, 3, 15);
    const before = ns(2 * scale) - BigInt(scale);
    const after = ns(2 * scale) - BigInt(scale);
    const ms = measured(tripNs, lagNs, { before, after });
    const passedMs = Number(tripNs + lagNs) / 1e6;
    assertEquals(ms >= 0 && ms <= passedMs, true, `${ms} of ${passedMs} ms`);
  }
});

Deno.test("roundTripMs() of a step too small to be told from drift is near", () => {
  for (const step of [-900_000n, 900_000n]) {
    const ms = measured(50n * MS, 1n * MS, { before: step });
    assertEquals(Math.abs(ms - 50) <= 1, true, `${ms} ms`);
  }
});

Deno.test("readClocks() reads two clocks that go on", () => {
  const [a, b] = [readClocks(), readClocks()];
  assertEquals(b.monotonicNs >= a.monotonicNs, true);
  // The real one is near Deno's own, however the machine is loaded.
  const difference = Number(a.realtimeNs / MS) - Date.now();
  assertEquals(Math.abs(difference) < 60_000, true, `${difference} ms`);
});

Deno.test("justBefore() tells of the moment before, and lets faults through", () => {
  const before = readClocks();
  const at = justBefore(() => {
    const until = performance.now() + 2;
    while (performance.now() < until);
  });
  const after = readClocks();
  assertEquals(at.monotonicNs >= before.monotonicNs, true);
  // All of the two milliseconds comes after it.
  assertEquals(after.monotonicNs - at.monotonicNs >= 2n * MS, true);
  assertThrows(
    () =>
      justBefore(() => {
        throw new Error("refused");
      }),
    Error,
    "refused",
  );
});

/** Reads the clocks until it is told to end, and says how far they differed. */
const READING = `
  const { readClocks } = await import(Deno.args[0]);
  let hasEnded = false;
  const end = Deno.stdin.read(new Uint8Array(1)).then(() => hasEnded = true);
  console.log("reading");
  const apart = () => {
    const { realtimeNs, monotonicNs } = readClocks();
    return Number(realtimeNs - monotonicNs);
  };
  let earlier = apart();
  let most = 0;
  while (!hasEnded) {
    for (let i = 0; i < 200_000; i++) {
      const now = apart();
      most = Math.max(most, Math.abs(now - earlier));
      earlier = now;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  await end;
  console.log(most);
`;

Deno.test("readClocks() of a process that has to wait is of one moment", async () => {
  const clock = import.meta.resolve("../../../lib/socket/kernel/clock.ts");
  const code = `data:text/javascript,${encodeURIComponent(READING)}`;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", code, clock],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await output.read()).value, "reading\n");
  for (let i = 0; i < 500; i++) {
    child.kill("SIGSTOP");
    await delay(2);
    child.kill("SIGCONT");
    await delay(1);
  }
  const input = child.stdin.getWriter();
  await input.write(Uint8Array.of(0));
  await input.close();
  // Half of the two milliseconds that it was stopped each time.
  assertLess(Number((await output.read()).value), 1_000_000);
});
