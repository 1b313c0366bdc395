/** A student makes a packet, sends it, and learns what became of it. */

import { assertEquals, assertMatch } from "@std/assert";
import { hostOf, openChromium, startPage } from "./browsers.ts";
import { liveTest, run } from "../live.ts";

await liveTest(
  "a field is changed, the packet is sent, and each router's change is seen",
  ["lab", "chromium"],
  async () => {
    await using server = await startPage("lab", "chain", "2");
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    await page.getByLabel("New packet").selectOption("echo request (ICMP)");
    await page.getByRole("treeitem", { name: "Time to Live: 64" }).click();
    const value = page.getByRole("textbox", { name: "Time to Live" });
    await value.fill("300");
    await value.press("Enter");
    await page.getByRole("alert").filter({ hasText: "255" }).waitFor();
    await value.fill("9");
    await value.press("Enter");
    // The checksum followed: it is shown as right, and step by step.
    await page.getByRole("treeitem", { name: /Header Checksum.*\[correct\]/ })
      .waitFor();
    await page.getByText("The checksum, step by step").click();
    const steps = await page.locator(".checksum tr").allTextContents();
    assertEquals(steps.length, 1 + 10 + 2);
    assertMatch(steps[6], /^100x0000 \(its own field, as 0\)/);
    assertMatch(steps.at(-1)!, /as it should be$/);

    await page.getByRole("button", { name: "Send" }).click();
    const outcome = page.locator(".outcome");
    await outcome.waitFor();
    const text = await outcome.textContent();
    assertMatch(text!, /Time to Live +9 +9 +~7/);
    // The reply crossed both routers, too.
    await page.getByText(/10\.9\.3\.2 > 10\.9\.1\.1: ICMP echo reply/).first()
      .waitFor();

    // With one step to go a router says so.
    await page.getByRole("treeitem", { name: "Time to Live: 9" }).click();
    const again = page.getByRole("textbox", { name: "Time to Live" });
    await again.fill("1");
    await again.press("Enter");
    await page.getByRole("button", { name: "Send" }).click();
    await outcome.filter({ hasText: /[Tt]ime exceeded|TTL/ }).waitFor();
    assertEquals(complaints, []);
  },
);

await liveTest(
  "IPv6 is edited and sent, and the kernel of the target answers",
  ["lab", "chromium", "ping"],
  async () => {
    await using server = await startPage("lab", "chain", "1");
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    await page.getByLabel("New packet").selectOption("echo request (ICMPv6)");
    await page.getByText("compared and explained is IPv4 alone").waitFor();
    const set = async (label: string, text: string) => {
      await page.getByRole("treeitem", { name: new RegExp(`^${label}:`) })
        .click();
      const value = page.getByRole("textbox", { name: label });
      await value.fill(text);
      await value.press("Enter");
    };
    await set("Hop Limit", "9");
    await set("Data", "6869");
    // The pseudo header's length and the message have changed.
    await page.getByRole("treeitem", { name: /Checksum.*\[correct\]/ })
      .waitFor();
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".outcome", { hasText: "sent packet 1" }).waitFor();
    await page.getByRole("searchbox").fill(
      "icmp6 host 2001:db8:9:1::1 host 2001:db8:9:2::2",
    );
    // Over two cables, there and back.
    await page.getByRole("status").filter({ hasText: /^4 of/ }).waitFor();
    const reply = page.getByRole("row", { name: /host\/eth0.*echo reply/ });
    await reply.click();
    await page.getByRole("treeitem", { name: "Data: 6869" }).waitFor();
    await page.getByText("The same packet on 2 cables").waitFor();
    await page.locator(".change", { hasText: /Hop Limit 64\s*→\s*63/ })
      .waitFor();

    // What was seen can be changed, too; but for what has no IP.
    await page.getByRole("button", { name: "Edit and send" }).click();
    await page.getByRole("treeitem", { name: "Hop Limit: 63" }).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    const host = await hostOf(server, "host");
    await run([...host, "ping", "-c1", "10.9.1.2"]);
    await page.getByRole("searchbox").fill("arp");
    await page.getByRole("row", { name: /10\.9\.1\.2/ }).first().click();
    const edit = page.getByRole("button", { name: "Edit and send" });
    assertEquals(await edit.isDisabled(), true);
    assertMatch((await edit.getAttribute("title"))!, /Only IP packets/);
    assertEquals(complaints, []);
  },
);
