import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  parseSweepSummary,
  renderProgress,
  renderSweep,
  renderSweepLine,
  renderSweepResult,
} from "../../../lib/render/tools/sweep.ts";
import { parseTimestamp } from "../../../lib/render/timestamp.ts";
import { socketError } from "../../../lib/socket/errors.ts";

const ALIVE = {
  type: "alive",
  address: "10.0.0.5",
  roundTripMs: 0.0512,
  ttl: 64,
  time: 1_700_000_000.1234567,
} as const;
const UNREACHABLE = {
  type: "unreachable",
  address: "10.0.0.6",
  from: "10.0.0.1",
  icmpType: 3,
  icmpCode: 1,
  description: "destination unreachable: host unreachable",
  time: 1_700_000_001,
} as const;
const RESULT = {
  ranges: ["10.0.0.0-10.0.255.255"],
  shuffle: false,
  seed: 0,
  shard: { index: 2, count: 4 },
  total: 65_536,
  asked: 65_535,
  sent: 65_535,
  unsent: 0,
  failure: undefined,
  alive: 2,
  unreachable: 0,
  refused: 0,
  dropped: 0,
  durationMs: 1234,
};

Deno.test("renderSweep() as lines, as addresses, as JSON", () => {
  assertEquals(renderSweep(ALIVE, {}), "10.0.0.5 is alive (0.05 ms, ttl 64)");
  assertEquals(
    renderSweep(UNREACHABLE, {}),
    "10.0.0.6 is unreachable (destination unreachable: host unreachable, " +
      "says 10.0.0.1)",
  );
  assertEquals(renderSweep(ALIVE, { aliveOnly: true }), "10.0.0.5");
  assertEquals(renderSweep(UNREACHABLE, { aliveOnly: true }), undefined);
  const { time: _, ...alive } = ALIVE;
  assertEquals(JSON.parse(renderSweep(ALIVE, { json: true })!), {
    ...alive,
    roundTripMs: 0.051,
    timestamp: "2023-11-14T22:13:20.123457Z",
  });
  const { time: __, ...unreachable } = UNREACHABLE;
  assertEquals(JSON.parse(renderSweep(UNREACHABLE, { json: true })!), {
    ...unreachable,
    timestamp: "2023-11-14T22:13:21.000000Z",
  });
});

Deno.test("renderSweepLine() refuses what does not say what a line says", () => {
  const { ttl: _, ...alive } = ALIVE;
  const { from: __, ...unreachable } = UNREACHABLE;
  for (const event of [alive, unreachable, { type: "other" }, {}, 5]) {
    const line = JSON.stringify(event);
    const says = `no finding of a sweep: ${line}`;
    assertThrows(() => renderSweepLine(line, {}), RangeError, says);
  }
  const line = renderSweep(ALIVE, { json: true })!;
  assertEquals(
    renderSweepLine(line, {}),
    "10.0.0.5 is alive (0.05 ms, ttl 64)",
  );
});

Deno.test("renderSweepLine() passes what is as a sweep writes it without reading it anew", () => {
  const line = renderSweep(ALIVE, { json: true })!;
  const { parse } = JSON;
  try {
    JSON.parse = () => {
      throw new Error("read anew");
    };
    assertEquals(renderSweepLine(line, { json: true }), line);
  } finally {
    JSON.parse = parse;
  }
});

Deno.test("renderProgress() tells the share, also of further passes", () => {
  const progress = { type: "progress", total: 200, elapsedMs: 1500 } as const;
  assertEquals(
    renderProgress({ ...progress, sent: 50, alive: 3 }),
    "25% of 200, 3 alive, 1.5 s",
  );
  assertEquals(
    renderProgress({ ...progress, sent: 300, alive: 3 }),
    "100% of 200, 3 alive, 1.5 s",
  );
});

Deno.test("renderSweepResult() leaves out what there is none of", () => {
  assertEquals(renderSweepResult(RESULT, {}), [
    "65,536 addresses, 65,535 sent, 2 alive, 1.23 s",
  ]);
  assertEquals(renderSweepResult({ ...RESULT, refused: 1 }, {}), [
    "65,536 addresses, 65,535 sent, 2 alive, 1 reply refused, 1.23 s",
  ]);
  const worse = { ...RESULT, unreachable: 1, refused: 2, dropped: 3 };
  assertEquals(renderSweepResult(worse, {}), [
    "65,536 addresses, 65,535 sent, 2 alive, 1 unreachable, 2 replies refused, 3",
    "    dropped: try a lower rate, 1.23 s",
  ]);
  const [json] = renderSweepResult(RESULT, { json: true });
  const { timestamp, ...summary } = JSON.parse(json);
  assert(parseTimestamp(timestamp) > 0n);
  assertEquals(summary, {
    ...RESULT,
    type: "summary",
    shard: "2/4",
    failure: null,
  });
  assertEquals(parseSweepSummary(json), RESULT);
});

Deno.test("renderSweepResult() says what could not leave, in 80 columns", () => {
  const failure = socketError({
    syscall: "sendmmsg",
    errno: 13,
    action: "send an echo request",
  });
  const result = { ...RESULT, unsent: 1, unreachable: 70, failure };
  assertEquals(renderSweepResult(result, {}), [
    "65,536 addresses, 65,535 sent, 1 of them could not leave, 2 alive, 70",
    "    unreachable, 1.23 s",
  ]);
  const event = {
    type: "failed",
    address: "10.0.0.255",
    error: failure,
  } as const;
  assertEquals(renderSweep(event, {}), undefined);
  const { timestamp: _, ...failed } = JSON.parse(
    renderSweep(event, { json: true })!,
  );
  assertEquals(failed, {
    type: "failed",
    address: "10.0.0.255",
    reason: "cannot send an echo request: Permission denied (sendmmsg: EACCES)",
  });
});
