/** What the server keeps of what the agent told. */

import { assertEquals } from "@std/assert";
import { EventLog } from "../../lib/server/event_log.ts";

const packets = (count: number, filler = "") =>
  `{"type":"packets","count":${count},"packets":["${filler}"]}`;

async function lines(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const text = await new Response(stream as ReadableStream).text();
  return text.split("\n").slice(0, -1);
}

Deno.test("a reader gets all lines from the beginning, and those to come", async () => {
  const log = new EventLog();
  log.add('{"type":"lab"}');
  log.add(packets(2));
  const first = lines(log.read());
  await Promise.resolve();
  log.add(packets(3));
  const second = lines(log.read());
  log.tell({ type: "ended" });
  log.close();
  const all = [
    '{"type":"lab"}',
    packets(2),
    packets(3),
    '{"type":"ended"}',
  ];
  assertEquals(await first, all);
  assertEquals(await second, all);
});

Deno.test("what is forgotten is counted, and facts are kept", async () => {
  const log = new EventLog(300);
  log.add('{"type":"lab"}');
  for (let count = 1; count <= 5; count++) {
    log.add(packets(count, "x".repeat(100)));
  }
  log.close();
  const got = (await lines(log.read())).map((line) => JSON.parse(line));
  assertEquals(
    got.map(({ type, count }) => [type, count]),
    [["lab", undefined], ["forgotten", 6], ["packets", 4], ["packets", 5]],
  );
});

Deno.test("a slow reader is told what it missed, and only that", async () => {
  const log = new EventLog(300);
  log.add(packets(1, "x".repeat(100)));
  const reader = log.read().getReader();
  const next = async () => {
    const { value } = await reader.read();
    const { type, count } = JSON.parse(new TextDecoder().decode(value));
    return [type, count];
  };
  assertEquals(await next(), ["packets", 1]);
  for (let count = 2; count <= 5; count++) {
    log.add(packets(count, "x".repeat(100)));
  }
  assertEquals(await next(), ["forgotten", 2 + 3]);
  assertEquals(await next(), ["packets", 4]);
  assertEquals(await next(), ["packets", 5]);
  log.close();
  assertEquals((await reader.read()).done, true);
});

Deno.test("a reader that leaves leaves nothing waiting", async () => {
  const log = new EventLog();
  const reader = log.read().getReader();
  const waiting = reader.read();
  await reader.cancel();
  assertEquals((await waiting).done, true);
});
