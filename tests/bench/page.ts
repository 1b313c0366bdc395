/**
 * The page in Chromium: a minute of 5,000 packets a second, a capture file of
 * 100,000, what it weighs, and how soon it is there.
 *
 * @module
 */

import {
  bundlingOf,
  packedScript,
  staticPage,
} from "../../lib/server/page_source.ts";
import { runProgram } from "../../lib/lab/command.ts";
import { buildPacket, icmpv4, ipv4, RawSocket } from "../../mod.ts";
import { ROOT } from "../live/live.ts";
import {
  capture,
  DROP,
  hostOf,
  openChromium,
  type Page,
  startPage,
  withStaticPage,
} from "../live/page/browsers.ts";
import type { Row } from "./frame/row.ts";

const RATE = 5000;
const SECONDS = 60;
const EVERY_MS = 5;
const FILE_PACKETS = 100_000;
const MOST_BYTES = 200_000;

export async function benchPage(): Promise<Row[]> {
  return [
    ...await size(),
    ...await start(),
    ...await file(),
    ...await minute(),
  ];
}

async function size(): Promise<Row[]> {
  const entry = `${ROOT}lib/page/main.tsx`;
  const script = await runProgram(Deno.execPath(), bundlingOf(entry));
  const packed = await packedScript(script);
  const { length } = await staticPage(packed);
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  return [{
    work: "page.html",
    raw4: kB(length),
    reference: `${kB(MOST_BYTES)} at most`,
    ratio: MOST_BYTES / length,
    wanted: 1,
  }, {
    work: "its script, as it is sent",
    raw4: kB(packed.length),
    reference: `unpacked ${kB(script.length)}`,
  }];
}

async function start(): Promise<Row[]> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await using _page = await startPage("lab", "pair");
    times.push(performance.now() - start);
  }
  return [{
    work: "page.ts lab pair, from start to URL (best of 5)",
    raw4: `${Math.min(...times).toFixed(0)} ms`,
    reference: "",
  }];
}

async function file(): Promise<Row[]> {
  const times: number[][] = [];
  await withStaticPage(async (url) => {
    const dropped = capture(FILE_PACKETS).toBase64();
    for (let round = 0; round < 3; round++) {
      await using chromium = await openChromium(url);
      const found = await chromium.page.evaluate(
        `(${TIME_DROP})(${DROP}, "${dropped}", ${FILE_PACKETS})`,
      );
      times.push(found as number[]);
    }
  });
  const best = (i: number) => Math.min(...times.map((found) => found[i]));
  return ["first rows painted", "all rows there"].map((what, i) => ({
    work: `${FILE_PACKETS} packets dropped: ${what} (best of 3)`,
    raw4: `${best(i).toFixed(0)} ms`,
    reference: "",
  }));
}

/** In a page: from a file's drop to the frame with rows, and to all of them. */
const TIME_DROP = `async (drop, base64, count) => {
  let start = 0;
  addEventListener("drop", () => { start = performance.now(); }, true);
  await drop(base64, "many.pcapng");
  const frame = () => new Promise(requestAnimationFrame);
  while (document.querySelector(".row:not(.head)") === null) await frame();
  await frame();
  const first = performance.now() - start;
  const grid = document.querySelector("[role=grid]");
  while (grid.getAttribute("aria-rowcount") !== String(count + 1)) {
    await frame();
  }
  return [first, performance.now() - start];
}`;

/** In a page: counts frames, and knows the longest task. */
const WATCH = `() => {
  const watch = globalThis.watch = { frames: 0, longest: 0 };
  const count = () => {
    watch.frames++;
    requestAnimationFrame(count);
  };
  count();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      watch.longest = Math.max(watch.longest, duration);
    }
  }).observe({ type: "longtask" });
}`;

async function minute(): Promise<Row[]> {
  await using server = await startPage("lab", "pair");
  await using chromium = await openChromium(server.url);
  const { page } = chromium;
  await page.getByRole("searchbox").fill("icmp host 1.1.1.1");
  await page.getByText("live").waitFor();
  await page.evaluate(`(${WATCH})()`);
  const before = performance.now();
  const namespace = (await hostOf(server, "sender"))[3];
  const sent = await sendFor(namespace);
  const seconds = (performance.now() - before) / 1000;
  const { frames, longest } = await page.evaluate("watch") as {
    readonly frames: number;
    readonly longest: number;
  };
  const { shown, missing } = await settled(page);
  const rate = Math.round(sent / seconds);
  return [{
    work: `${rate} packets/s for ${seconds.toFixed(0)} s: lost, but told`,
    raw4: `${missing} of ${sent}`,
    reference: `unseen ${sent - shown - missing}`,
    ratio: (shown + missing) / sent,
    wanted: 1,
  }, {
    work: "meanwhile: frames a second",
    raw4: (frames / seconds).toFixed(1),
    reference: "",
  }, {
    work: "meanwhile: the longest task",
    raw4: `${longest.toFixed(0)} ms`,
    reference: "",
  }];
}

/** Sends echo replies that nobody asked for, and nobody answers. */
async function sendFor(namespace: string): Promise<number> {
  using socket = RawSocket.open({
    protocol: 255,
    headerIncluded: true,
    namespace,
  });
  const packet = buildPacket(
    ipv4({ source: "1.1.1.100", destination: "1.1.1.1" }),
    icmpv4({ kind: "echoReply", identifier: 4253, sequence: 1 }),
    "raw4",
  );
  const start = performance.now();
  let sent = 0;
  while (sent < RATE * SECONDS) {
    const due = RATE * (performance.now() - start) / 1000;
    for (; sent < Math.min(due, RATE * SECONDS); sent++) {
      socket.send(packet, "1.1.1.1");
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return sent;
}

/** What is shown, and what is missing, when nothing more comes. */
async function settled(page: Page) {
  const status = page.getByRole("status");
  for (let last = "";;) {
    const text = (await status.textContent())!;
    if (text === last) {
      const [shown, , dropped = "0", forgotten = "0"] = text.match(/\d+/g)!;
      return {
        shown: Number(shown),
        missing: Number(dropped) + Number(forgotten),
      };
    }
    last = text;
    await page.waitForTimeout(2000);
  }
}
