/** A teacher looks at what crosses a lab, in Chromium. */

import { assertEquals, assertMatch } from "@std/assert";
import { liveTest, run } from "../live.ts";
import { hostOf, openChromium, startPage } from "./browsers.ts";

await liveTest(
  "a ping in a lab is seen, and a field is lit in bits, tree and octets",
  ["lab", "chromium", "ping"],
  async () => {
    await using server = await startPage("lab", "pair");
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    const sender = await hostOf(server, "sender");
    await run([...sender, "ping", "-c2", "-i0.2", "-p", "4869", "1.1.1.1"]);
    const request = page.getByRole("row", { name: "echo request" }).first();
    await request.click();
    assertEquals(await request.getAttribute("aria-selected"), "true");
    // The token is seen no more, and a picture gives nothing away.
    assertMatch(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/$/);

    // By the tree.
    await page.getByRole("treeitem", { name: "Don't fragment: Set" }).click();
    const lit = async () => ({
      cells: await page.locator(".cell.lit title").allTextContents(),
      tree: await page.locator(".field[aria-selected=true]")
        .allTextContents(),
      octets: await page.locator(".octet.lit").allTextContents(),
      note: await page.locator(".note").textContent(),
    });
    let { cells, tree, octets, note } = await lit();
    assertEquals(cells, ["Don't fragment: Set"]);
    assertEquals(tree, ["Don't fragment: Set"]);
    assertEquals(octets, ["40"]);
    assertMatch(note!, /bits 161–161, 1 wide.*\.1\.\. \.\.\.\./);

    // By the diagram's keys: two fields on is the fragment offset.
    const diagram = page.getByRole("group", { name: /^Layer: Internet/ });
    await diagram.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    ({ cells, tree, octets } = await lit());
    assertEquals(cells, ["Fragment Offset: 0"]);
    assertEquals(tree, ["Fragment Offset: 0"]);
    assertEquals(octets, ["40", "00"]);

    // By an octet, here the payload's last of ping's pattern: before it some
    // that are random, such as those of addresses, may be the same.
    await page.locator(".octet", { hasText: "48" }).last().click();
    ({ cells, tree } = await lit());
    assertEquals(tree.length, 1);
    assertMatch(tree[0], /^Data: /);
    assertEquals(cells.length > 0, true);

    // By the list's keys: the reply follows.
    await page.getByRole("grid").focus();
    await page.keyboard.press("ArrowDown");
    assertMatch(
      (await page.locator(".row[aria-selected=true]").textContent())!,
      /1\.1\.1\.1 > 1\.1\.1\.100: ICMP echo reply/,
    );
    assertEquals(complaints, []);
  },
);
