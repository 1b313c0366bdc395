/** What the agent is asked, whoever may still hear its answers. */

import { assertEquals } from "@std/assert";
import { answerAll } from "../../lib/agent/send.ts";
import type { AgentMessage, SendRequest } from "../../lib/agent/messages.ts";

/** Requests that are refused at once, and so many. */
async function* requests(count: number): AsyncGenerator<string> {
  for (let id = 1; id <= count; id++) {
    const asked: SendRequest = { type: "send", id, packet: "ff" };
    yield JSON.stringify(asked);
    await Promise.resolve();
  }
}

const { signal } = new AbortController();

Deno.test("answerAll() answers each request", async () => {
  const said: AgentMessage[] = [];
  const say = (message: AgentMessage) => {
    said.push(message);
    return Promise.resolve();
  };
  await answerAll(requests(20), { lab: undefined, signal }, say);
  const ids = said.map((message) => message.type === "answer" && message.id);
  assertEquals(ids, Array.from({ length: 20 }, (_, i) => i + 1));
});

Deno.test("an answer that nobody hears does not end the process", async () => {
  let failures = 0;
  const say = async () => {
    // As late as one that is under way when the input ends.
    await new Promise((resolve) => setTimeout(resolve, 5));
    failures++;
    throw new Error("closed");
  };
  await answerAll(requests(3), { lab: undefined, signal }, say);
  while (failures < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(failures, 3);
});
