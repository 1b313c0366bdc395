/** The list: filtered, paused, cleared, saved. */

import { assertEquals, assertMatch } from "@std/assert";
import { hostOf, openChromium, startPage } from "./browsers.ts";
import { liveTest, run } from "../live.ts";

await liveTest(
  "packets are filtered, paused, cleared, and saved for tshark",
  ["lab", "chromium", "ping", "tshark"],
  async () => {
    await using server = await startPage("lab", "chain", "1");
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    const host = await hostOf(server, "host");
    const ping = (count: number) =>
      run([...host, "ping", `-c${count}`, "-i0.01", "10.9.2.2"]);
    const status = page.getByRole("status");
    const isShown = (pattern: RegExp) =>
      status.filter({ hasText: pattern }).waitFor();
    await ping(3);
    const filter = page.getByRole("searchbox");
    await filter.fill("icmp on target host 10.9.1.1");
    // Of one cable: three requests, three replies.
    await isShown(/^6 of \d+ packets shown/);
    const drawn = await page.locator(".row:not(.head)").allTextContents();
    for (const row of drawn) assertMatch(row, /router1\/eth1.*ICMP echo/);

    await filter.fill("icnp");
    await page.getByText("icnp: wanted is a protocol").waitFor();
    assertEquals(await filter.getAttribute("aria-invalid"), "true");
    await filter.fill("icmp on target");
    await isShown(/^6 of/);

    await page.getByRole("button", { name: "Pause" }).click();
    await ping(2);
    await isShown(/^6 of .* paused, [1-9]\d* more have come/);
    await page.getByRole("button", { name: "Go on" }).click();
    await isShown(/^10 of .* live/);

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as pcapng" }).click(),
    ]);
    assertEquals(download.suggestedFilename(), "chain.pcapng");
    const fields = ["-e", "frame.interface_name", "-e", "icmp.type"];
    const { stdout } = await run(
      ["tshark", "-r", await download.path(), "-T", "fields", ...fields],
    );
    assertEquals(
      stdout.trim().split("\n"),
      [0, 1, 2, 3, 4].flatMap(() => ["router1/eth1\t8", "router1/eth1\t0"]),
    );

    await page.getByRole("button", { name: "Clear" }).click();
    await isShown(/^0 of 0/);
    await ping(1);
    await isShown(/^2 of/);

    // However fast they come, the newest is in sight; until one looks back.
    await page.getByRole("grid").hover();
    await run([...host, "ping", "-f", "-c8000", "10.9.2.2"]);
    const marked = (size: number) =>
      run([...host, "ping", "-c1", `-s${size}`, "10.9.2.2"]);
    const reply = (size: number) =>
      page.getByRole("row", { name: "reply, id" }).filter({
        hasText: `length ${size + 8}`,
      });
    await marked(77);
    await reply(77).waitFor();
    await page.mouse.wheel(0, -300);
    await reply(77).waitFor({ state: "detached" });
    const [before] = (await status.textContent())!.split(" ");
    await marked(88);
    await isShown(new RegExp(`^(?!${before} )`));
    assertEquals(await reply(88).count(), 0);
    assertEquals(complaints, []);
  },
);
