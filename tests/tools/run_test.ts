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

/** Work that tells numbers, and notes what it does meanwhile. */
function telling(count: number, notes: string[]): Run<number, string> {
  return new Run(async ({ tell }) => {
    try {
      for (let i = 0; i < count; i++) {
        await tell(i);
        notes.push(`told ${i}`);
      }
      return "whole";
    } finally {
      // Closing may take its time.
      for (let i = 0; i < 5; i++) await turn();
      notes.push("closed");
    }
  });
}

Deno.test("Run.tell() ends when the reader has dealt with the event", async () => {
  const notes: string[] = [];
  const run = telling(3, notes);
  for await (const event of run) {
    // The work would long have gone on.
    for (let i = 0; i < 5; i++) await turn();
    notes.push(`read ${event}`);
  }
  assertEquals(notes, [
    ...["read 0", "told 0", "read 1", "told 1", "read 2", "told 2", "closed"],
  ]);
  assertEquals(await run.result, "whole");
});

Deno.test("Run.tell() of several ends when all have been dealt with", async () => {
  const notes: string[] = [];
  const run = new Run<number, void>(async ({ emit, tell }) => {
    emit(0);
    await tell(1, 2);
    notes.push("told");
    await tell();
    notes.push("told nothing");
    await tell(3);
  });
  for await (const event of run) {
    await turn();
    notes.push(`read ${event}`);
  }
  assertEquals(notes, [
    ...["read 0", "read 1", "read 2", "told", "told nothing", "read 3"],
  ]);
});

Deno.test("Run.tell() keeps what two tell at once in order, and loses none", async () => {
  const run = new Run<string, void>(async ({ tell }) => {
    const tellAll = async (name: string) => {
      for (let i = 0; i < 3; i++) await tell(`${name}${i}`);
    };
    await Promise.all([tellAll("a"), tellAll("b")]);
  });
  const events: string[] = [];
  for await (const event of run) {
    await turn();
    events.push(event);
  }
  assertEquals(events, ["a0", "b0", "a1", "b1", "a2", "b2"]);
});

Deno.test("Run.tell() does not wait where nobody iterates", async () => {
  const notes: string[] = [];
  assertEquals(await telling(2, notes).result, "whole");
  assertEquals(notes, ["told 0", "told 1", "closed"]);
});

Deno.test("Run.tell() throws when the reader leaves, who waits for the end", async () => {
  const leave = [
    async (run: Run<number, string>) => {
      for await (const event of run) if (event === 1) break;
    },
    async (run: Run<number, string>) => {
      for await (const [event] of run.batches()) if (event === 1) break;
    },
    (run: Run<number, string>) =>
      assertRejects(
        async () => {
          for await (const event of run) if (event === 1) throw Error("mine");
        },
        Error,
        "mine",
      ),
  ];
  for (const how of leave) {
    const notes: string[] = [];
    const run = telling(1000, notes);
    await how(run);
    assertEquals(notes, ["told 0", "closed"]);
    await assertRejects(() => run.result, DOMException, "aborted");
  }
});

Deno.test("Run.tell() throws to all who tell, and whoever tells later", async () => {
  const failures: string[] = [];
  const run = new Run<string, void>(async ({ tell }) => {
    const attempt = (event: string) =>
      tell(event).catch((error) => failures.push(`${event}: ${error.name}`));
    await Promise.all([attempt("a"), attempt("b")]);
    await attempt("c");
  });
  for await (const event of run) if (event === "a") break;
  await run.result;
  assertEquals(failures, ["a: AbortError", "b: AbortError", "c: AbortError"]);
});

Deno.test("Run.tell() goes on when a signal from outside ends the work", async () => {
  const abort = new AbortController();
  const run = new Run<string, string>(async ({ tell, signal }) => {
    while (!signal.aborted) await tell("more");
    await tell("summary");
    return "summed up";
  }, abort.signal);
  const events: string[] = [];
  for await (const event of run) {
    if (events.push(event) === 2) abort.abort();
  }
  assertEquals(events, ["more", "more", "summary"]);
  assertEquals(await run.result, "summed up");
});

Deno.test("Run throws what work throws behind what it told, and ends the rest", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const run = new Run<number, never>(async ({ tell, signal }) => {
    signal.addEventListener("abort", () => resolve("the rest ended"));
    await tell(1, 2);
    throw new TypeError("broken");
  });
  const events: number[] = [];
  await assertRejects(
    async () => {
      for await (const event of run) events.push(event);
    },
    TypeError,
    "broken",
  );
  assertEquals(events, [1, 2]);
  assertEquals(await promise, "the rest ended");
});

Deno.test("Run does not wait for work that only emits and does not look up", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const run = new Run<number, string>(({ emit }) => {
    emit(1);
    return promise;
  });
  for await (const _ of run) break;
  resolve("at last");
  assertEquals(await run.result, "at last");
});
