import { assert, assertEquals, assertRejects } from "@std/assert";
import { Run } from "../../mod.ts";

/** Work that tells numbers, a turn of the event loop between any two. */
function counting(count: number, seen: number[] = []): Run<number, string> {
  return new Run(async ({ emit, signal }) => {
    for (let i = 0; i < count && !signal.aborted; i++) {
      seen.push(i);
      emit(i);
      await turn();
    }
    return signal.aborted ? "aborted" : "whole";
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("Run gives its events, and then its result", async () => {
  const run = counting(3);
  assertEquals(await Array.fromAsync(run), [0, 1, 2]);
  assertEquals(await run.result, "whole");
});

Deno.test("Run gives its result alone, and works but once", async () => {
  const seen: number[] = [];
  const run = counting(3, seen);
  assertEquals(await run.result, "whole");
  assertEquals(await run.result, "whole");
  assertEquals(seen, [0, 1, 2]);
  assertEquals(await Array.fromAsync(run), []);
});

Deno.test("Run does not begin before somebody asks", async () => {
  const seen: number[] = [];
  const run = counting(3, seen);
  await turn();
  assertEquals(seen, []);
  await run.result;
  assertEquals(seen.length, 3);
});

Deno.test("Run gives events told without a pause, all and in order", async () => {
  const run = new Run<number, number>(({ emit }) => {
    for (let i = 0; i < 5000; i++) emit(i);
    return Promise.resolve(5000);
  });
  const events = await Array.fromAsync(run);
  assertEquals(events, Array.from({ length: 5000 }, (_, i) => i));
});

Deno.test("Run.batches() gives what has happened since, and never nothing", async () => {
  const run = new Run<number, string>(async ({ emit }) => {
    for (const count of [3, 1, 2]) {
      for (let i = 0; i < count; i++) emit(i);
      await turn();
      await turn();
    }
    return "done";
  });
  assertEquals(await Array.fromAsync(run.batches()), [[0, 1, 2], [0], [0, 1]]);
  assertEquals(await run.result, "done");
});

Deno.test("Run ends when the iteration of its batches is broken off", async () => {
  const seen: number[] = [];
  const run = counting(1_000_000, seen);
  for await (const [event] of run.batches()) if (event === 2) break;
  assertEquals(await run.result, "aborted");
  assert(seen.length < 10, `${seen.length} steps`);
});

Deno.test("Run ends when the iteration is broken off", async () => {
  const seen: number[] = [];
  const run = counting(1_000_000, seen);
  for await (const event of run) if (event === 2) break;
  assertEquals(await run.result, "aborted");
  assert(seen.length < 10, `${seen.length} steps`);
});

Deno.test("Run ends when the iteration throws", async () => {
  const run = counting(1_000_000);
  await assertRejects(
    async () => {
      for await (const event of run) if (event === 2) throw new Error("mine");
    },
    Error,
    "mine",
  );
  assertEquals(await run.result, "aborted");
});

Deno.test("Run throws what its work throws, behind the events", async () => {
  const failing = () =>
    new Run<number, never>(async ({ emit }) => {
      emit(1);
      await turn();
      emit(2);
      throw new TypeError("broken");
    });
  const run = failing();
  const events: number[] = [];
  await assertRejects(
    async () => {
      for await (const event of run) events.push(event);
    },
    TypeError,
    "broken",
  );
  assertEquals(events, [1, 2]);
  await assertRejects(() => run.result, TypeError, "broken");
  await assertRejects(() => failing().result, TypeError, "broken");
});

Deno.test("Run throws what work throws before it gives way", async () => {
  const run = new Run<number, never>(() => {
    throw new TypeError("at once");
  });
  await assertRejects(() => Array.fromAsync(run), TypeError, "at once");
});

Deno.test("Run obeys a signal from outside", async () => {
  const abort = new AbortController();
  const run = new Run<number, number>(async ({ emit, signal }) => {
    let i = 0;
    for (; !signal.aborted; i++) {
      emit(i);
      await turn();
    }
    return i;
  }, abort.signal);
  const events: number[] = [];
  for await (const event of run) {
    events.push(event);
    if (event === 3) abort.abort();
  }
  assertEquals(events, [0, 1, 2, 3]);
  assertEquals(await run.result, 4);
});

Deno.test("Run.room() makes work wait for whoever takes the events", async () => {
  let told = 0;
  const run = new Run<number, number>(async ({ emit, room, signal }) => {
    while (told < 10_000 && !signal.aborted) {
      emit(told++);
      await room();
    }
    return told;
  });
  let taken = 0;
  for await (const event of run) {
    assertEquals(event, taken++);
    // What was taken with this one waits in the iterator, and as much again.
    assert(told - taken <= 2 * 1024, `${told} told, ${taken} taken`);
  }
  assertEquals(await run.result, 10_000);
});

Deno.test("Run.room() does not wait where nobody iterates", async () => {
  const run = new Run<number, number>(async ({ emit, room }) => {
    for (let i = 0; i < 5000; i++) {
      emit(i);
      await room();
    }
    return 5000;
  });
  assertEquals(await run.result, 5000);
});

Deno.test("Run.room() lets work go on that nobody listens to any more", async () => {
  const run = new Run<number, string>(async ({ emit, room }) => {
    for (let i = 0; i < 5000; i++) {
      emit(i);
      await room();
    }
    return "done";
  });
  for await (const _ of run) {
    // Meanwhile the work comes to where it has to wait.
    await turn();
    break;
  }
  assertEquals(await run.result, "done");
});
