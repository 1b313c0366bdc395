import { assertEquals } from "@std/assert";
import {
  renderProgress,
  renderSweep,
  renderSweepResult,
} from "../../lib/render/sweep.ts";
import { socketError } from "../../lib/socket/errors.ts";

const ALIVE = {
  type: "alive",
  address: "10.0.0.5",
  roundTripMs: 0.0512,
  ttl: 64,
} as const;
const UNREACHABLE = {
  type: "unreachable",
  address: "10.0.0.6",
  from: "10.0.0.1",
  icmpType: 3,
  icmpCode: 1,
  description: "destination unreachable: host unreachable",
} as const;
const RESULT = {
  total: 65_536,
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
  assertEquals(JSON.parse(renderSweep(ALIVE, { json: true })!), ALIVE);
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
  const worse = { ...RESULT, unreachable: 1, refused: 2, dropped: 3 };
  assertEquals(renderSweepResult(worse, {}), [
    "65,536 addresses, 65,535 sent, 2 alive, 1 unreachable, " +
    "2 replies refused, 3 dropped: try a lower rate, 1.23 s",
  ]);
  const [json] = renderSweepResult(RESULT, { json: true });
  assertEquals(JSON.parse(json), {
    ...RESULT,
    type: "summary",
    failure: null,
  });
});

Deno.test("renderSweepResult() says what was not sent, in 80 columns", () => {
  const failure = socketError({
    syscall: "sendmmsg",
    errno: 13,
    action: "send an echo request",
  });
  assertEquals(renderSweepResult({ ...RESULT, unsent: 1, failure }, {}), [
    "65,536 addresses, 65,535 sent, 2 alive, 1.23 s",
    "1 not sent; the first: cannot send an echo request: Permission denied " +
    "(sendmmsg:",
    "    EACCES)",
  ]);
});
