import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { type SendEvent, sendMessages } from "../../../mod.ts";
import { liveTest } from "../live.ts";

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

await liveTest(
  "sendMessages() waits for nothing that is known: its own host's complaints, one about each",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const namespace = lab.namespace("sender");
    // With a header of its own it does not receive the protocol itself.
    for (
      const place of [{ destination: "127.0.0.1", mtu: 1500 }, {
        destination: "1.1.1.1",
      }]
    ) {
      const types = [];
      const payloads = [Uint8Array.of(1), Uint8Array.of(2)];
      const options = {
        protocol: 253,
        namespace,
        payloads,
        lingerMs: 3_600_000,
      };
      for await (const event of sendMessages({ ...options, ...place })) {
        types.push(event.type);
      }
      assertEquals(
        types.toSorted(),
        ["opened", "refused", "refused", "sent", "sent", "summary"],
      );
    }
    const own = { protocol: 253, namespace, destination: "127.0.0.1" };
    const payloads = [Uint8Array.of(1)];
    const summary = await sendMessages({
      ...own,
      payloads,
      lingerMs: 3_600_000,
    });
    assertEquals([summary.sent, summary.refused], [1, 0]);
  },
);
