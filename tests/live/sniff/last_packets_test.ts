/** What crossed before a run is ended is told, though it was not fetched yet. */

import { assertEquals } from "@std/assert";
import { RawSocket, receiveMessages, sniff } from "../../../mod.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest } from "../live.ts";
import { octets } from "../socket/socket_support.ts";

const RUNS = {
  "sniff()": (namespace: string, _: string, signal: AbortSignal) =>
    sniff({ namespace, device: "lo", signal }),
  "sniff() of two places": (one: string, other: string, signal: AbortSignal) =>
    sniff({
      places: [one, other].map((namespace) => ({ namespace, device: "lo" })),
      signal,
    }),
  "receiveMessages()": (namespace: string, _: string, signal: AbortSignal) =>
    receiveMessages({ protocol: 253, namespace, signal }),
};

for (const [name, run] of Object.entries(RUNS)) {
  await liveTest(
    `${name} tells what came before its end and was not fetched yet`,
    ["lab"],
    async () => {
      await using host = await FreshHost.create();
      await using other = await FreshHost.create();
      const { namespace } = host;
      using sender = RawSocket.open({ protocol: 253, namespace });
      const end = new AbortController();
      const told: string[] = [];
      const events: AsyncIterable<{ type: string }> = run(
        namespace,
        other.namespace,
        end.signal,
      );
      for await (const { type } of events) {
        told.push(type);
        if (type !== "opened") continue;
        for (const text of ["Hello", "World"]) {
          sender.send(octets(text), "127.0.0.1");
        }
        end.abort();
      }
      assertEquals(told, ["opened", "packet", "packet", "summary"]);
    },
  );
}
