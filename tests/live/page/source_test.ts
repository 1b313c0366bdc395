/** What else than a lab is shown: a device, a file. */

import { assertEquals } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { ipv4, udp } from "../../../lib/wire/packet/layers.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest, run } from "../live.ts";
import { CHROMIUM, openChromium, startPage, startPageBy } from "./browsers.ts";

await liveTest(
  "what crosses a device is shown, but not what the page itself is told",
  ["lab", "chromium", "ping"],
  async () => {
    await using host = await FreshHost.create();
    // The page is at this host's 127.0.0.1, and so must its browser be.
    const browser = await Deno.makeTempFile();
    const entering = host.inside([CHROMIUM]).join(" ");
    await Deno.writeTextFile(browser, `#!/bin/sh\nexec ${entering} "$@"\n`);
    await Deno.chmod(browser, 0o755);
    try {
      await using server = await startPageBy(host.inside([]), "-I", "lo");
      await using chromium = await openChromium(server.url, {}, [], browser);
      const { page, complaints } = chromium;
      const status = page.getByRole("status");
      await status.filter({ hasText: /^0 of 0 .* live/ }).waitFor();
      await page.locator("h1", { hasText: "raw4 · lo" }).waitFor();
      await run(host.inside(["ping", "-c1", "127.0.0.1"]));
      await page.getByRole("row", { name: "echo request" }).first().waitFor();
      // IPv4's and IPv6's loopback can be sent to.
      for (
        const [kind, row] of [
          ["echo request (ICMP)", "ICMP echo reply"],
          ["echo request (ICMPv6)", "ICMP6, echo reply"],
        ]
      ) {
        await page.getByRole("button", { name: "Clear" }).click();
        await page.getByLabel("New packet").selectOption(kind);
        await page.getByRole("button", { name: "Send", exact: true }).click();
        await page.locator(".outcome").waitFor();
        await page.getByRole("row", { name: row }).first().waitFor();
      }
      await page.getByRole("searchbox").fill("tcp");
      await status.filter({ hasText: /^0 of [1-9]/ }).waitFor();
      // Without a lab there is no map, and nothing to learn in it.
      assertEquals(await page.locator(".map").count(), 0);
      assertEquals(complaints, []);
    } finally {
      await Deno.remove(browser);
    }
  },
);

await liveTest(
  "a file given to page.ts is shown, and nothing in it can be sent",
  ["chromium"],
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".pcap" });
    const bytes = buildPacket(
      ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
      udp({ sourcePort: 4253, destinationPort: 9 }),
      "raw4",
    );
    const parts = [encodePcapHeader(LINK_TYPE_RAW)];
    for (let i = 0; i < 300; i++) {
      parts.push(encodePcapRecord({ timestampNs: BigInt(i), bytes }));
    }
    try {
      await Deno.writeFile(path, await new Blob(parts).bytes());
      await using server = await startPage(path);
      await using chromium = await openChromium(server.url);
      const { page, complaints } = chromium;
      await page.getByRole("status").filter({ hasText: /^300 of 300/ })
        .waitFor();
      assertEquals(
        await page.locator("h1").textContent(),
        `raw4 · ${path}`,
      );
      await page.getByRole("row", { name: "192.0.2.1.4253" }).first().click();
      await page.getByRole("treeitem", { name: "Source Port: 4253" }).click();
      assertEquals(await page.getByLabel("New packet").count(), 0);
      const edit = page.getByRole("button", { name: "Edit and send" });
      assertEquals(await edit.count(), 0);
      assertEquals(complaints, []);
    } finally {
      await Deno.remove(path);
    }
  },
);
