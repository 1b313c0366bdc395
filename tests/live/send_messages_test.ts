import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology.ts";
import { type SendEvent, sendMessages } from "../../mod.ts";
import { liveTest } from "./live.ts";

/** Messages without end, and a promise of their being closed. */
function endless() {
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  async function* payloads() {
    let asked = 0;
    try {
      for (;;) {
        asked++;
        yield Uint8Array.of(asked);
        await Promise.resolve();
      }
    } finally {
      resolve(asked);
    }
  }
  return { payloads: payloads(), closed };
}

await liveTest(
  "sendMessages() closes what it was given when nobody wants the rest",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const options = {
      protocol: 253,
      destination: "1.1.1.1",
      namespace: lab.namespace("sender"),
      // Long ones: nothing waits for them any more.
      intervalMs: 3_600_000,
      lingerMs: 3_600_000,
    };
    const leave = async (when: (event: SendEvent) => boolean) => {
      const { payloads, closed } = endless();
      for await (const event of sendMessages({ ...options, payloads })) {
        if (when(event)) break;
      }
      return await closed;
    };
    assertEquals(await leave(({ type }) => type === "sent"), 1);
    // Nobody receives protocol 253 there. By then a second may be under way.
    const asked = await leave(({ type }) => type === "refused");
    assert(asked <= 2, `asked ${asked} times`);
  },
);

await liveTest(
  "sendMessages() asks for no message when nobody wants any",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    let asked = 0;
    const payloads = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: asked++ > 0, value: Uint8Array.of(1) }),
      }),
    };
    const namespace = lab.namespace("sender");
    const options = { protocol: 253, destination: "1.1.1.1", namespace };
    for await (const event of sendMessages({ ...options, payloads })) {
      assertEquals(event.type, "opened");
      break;
    }
    assertEquals(asked, 0);
  },
);
