/** A packet's journey through a lab that translates, remarks and cuts. */

import { assertEquals, assertMatch } from "@std/assert";
import { hostOf, openChromium, startPage } from "./browsers.ts";
import { liveTest, run } from "../live.ts";

await liveTest(
  "the page tells what each router of a lab changed",
  ["lab", "chromium", "ping", "nft"],
  async () => {
    const options = ["--tos", "1=16", "--nat", "2", "--mtu", "3=1280"];
    await using server = await startPage("lab", "chain", "2", ...options);
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    const host = await hostOf(server, "host");
    await run([
      ...[...host, "ping", "-c1", "-s1300", "-Mdont", "10.9.3.2"],
    ]);
    await page.getByRole("searchbox").fill("icmp host 10.9.1.1 not on router2");
    await page.getByRole("row", { name: /host\/eth0.*echo request/ }).first()
      .click();
    const rows = page.locator(".journey tbody tr");
    await rows.nth(2).waitFor();
    const texts = await rows.allTextContents();
    assertEquals(texts.length, 3);
    assertMatch(texts[0], /^host\/eth0/);
    assertMatch(texts[1], /^router1\/eth1.*Time to Live 64 → 63/);
    assertMatch(texts[1].replaceAll(" ", ""), /0x00.*→0x10/);
    assertMatch(texts[2], /In 2 fragments/);
    assertMatch(
      texts[2].replaceAll(" ", ""),
      /SourceAddress10\.9\.1\.1→10\.9\.3\.1/,
    );
    // By its button one goes there.
    await page.locator(".journey button", { hasText: "router2/eth1" }).click();
    await page.locator(".journey .here", { hasText: "router2/eth1" }).waitFor();
    assertEquals(complaints, []);
  },
);
