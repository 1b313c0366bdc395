import { assert, assertEquals, assertRejects } from "@std/assert";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import {
  forgedPacket,
  RawSocket,
  receiveMessages,
  type Run,
  sendMessages,
  sniff,
  spoof,
} from "../../mod.ts";
import { liveTest } from "./live.ts";

const SENDER = "1.1.1.100";
const RECEIVER = "1.1.1.1";
const HI = new TextEncoder().encode("Hi");

/** The kernel's word on which sockets this process has open. */
function openSockets(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      const target = Deno.readLinkSync(`/proc/self/fd/${name}`);
      return target.startsWith("socket:") ? [target] : [];
    } catch {
      return []; // That of the reading itself.
    }
  });
}

/** One message, and then none for ever. */
async function* oneAndNoMore() {
  yield HI;
  await new Promise<never>(() => {});
}

interface Told {
  readonly type: string;
}

/** The four tools, each in the middle of something that does not end. */
function endless(lab: Lab): Record<string, [Run<Told, Told>, string]> {
  const [sender, receiver] = [
    ...[lab.namespace("sender"), lab.namespace("receiver")],
  ];
  const packet = forgedPacket({ source: SENDER, destination: RECEIVER });
  const sending = { protocol: 253, destination: RECEIVER, namespace: sender };
  return {
    "sendMessages() at its message": [
      sendMessages({ ...sending, payloads: oneAndNoMore() }),
      "sent",
    ],
    // Nobody receives the protocol there.
    "sendMessages() that waits for a message": [
      sendMessages({ ...sending, payloads: oneAndNoMore() }),
      "refused",
    ],
    "receiveMessages()": [
      receiveMessages({ protocol: 254, namespace: receiver }),
      "packet",
    ],
    "sniff()": [sniff({ device: "eth0", namespace: receiver }), "packet"],
    "spoof()": [
      spoof(packet, {
        ...{ namespace: sender, count: 1000, intervalMs: 20, why: true },
      }),
      "sent",
    ],
  };
}

await liveTest(
  "breaking off what sends, receives, sniffs or spoofs closes its sockets",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    using other = RawSocket.open({
      protocol: 254,
      namespace: lab.namespace("sender"),
    });
    for (const [name, [run, last]] of Object.entries(endless(lab))) {
      const before = openSockets();
      let during: string[] = [];
      for await (const { type } of run) {
        during = openSockets();
        if (type === last) break;
        if (type === "opened") other.send(HI, RECEIVER);
      }
      assert(during.length > before.length, `${name} has opened nothing`);
      assertEquals(openSockets(), before, name);
      await assertRejects(() => run.result, DOMException, "aborted");
    }
  },
);

await liveTest(
  "the results of sending, receiving, sniffing and spoofing are their summaries",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const namespace = lab.namespace("sender");
    const packet = forgedPacket({ source: SENDER, destination: RECEIVER });
    const tools: Record<string, () => Run<Told, Told>> = {
      send: () =>
        sendMessages({
          ...{ protocol: 253, destination: RECEIVER, namespace, lingerMs: 0 },
          payloads: [HI, HI],
        }),
      receive: () =>
        receiveMessages({ protocol: 253, namespace, timeoutMs: 10 }),
      sniff: () =>
        sniff({ filter: { protocol: 254 }, namespace, timeoutMs: 10 }),
      spoof: () => spoof(packet, { namespace, count: 3 }),
    };
    const facts: Record<string, object> = {
      send: { sent: 2, octets: 4 },
      receive: { received: 0, reason: "timeout" },
      sniff: { captured: 0, reason: "timeout" },
      spoof: { sent: 3, destination: RECEIVER },
    };
    for (const [name, tool] of Object.entries(tools)) {
      const alone = await tool().result;
      assertEquals({ ...alone, ...facts[name] }, alone, name);
      assertEquals(alone.type, "summary");
      const run = tool();
      const events = await Array.fromAsync(run);
      assertEquals(events.at(-1), await run.result, name);
    }
  },
);

await liveTest(
  "what cannot be opened fails at the first event, or with the result",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const namespace = lab.namespace("sender");
    const device = "none";
    const packet = forgedPacket({ source: SENDER, destination: RECEIVER });
    const tools: [tool: () => Run<Told, Told>, says: string][] = [
      [
        () =>
          sendMessages({
            ...{ protocol: 253, destination: RECEIVER, namespace, device },
            payloads: [HI],
          }),
        "ENODEV",
      ],
      [() => receiveMessages({ protocol: 253, namespace, device }), "ENODEV"],
      [() => sniff({ namespace, device }), "none"],
      [() => spoof(packet, { namespace: "nowhere" }), "nowhere"],
    ];
    for (const [tool, says] of tools) {
      const before = openSockets();
      await assertRejects(() => tool().result, Error, says);
      const events = tool()[Symbol.asyncIterator]();
      await assertRejects(() => events.next(), Error, says);
      assertEquals(openSockets(), before);
    }
  },
);
