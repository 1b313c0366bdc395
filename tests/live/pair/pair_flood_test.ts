/** The receiver under packets that nobody would send in earnest. */

import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { encodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { decodeIPv4Options } from "../../../lib/wire/ipv4/ipv4_options.ts";
import { delay } from "../../../lib/socket/time.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";
import type { Random } from "../../random.ts";
import { hostileText, randomOptions } from "../../render/packets.ts";
import { liveTest } from "../live.ts";
import { lines, receiver, senderSocket } from "./pair_process.ts";

/** Packets on their way at once: few enough for any receive buffer. */
const WINDOW = 32;
const MTU = 1500;

const NO_QUIT = /^quit$/i;

/** Options that the receiving kernel lets through. */
function passingOptions(random: Random): Uint8Array<ArrayBuffer> | undefined {
  const octets = randomOptions(random);
  const option = decodeIPv4Options(octets).options.at(0)?.option;
  switch (option?.kind) {
    case "noOperation":
    case "endOfList":
    case "routerAlert":
      return octets;
    // Without a slot to write into, or with flags that it does not know, they
    // are malformed to the kernel.
    case "recordRoute":
      return option.pointer === 4 && option.addresses.length > 0
        ? octets
        : undefined;
    case "timestamp":
      return option.pointer === 5 && option.entries.length > 0 &&
          option.flag <= 1
        ? octets
        : undefined;
  }
}

function payload(random: Random): Uint8Array<ArrayBuffer> {
  const max = random() < 0.05 ? MTU - 60 : 60;
  if (random() < 0.5) return randomBytes(random, randomInt(random, 0, max));
  const text = hostileText(random);
  return new TextEncoder().encode(NO_QUIT.test(text) ? "" : text);
}

function packet(random: Random): Uint8Array<ArrayBuffer> {
  const flag = () => random() < 0.5;
  return encodeIPv4({
    source: randomOf(random, ["1.1.1.100", "1.1.1.7", "0.0.0.0"]),
    destination: "1.1.1.1",
    protocol: 253,
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    identification: randomInt(random, 0, 0xffff),
    reserved: flag(),
    dontFragment: flag(),
    ttl: randomInt(random, 1, 255),
    options: flag() ? undefined : passingOptions(random),
  }, payload(random));
}

/** Styles, packets to send, and what each packet begins with on the screen. */
const FLOODS: [args: string[], count: number, marker: RegExp][] = [
  [[], 100_000, /^4[5-f][0-9a-f]{38,}$/gm],
  [["--json"], 10_000, /^\{"type":"packet"/gm],
  [["--explain"], 4_000, /^Internet Protocol Version 4/gm],
];

for (const [args, count, marker] of FLOODS) {
  const name = ["receive", ...args].join(" ");
  await liveTest(
    `${name} survives ${count} random packets`,
    ["lab"],
    async () => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      await using receiving = await receiver(lab, ...args);
      using socket = senderSocket(lab, 253, { headerIncluded: true });
      const random = seededRandom(1);
      const screen = receiving.chunks();
      let shown = 0;
      let rest = "";
      for (let sent = 0; sent < count;) {
        const batch = Array.from(
          { length: Math.min(WINDOW, count - sent) },
          () => ({ bytes: packet(random), destination: "1.1.1.1" }),
        );
        sent += await socket.sendMany(batch);
        while (shown < sent) {
          const { value, done } = await screen.next();
          assert(!done, `ended after ${shown} packets`);
          const text = rest + value;
          const end = text.lastIndexOf("\n") + 1;
          rest = text.slice(end);
          const whole = text.slice(0, end);
          assert(!/[^\P{Cc}\n]|\p{Cf}/u.test(whole), whole);
          shown += whole.match(marker)?.length ?? 0;
        }
      }
      assertEquals(shown, count);
      socket.send(
        encodeIPv4(
          { destination: "1.1.1.1", protocol: 253 },
          new TextEncoder().encode("Quit"),
        ),
        "1.1.1.1",
      );
      const { code, stdout, stderr } = await receiving.end();
      const summary = lines(stdout).at(-1)!;
      const counted = args.includes("--json")
        ? JSON.parse(summary)
        : /^--- (?<received>\d+) received, \d+ octets, (?<dropped>\d+) dropped \((?<reason>\w+)\)$/
          .exec(summary)?.groups;
      assertEquals(
        [Number(counted.received) + Number(counted.dropped), counted.reason],
        [count + 1, "quit"],
      );
      assertEquals([code, stderr], [0, ""]);
    },
  );
}

await liveTest(
  "receive counts what came faster than it was fetched",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiving = await receiver(lab);
    using socket = senderSocket(lab);
    const count = 50_000;
    const bytes = new Uint8Array(1000);
    // Its output is not read meanwhile, so that it stands still, and loses some.
    await socket.sendMany(
      Array.from({ length: count }, () => ({ bytes, destination: "1.1.1.1" })),
    );
    let hasEnded = false;
    const end = receiving.end().finally(() => hasEnded = true);
    let quits = 0;
    do {
      socket.send(new TextEncoder().encode("Quit"), "1.1.1.1");
      quits++;
      await delay(20);
    } while (!hasEnded);
    const { code, stdout, stderr } = await end;
    const [, received, dropped] =
      /^--- (\d+) received, \d+ octets, (\d+) dropped \(quit\)$/m.exec(
        stdout,
      ) ??
        [];
    assert(Number(dropped) > 0, stdout.slice(-100));
    const all = Number(received) + Number(dropped);
    assert(count < all && all <= count + quits, `${received} + ${dropped}`);
    assertEquals([code, stderr], [0, ""]);
  },
);
