/** Someone drops a capture on the page's file: no server, no Deno. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  canBundle,
  capture,
  DROP,
  launchFirefox,
  openChromium,
  PATIENCE_MS,
  withStaticPage,
} from "./browsers.ts";
import { liveTest } from "../live.ts";

const NEEDS = await canBundle() ? [] : ["deno-bundle"];

await liveTest(
  "a capture dropped on the file is shown, without a network, in Chromium",
  ["chromium", ...NEEDS],
  () =>
    withStaticPage(async (url) => {
      const { size } = await Deno.stat(new URL(url));
      assert(size <= 200_000, `page.html has ${size} bytes`);
      await using chromium = await openChromium(url);
      const { page, complaints } = chromium;
      await page.getByText("Drop a capture file here").waitFor();
      const dropped = capture(100_000).toBase64();
      await page.evaluate(`(${DROP})("${dropped}", "many.pcapng")`);
      await page.getByText("100000 of 100000 packets shown").waitFor();
      assertEquals(
        await page.getByRole("grid").getAttribute("aria-rowcount"),
        "100001",
      );
      // Only what is in sight is drawn.
      const drawn = await page.getByRole("row").count();
      assertEquals(drawn > 10 && drawn < 100, true, `${drawn} rows`);
      await page.getByRole("grid").focus();
      await page.keyboard.press("End");
      await page.getByText(/192\.0\.2\.1\.40999 > 192\.0\.2\.2\.9: UDP/)
        .waitFor();
      assertMatch(
        (await page.locator(".row[aria-selected=true]").textContent())!,
        /^100000/,
      );
      assertEquals(complaints, []);
    }),
);

await liveTest(
  "a capture dropped on the file is shown in Firefox",
  ["firefox-esr", ...NEEDS],
  () =>
    withStaticPage(async (url) => {
      const browser = await launchFirefox();
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        const complaints: string[] = [];
        page.on("pageerror", (error) => complaints.push(`${error}`));
        await page.goto(url);
        const dropped = capture(1000).toBase64();
        await page.evaluate(`(${DROP})("${dropped}", "some.pcapng")`);
        await page.waitForSelector("text/1000 of 1000 packets shown");
        await page.locator('.row[aria-rowindex="3"]').click();
        await page.focus("[role=tree]");
        await page.keyboard.press("End");
        await page.waitForSelector(".cell.lit");
        assertEquals(complaints, []);
      } finally {
        await browser.close();
      }
    }),
);
