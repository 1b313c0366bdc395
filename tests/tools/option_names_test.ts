import { assertEquals, assertThrows } from "@std/assert";
import {
  FastSender,
  multiping,
  ping,
  receiveMessages,
  sendFast,
  sendForged,
  sendMessages,
  sniff,
  spoof,
  sweep,
  traceroute,
  watchRoute,
} from "../../mod.ts";

const HOST = "127.0.0.1";
const PACKET = new Uint8Array(20);

/** What is written without a type check, and what it is taken for. */
const MISSPELT: [name: string, call: (options: never) => unknown][] = [
  ["ping", (options) => ping(HOST, options)],
  ["multiping", (options) => multiping([HOST], options)],
  ["sweep", (options) => sweep([HOST], options)],
  ["traceroute", (options) => traceroute(HOST, options)],
  ["watchRoute", (options) => watchRoute(HOST, options)],
  ["sniff", (options) => sniff(options)],
  ["receiveMessages", (options) => receiveMessages(options)],
  ["sendMessages", (options) => sendMessages(options)],
  ["sendFast", (options) => sendFast(options)],
  ["spoof", (options) => spoof(PACKET, options)],
  ["sendForged", (options) => sendForged([], options)],
  ["FastSender.open", (options) => FastSender.open(options)],
];

for (const [name, call] of MISSPELT) {
  Deno.test(`${name} refuses an option that there is not`, () => {
    const says = `${name}: "namespase" is unknown; did you mean "namespace"?`;
    assertThrows(() => call({ namespase: "a" } as never), TypeError, says);
  });
}

Deno.test("tools know what an option is near to", () => {
  const wrong = { timeoutMS: 5 } as never;
  for (const call of [ping, traceroute, watchRoute]) {
    assertThrows(() => call(HOST, wrong), TypeError, '"timeoutMs"?');
  }
  assertThrows(() => sniff({ cout: 3 } as never), TypeError, '"count"?');
});

Deno.test("an option that is undefined is one that is not given", async () => {
  const none = { count: undefined, intervalMs: undefined };
  const options = { ...none, signal: AbortSignal.abort() };
  const { packetsSent } = await ping(HOST, options);
  const hosts = await multiping([HOST], options);
  assertEquals([packetsSent, hosts[0].packetsSent], [0, 0]);
});
