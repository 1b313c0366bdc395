/** The map: what crosses where, and the replay. */

import { assertEquals, assertMatch } from "@std/assert";
import { hostOf, openChromium, startPage } from "./browsers.ts";
import { liveTest, run } from "../live.ts";

await liveTest(
  "the map shows what is unusual, whose packets these are, and replays them",
  ["lab", "chromium", "ping"],
  async () => {
    const options = ["--silent", "2", "--slow", "2=5"];
    await using server = await startPage("lab", "chain", "2", ...options);
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    const map = page.getByRole("region", { name: "Map of the lab" });
    await map.getByRole("button", { name: "Packets on router2, silent" })
      .waitFor();
    const host = await hostOf(server, "host");
    await run([...host, "ping", "-c1", "10.9.3.2"]);
    const status = page.getByRole("status");

    // By key, as by mouse.
    await map.getByRole("button", { name: /host\/eth0 – router1\/eth0/ })
      .focus();
    await page.keyboard.press("Enter");
    await page.getByRole("searchbox").fill("icmp on host/eth0");
    await status.filter({ hasText: /^2 of/ }).waitFor();
    // A slow cable is watched at both ends: the packet is late there.
    await page.getByRole("searchbox").fill("icmp host 10.9.1.1");
    await status.filter({ hasText: /^8 of/ }).waitFor();

    const where = async () =>
      (await page.locator(".row[aria-selected=true]").textContent())!;
    await map.getByRole("slider").fill("0");
    assertMatch(await where(), /host\/eth0.*echo request/);
    await map.locator(".traveller", { hasText: "→" }).waitFor();
    await map.getByRole("button", { name: "One packet on" }).click();
    assertMatch(await where(), /router1\/eth1.*echo request/);
    await map.getByRole("combobox", { name: "Speed" }).selectOption("4 ×");
    // It goes on by itself, to the reply's last cable, and stops there.
    await map.getByRole("button", { name: "Replay" }).click();
    await page.locator(".row[aria-selected=true]", {
      hasText: /host\/eth0.*echo reply/,
    }).waitFor();
    await map.locator(".traveller", { hasText: "←" }).waitFor();
    await map.getByRole("button", { name: "Replay" }).waitFor();
    await map.getByRole("button", { name: "One packet back" }).click();
    assertMatch(await where(), /echo reply/);
    assertEquals(complaints, []);
  },
);
