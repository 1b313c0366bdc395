/** Other pages, other names and hostile packets attack the page. */

import { assertEquals } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { ipv4, udp } from "../../../lib/wire/packet/layers.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { liveTest } from "../live.ts";
import {
  canBundle,
  DROP,
  openChromium,
  startPage,
  withStaticPage,
} from "./browsers.ts";

const NEEDS = await canBundle() ? [] : ["deno-bundle"];
const MARKUP = `<img src=x onerror="window.hacked=1"><script>hacked=1</script>`;

/** What a page of elsewhere tries, each in its own way; `true` is a success. */
const ATTACKS = `async (base) => {
  const tries = {
    read: () => fetch(base + "events").then((r) => r.ok),
    blind: () => fetch(base, { mode: "no-cors" }).then(() => true),
    form: () => fetch(base + "send", {
      method: "POST", mode: "no-cors",
      headers: { "content-type": "text/plain" },
      body: '{"host":"sender","packet":"4500"}',
    }).then(() => true),
    asked: () => fetch(base + "send", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer x" },
      body: '{"host":"sender","packet":"4500"}',
    }).then(() => true),
    script: () => new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = () => resolve(true);
      script.onerror = () => resolve(false);
      script.src = base + "page.js";
      document.head.append(script);
    }),
    frame: () => new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.onload = () => resolve(frame.contentWindow.length > 0);
      frame.src = base;
      document.body.append(frame);
      setTimeout(() => resolve(false), 1000);
    }),
    opened: () => new Promise((resolve) => {
      const other = open(base);
      setTimeout(() => resolve(other !== null && !other.closed), 1000);
    }),
  };
  const done = [];
  for (const [name, attempt] of Object.entries(tries)) {
    if (await attempt().catch(() => false)) done.push(name);
  }
  return done;
}`;

await liveTest(
  "a page of elsewhere reads nothing, sends nothing, and frames nothing",
  ["lab", "chromium"],
  async () => {
    await using server = await startPage("lab", "pair");
    const [base] = server.url.split("#");
    await using foreign = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () =>
        new Response("<!doctype html><body>", {
          headers: { "content-type": "text/html" },
        }),
    );
    // The same site to a browser, but another origin; and a foreign name.
    for (const host of ["127.0.0.1", "evil.example"]) {
      await using chromium = await openChromium(
        `http://${host}:${foreign.addr.port}/`,
        {},
        ["--host-resolver-rules=MAP evil.example 127.0.0.1"],
      );
      const done = await chromium.page.evaluate(
        `(${ATTACKS})(${JSON.stringify(base)})`,
      );
      assertEquals(done, [], `from ${host}`);
      // A name that is made to point to this machine is not this machine.
      const rebound = base.replace("127.0.0.1", "evil.example");
      const response = await chromium.page.goto(rebound);
      assertEquals(response?.status(), 421);
    }
  },
);

await liveTest(
  "names and packets full of markup are text",
  ["chromium", ...NEEDS],
  () =>
    withStaticPage(async (url) => {
      await using chromium = await openChromium(url);
      const { page, complaints } = chromium;
      const packet = buildPacket(
        ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
        udp({ destinationPort: 53 }),
        MARKUP,
      );
      const file = [
        encodePcapHeader(LINK_TYPE_RAW),
        encodePcapRecord({ timestampNs: 1n, bytes: packet }),
      ].map((part) => part.toHex()).join("");
      await page.evaluate(
        `(${DROP})(${JSON.stringify(Uint8Array.fromHex(file).toBase64())}, ${
          JSON.stringify(`${MARKUP}.pcap`)
        })`,
      );
      await page.getByText("1 of 1 packets shown").waitFor();
      assertEquals(
        await page.locator("h1").textContent(),
        `raw4 · ${MARKUP}.pcap`,
      );
      await page.getByRole("grid").focus();
      await page.keyboard.press("ArrowDown");
      await page.getByRole("tree").focus();
      await page.keyboard.press("End");
      assertEquals(await page.locator("img").count(), 0);
      assertEquals(await page.evaluate("window.hacked"), undefined);
      assertEquals(complaints, []);
    }),
);

await liveTest(
  "no text becomes a script or an element, in the served page or the file",
  ["lab", "chromium", ...NEEDS],
  async () => {
    const tries = `() => {
      const tries = {
        markup: () => { document.body.innerHTML = "<b>x</b>"; },
        inserted: () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"),
        script: () => {
          const script = document.createElement("script");
          script.textContent = "window.hacked = 1";
          document.body.append(script);
          if (window.hacked === undefined) throw new Error("did not run");
        },
        policy: () => trustedTypes.createPolicy("evil", {}),
        handler: () => {
          const button = document.createElement("button");
          button.setAttribute("onclick", "window.hacked = 1");
          document.body.append(button);
          button.click();
          if (window.hacked === undefined) throw new Error("did not run");
        },
        style: () => {
          const style = document.createElement("style");
          style.textContent = "body { width: 4253px }";
          document.head.append(style);
          if (document.body.offsetWidth !== 4253) throw new Error("no style");
        },
        worker: () => new Worker("data:text/javascript,"),
      };
      return Object.keys(tries).filter((name) => {
        try {
          tries[name]();
          return true;
        } catch {
          return false;
        }
      });
    }`;
    await using server = await startPage("lab", "pair");
    await withStaticPage(async (file) => {
      for (const url of [server.url, file]) {
        await using chromium = await openChromium(url);
        assertEquals(await chromium.page.evaluate(`(${tries})()`), []);
        const foreign = `fetch("http://127.0.0.1:1/").then(() => 1, () => 0)`;
        assertEquals(await chromium.page.evaluate(foreign), 0);
      }
    });
  },
);

await liveTest(
  "damaged and random captures are told of, and the page goes on",
  ["chromium", ...NEEDS],
  () =>
    withStaticPage(async (url) => {
      await using chromium = await openChromium(url);
      const { page, complaints } = chromium;
      const random = seededRandom(4);
      const drop = (bytes: Uint8Array) =>
        page.evaluate(`(${DROP})("${bytes.toBase64()}", "bad.pcap")`);
      await drop(randomBytes(random, 1000));
      await page.getByRole("alert").waitFor();
      // Frames of every link type, full of anything: each is looked at.
      const parts = [encodePcapHeader(1)];
      for (let i = 0; i < 200; i++) {
        const bytes = randomBytes(random, randomInt(random, 0, 200));
        // As what most often gets far: IPv4, IPv6, ARP.
        if (bytes.length > 14) {
          bytes.set([[8, 0], [0x86, 0xdd], [8, 6]][i % 3], 12);
          bytes[14] = [0x45, 0x60, 0][i % 3];
        }
        parts.push(encodePcapRecord({ timestampNs: BigInt(i), bytes }));
      }
      await drop(Uint8Array.fromHex(parts.map((p) => p.toHex()).join("")));
      await page.getByText("200 of 200 packets shown").waitFor();
      await page.getByRole("grid").focus();
      for (let i = 0; i < 200; i++) await page.keyboard.press("ArrowDown");
      assertEquals(
        await page.locator(".row[aria-selected=true] > :first-child")
          .textContent(),
        "200",
      );
      assertEquals(complaints, []);
    }),
);
