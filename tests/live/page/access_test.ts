/** The page for everybody: axe's rules, keys, words, zoom, calm, paper. */

import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix -- of the tests alone: see tests/deno.lock
import axe from "npm:axe-core@4.14.1";
import { hostOf, openChromium, startPage } from "./browsers.ts";
import { liveTest, run } from "../live.ts";

/** What axe finds serious, each with where. */
const SERIOUS = `axe.run(document, { resultTypes: ["violations"] })
  .then(({ violations }) => violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target)))`;

await liveTest(
  "axe finds nothing serious, in light and dark, list, editor and lessons",
  ["lab", "chromium", "ping"],
  async () => {
    await using server = await startPage("lab", "chain", "3");
    const host = await hostOf(server, "host");
    await run([...host, "ping", "-c1", "10.9.4.2"]);
    for (const colorScheme of ["light", "dark"] as const) {
      await using chromium = await openChromium(server.url, {
        colorScheme,
        bypassCSP: true,
      });
      const { page } = chromium;
      const check = async (what: string) =>
        assertEquals(
          await page.evaluate(`${axe.source};${SERIOUS}`),
          [],
          `${what}, ${colorScheme}`,
        );
      await page.getByRole("row", { name: "echo request" }).first().click();
      await page.getByRole("treeitem", { name: /^Time to Live: 6/ }).click();
      await page.getByText("The checksum, step by step").click();
      await check("a packet");
      await page.getByRole("button", { name: "Edit and send" }).click();
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".outcome").waitFor();
      await check("the editor");
      await page.getByRole("button", { name: "Lessons", exact: true }).click();
      await check("lessons");
      const aside = page.getByRole("complementary");
      await aside.getByRole("textbox").fill("Ada");
      await aside.getByRole("button", { name: "TTL" }).click();
      await aside.getByRole("textbox").fill("10.9.1.2");
      await aside.getByRole("button", { name: "Lock" }).click();
      await aside.getByRole("button", { name: "Send" }).click();
      await aside.getByText("Your prediction was right.").waitFor();
      await check("a lesson");
    }
  },
);

await liveTest(
  "everything is reached by keys, in either language, at 200 %, and calmly",
  ["lab", "chromium", "ping"],
  async () => {
    await using server = await startPage("lab", "chain", "1");
    const host = await hostOf(server, "host");
    await run([...host, "ping", "-c1", "10.9.2.2"]);
    // A window at 200 %: half as many pixels.
    await using chromium = await openChromium(server.url, {
      viewport: { width: 700, height: 450 },
      deviceScaleFactor: 2,
      reducedMotion: "reduce",
      locale: "de-DE",
    });
    const { page, complaints } = chromium;
    assertEquals(await page.locator("html").getAttribute("lang"), "de");
    await page.getByRole("row", { name: "echo request" }).first().waitFor();
    await page.locator("body").press("Tab");
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      seen.add(
        await page.evaluate(
          "(document.activeElement.getAttribute('role') ?? " +
            "document.activeElement.tagName) + ''",
        ),
      );
      await page.keyboard.press("Tab");
      if (i === 20) {
        await page.getByRole("grid").focus();
        await page.keyboard.press("Home");
        await page.keyboard.press("End");
      }
    }
    for (const role of ["grid", "tree", "group", "tab", "button", "SELECT"]) {
      assert(seen.has(role), `${role} is not reached: ${[...seen]}`);
    }
    // Nothing sticks out to the side.
    const beyond = await page.evaluate(
      "document.documentElement.scrollWidth - innerWidth",
    );
    assertEquals(beyond, 0);
    // Without motion the packet stands still at the middle of its cable.
    const circle = page.locator(".traveller circle");
    const first = await circle.getAttribute("cx");
    await page.waitForTimeout(300);
    assertEquals(await circle.getAttribute("cx"), first);
    await page.getByRole("button", { name: "Language: English" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    assertEquals(await page.locator("html").getAttribute("lang"), "en");
    assertEquals(complaints, []);
  },
);

await liveTest(
  "on paper there are bits, fields and octets; or blanks, for an exam",
  ["lab", "chromium", "ping"],
  async () => {
    await using server = await startPage("lab", "chain", "1");
    await using chromium = await openChromium(server.url);
    const { page } = chromium;
    const host = await hostOf(server, "host");
    await run([...host, "ping", "-c1", "10.9.2.2"]);
    await page.getByRole("row", { name: "echo request" }).first().click();
    await page.emulateMedia({ media: "print" });
    for (const hidden of ["header", ".list", ".map"]) {
      assert(await page.locator(hidden).isHidden(), `${hidden} is printed`);
    }
    for (const shown of [".diagram", ".tree", ".dump"]) {
      assert(await page.locator(shown).isVisible(), `${shown} is not printed`);
    }
    const value = page.locator(".cell .value").first();
    assert(await value.isVisible());
    await page.emulateMedia({ media: "screen" });
    await page.getByLabel("print with blanks").check();
    await page.emulateMedia({ media: "print" });
    assert(await value.isHidden());
    assert(await page.locator(".tree").isHidden());
    assert(await page.locator(".diagram .label").first().isVisible());
  },
);
