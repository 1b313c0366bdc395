/**
 * Makes the README's picture of the page:
 * `deno run --allow-all tests/live/page/picture.ts page.png`.
 *
 * @module
 */

import { run } from "../live.ts";
import { hostOf, openChromium, startPage } from "./browsers.ts";

const options = ["--silent", "2", "--mtu", "3=1400"];
await using server = await startPage("lab", "chain", "3", ...options);
await using chromium = await openChromium(server.url, {
  viewport: { width: 1180, height: 760 },
  deviceScaleFactor: 0.75,
});
const { page } = chromium;
const host = await hostOf(server, "host");
await run([...host, "ping", "-c2", "-i0.2", "10.9.4.2"]);
await page.getByRole("row", { name: /router1.*echo request/ }).first().click();
await page.getByRole("treeitem", { name: "Time to Live: 63" }).click();
// The packet has then come along its cable.
await page.locator(".traveller").waitFor();
await page.waitForTimeout(1500);
await page.screenshot({ path: Deno.args[0] });
