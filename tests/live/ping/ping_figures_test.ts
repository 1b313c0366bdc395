import { assert, assertEquals } from "@std/assert";
import { type Family, type Host, multiping, ping } from "../../../mod.ts";
import { seededRandom } from "../../random.ts";
import { pairUp } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { Process } from "../pair/pair_process.ts";
import { allAsked, reply, Responder, type Script } from "../responder.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];
const RECEIVER = { 4: "1.1.1.1", 6: "2001:db8::1" } as const;
const COUNT = 60;

/** What shall become of each request, by its sequence number from 1. */
const FATES = (() => {
  const random = seededRandom(0xfa7e);
  return Array.from({ length: COUNT + 1 }, () => {
    const dice = random();
    return {
      copies: dice < 0.2 ? 0 : dice < 0.35 ? 3 : 1,
      delayMs: Math.floor(random() * 40),
    };
  });
})();
const ANSWERED = FATES.slice(1).filter(({ copies }) => copies > 0).length;
const DUPLICATES = FATES.slice(1)
  .filter(({ copies }) => copies > 0)
  .reduce((sum, { copies }) => sum + copies - 1, 0);

/** Of a host that has answered. */
function figuresOf({ minRttMs, avgRttMs, maxRttMs }: Host): number[] {
  return [minRttMs!, avgRttMs!, maxRttMs!];
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Loses, repeats and, by its delays, reorders. */
function fateful(): Script {
  const all = allAsked(COUNT);
  return (request) => {
    const { copies, delayMs } = FATES[request.sequence];
    const asked = all(request);
    return Array.from({ length: copies }, (_, i) => ({
      ...reply(request),
      after: asked.then(() => pause(delayMs + 5 * i)),
    }));
  };
}

for (const family of [4, 6] as const) {
  await liveTest(`ping() counts what happened, as iputils does, IPv${family}`, [
    ...NEEDS,
    "ping",
  ], async () => {
    await using lab = await pairUp();
    await using responder = await Responder.start(lab, family, fateful());
    const receiver = RECEIVER[family];
    const begun = performance.now();
    const [host, theirs] = await Promise.all([
      ping(receiver, {
        count: COUNT,
        intervalMs: 10,
        timeoutMs: 5000,
        namespace: lab.namespace("sender"),
      }).result,
      run(lab.inside("sender", [
        ...["ping", "-c", `${COUNT}`, "-i", "0.01", "-W", "5", receiver],
      ])),
    ]);
    const elapsedMs = performance.now() - begun;
    assertEquals(responder.requests.length, 2 * COUNT);
    assertEquals(
      [host.packetsSent, host.packetsReceived, host.duplicates],
      [COUNT, ANSWERED, DUPLICATES],
    );
    assertEquals([host.lateReplies, host.errors], [0, []]);
    assert(Math.abs(host.packetLoss! - (1 - ANSWERED / COUNT)) < 1e-12);
    const counts = / (\d+) received, \+(\d+) duplicates/.exec(theirs.stdout);
    // It ends with the last reply that is no duplicate, so may miss some.
    assertEquals(Number(counts![1]), ANSWERED);
    assert(Number(counts![2]) <= DUPLICATES);

    const [minRttMs, avgRttMs, maxRttMs] = figuresOf(host);
    assert(minRttMs >= 0 && minRttMs <= avgRttMs && avgRttMs <= maxRttMs);
    assert(maxRttMs <= elapsedMs, `${maxRttMs} of ${elapsedMs} ms`);
    // No reply was there before the script sent it, a timer's grain aside.
    const delays = FATES.slice(1).filter(({ copies }) => copies > 0)
      .map(({ delayMs }) => delayMs).toSorted((a, b) => a - b);
    for (const [i, ms] of host.rttsMs.toSorted((a, b) => a - b).entries()) {
      assert(ms >= delays[i] - 1, `${ms} ms after a delay of ${delays[i]}`);
    }
  });
}

await liveTest("ping() tells late replies from lost ones", NEEDS, async () => {
  await using lab = await pairUp();
  const given = Promise.withResolvers<void>();
  await using responder = await Responder.start(lab, 4, (request) => {
    if (request.sequence === 2) return [];
    const isLate = request.sequence === 1;
    return [{ ...reply(request), after: isLate ? given.promise : undefined }];
  });
  const run = ping("1.1.1.1", {
    count: 4,
    intervalMs: 1500,
    timeoutMs: 2000,
    namespace: lab.namespace("sender"),
  });
  for await (const event of run) {
    if (event.type === "timeout" && event.sequence === 1) given.resolve();
    if (event.type === "reply") {
      assertEquals([event.sequence, event.isLate], [
        event.sequence,
        event.sequence === 1,
      ]);
    }
  }
  const host = await run.result;
  assertEquals(responder.requests.length, 4);
  assertEquals(
    [host.packetsReceived, host.lateReplies, host.duplicates],
    [2, 1, 0],
  );
});

await liveTest("many that ping one host at once are not confused", [
  ...NEEDS,
  "ping",
], async () => {
  await using lab = await pairUp();
  const namespace = lab.namespace("sender");
  const all = allAsked(20);
  // Answers all of them, and the odd ones only once.
  await using _ = await Responder.start(lab, 4, (request) => {
    const after = all(request);
    return request.sequence % 2 === 0 ? [] : [{ ...reply(request), after }];
  });
  const options = { count: 20, intervalMs: 10, timeoutMs: 4000, namespace };
  const args = ["-c", "20", "-i", "0.01", "-W", "4", "1.1.1.1"];
  const [first, second, several, ...screens] = await Promise.all([
    ping("1.1.1.1", options).result,
    ping("1.1.1.1", options).result,
    multiping(["1.1.1.1", "1.1.1.1"], options).result,
    run(lab.inside("sender", script("ping", ...args))),
    run(lab.inside("sender", script("ping", ...args))),
    run(lab.inside("sender", ["ping", ...args])),
  ]);
  for (const host of [first, second]) {
    assertEquals(
      [host.packetsSent, host.packetsReceived, host.duplicates],
      [20, 10, 0],
    );
  }
  // The two have the numbers in common, and so the odd ones between them.
  assertEquals(
    several.reduce((sum, host) => sum + host.packetsReceived, 0),
    20,
  );
  for (const { stdout } of screens) {
    assert(stdout.includes("20 packets transmitted, 10 received, 50%"), stdout);
  }
});

await liveTest(
  "a reply tells its hop limit, options and addresses",
  NEEDS,
  async () => {
    // Record route (RFC 791 §3.1), which the destination is the last to fill.
    const sent = Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0);
    const recorded = Uint8Array.of(7, 7, 8, 1, 1, 1, 100, 0);
    for (const family of [4, 6] as Family[]) {
      await using lab = await pairUp();
      await using _ = await Responder.start(
        lab,
        family,
        (request) => [reply(request, { ttl: 200, options: sent })],
      );
      const run = ping(RECEIVER[family], {
        count: 1,
        payload: Uint8Array.of(1, 2, 3),
        namespace: lab.namespace("sender"),
      });
      for await (const event of run) {
        if (event.type !== "reply") continue;
        const { reply } = event;
        assertEquals(reply.ttl, 200);
        assertEquals(reply.payload, Uint8Array.of(1, 2, 3));
        assertEquals(
          reply.destination,
          family === 4 ? "1.1.1.100" : "2001:db8::100",
        );
        assertEquals(reply.options, family === 4 ? recorded : new Uint8Array());
      }
      assertEquals((await run.result).replyTTL, 200);
    }
  },
);

await liveTest(
  "a reply that came in time counts, though ping had no time to look at it",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const waitMs = 5000;
    const answered = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    await using responder = await Responder.start(lab, 4, (request) => {
      answered.resolve();
      return [{ ...reply(request), after: stopped.promise }];
    });
    const args = ["-c", "1", "-W", `${waitMs / 1000}`, "--json", "1.1.1.1"];
    await using process = new Process(
      lab.inside("sender", script("ping", ...args)),
    );
    await answered.promise;
    process.kill("SIGSTOP");
    stopped.resolve();
    // At least as long as it would have waited.
    await pause(waitMs + 500);
    process.kill("SIGCONT");
    const { code, stdout } = await process.end();
    assertEquals([code, responder.requests.length], [0, 1], stdout);
  },
);
