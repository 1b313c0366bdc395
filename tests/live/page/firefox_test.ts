/** A live lab in Firefox: packets come, and one's journey is told. */

import { assertEquals, assertMatch } from "@std/assert";
import { hostOf, launchFirefox, PATIENCE_MS, startPage } from "./browsers.ts";
import { liveTest, run } from "../live.ts";

await liveTest(
  "in Firefox a packet of a lab is followed, changed, sent, and answered",
  ["lab", "firefox-esr", "ping"],
  async () => {
    await using server = await startPage("lab", "chain", "1");
    const browser = await launchFirefox();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.setViewport({ width: 1400, height: 900 });
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(`${error}`));
      await page.goto(server.url);
      await page.waitForSelector("text/live");
      const host = await hostOf(server, "host");
      await run([...host, "ping", "-c1", "10.9.2.2"]);
      await (await page.waitForSelector(".row ::-p-text(ICMP echo request)"))!
        .click();
      await page.waitForSelector("text/The same packet on 2 cables");
      const texts = await page.$$eval(
        ".journey tbody tr",
        (rows) => rows.map(({ textContent }) => textContent ?? ""),
      );
      assertMatch(texts[1], /^router1\/eth1.*Time to Live 64 → 63/);

      await (await page.waitForSelector("button.edit"))!.click();
      await (await page.waitForSelector(".tree ::-p-text(Time to Live)"))!
        .click();
      const value = (await page.waitForSelector(".bar input.value"))!;
      await value.evaluate((input) => input.select());
      await value.type("1");
      await value.press("Enter");
      await page.waitForSelector(".cell.lit");
      await (await page.waitForSelector("button.primary"))!.click();
      await page.waitForSelector(".outcome ::-p-text(time exceeded)");
      assertEquals(complaints, []);
    } finally {
      await browser.close();
    }
  },
);
