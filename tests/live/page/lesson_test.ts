/** A student goes through every lesson to a graded file. */

import { assert, assertEquals } from "@std/assert";
import { openChromium, type Page, startPage } from "./browsers.ts";
import { LESSONS } from "../../../lib/lesson/lessons/lessons.ts";
import { ownValues } from "../../../lib/lesson/own_values.ts";
import { liveTest, run, script } from "../live.ts";

const SEED = "Ada Lovelace";

function titleOf(id: string): string {
  return LESSONS.find((lesson) => lesson.id === id)!.title;
}

/** Goes through a lesson, by what each step foretells; hands it in. */
async function doLesson(
  page: Page,
  id: string,
  predictions: readonly string[],
): Promise<string> {
  const lesson = LESSONS.find((one) => one.id === id)!;
  const aside = page.getByRole("complementary", { name: "Lessons" });
  await aside.getByRole("textbox").fill(SEED);
  await aside.getByRole("button", { name: lesson.title }).click();
  for (const [i, step] of lesson.steps.entries()) {
    const title = `Step ${i + 1} of ${lesson.steps.length}`;
    const section = aside.getByRole("region", { name: title });
    const send = section.getByRole("button", { name: "Send" });
    // Nothing is to be sent before the prediction is locked.
    await section.getByRole("group").waitFor();
    assertEquals(await send.count(), 0);
    if (step.predict.choices === undefined) {
      await section.getByRole("textbox").fill(predictions[i]);
    } else await section.getByLabel(predictions[i], { exact: true }).check();
    await section.getByRole("button", { name: "Lock" }).click();
    await section.locator("fieldset:disabled").waitFor();
    assertEquals(await section.getByText(step.explain).count(), 0);
    await send.click();
    await section.getByText(step.explain).waitFor();
  }
  await aside.getByText("All steps are done.").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    aside.getByRole("button", { name: "Export evidence" }).click(),
  ]);
  assertEquals(download.suggestedFilename(), `${id}-Ada_Lovelace.pcapng`);
  return await download.path();
}

/** Sixteen-bit words, folded and complemented, as one does on paper. */
function byHand(...words: number[]): string {
  const sum = words.reduce((sum, word) => sum + word, 0);
  return `0x${(~((sum & 0xffff) + (sum >> 16)) & 0xffff).toString(16)}`;
}

const OWN = Object.fromEntries(
  LESSONS.map((lesson) => [lesson.id, ownValues(lesson, SEED)]),
);

/** What Ada foretells of every step, by lab and lesson; one thing wrongly. */
const PREDICTIONS: Readonly<Record<string, Record<string, string[]>>> = {
  "pair": {
    hello: ["28", "nothing"],
    checksum: [
      byHand(0x0800, ...[OWN.checksum.id, OWN.checksum.sequence].map(Number)),
      "it says nothing",
    ],
    kernel: ["1.1.1.100", "the identification"],
    echo: ["all three", "0x0800"],
  },
  "chain 3": { ttl: ["10.9.1.2", "3", "4"] },
  "chain 1 --mtu 2=1300": { fragments: ["1300", "2"] },
  "lan": {
    forged: ["it asks who has your address", "10.9.0.6"],
    arp: ["a question to everybody", `${OWN.arp.mac}`],
  },
};
const WRONG = ["hello", "nothing"];

for (const [lab, lessons] of Object.entries(PREDICTIONS)) {
  await liveTest(
    `a student goes through ${Object.keys(lessons)} to graded files`,
    ["lab", "chromium", ...lab.includes("lan") ? ["nft"] : []],
    async () => {
      await using server = await startPage("lab", ...lab.split(" "));
      await using chromium = await openChromium(server.url);
      const { page, complaints } = chromium;
      const files: string[] = [];
      const aside = page.getByRole("complementary", { name: "Lessons" });
      await page.getByRole("button", { name: "Lessons", exact: true }).click();
      for (const [id, predictions] of Object.entries(lessons)) {
        files.push(await doLesson(page, id, predictions));
        const wrong = page.getByText("Your prediction was not right");
        assertEquals(await wrong.count(), id === WRONG[0] ? 1 : 0, id);
        // What is done stays done, for whoever comes back to it.
        await aside.getByRole("button", { name: "Other lessons" }).click();
        await aside.getByRole("button", { name: titleOf(id) }).click();
        await aside.getByText("All steps are done.").waitFor();
        await aside.getByRole("button", { name: "Other lessons" }).click();
      }
      assertEquals(complaints, []);
      const { code, stdout } = await run(script("grade", "--json", ...files));
      assertEquals(code, 0);
      const grades = stdout.trim().split("\n").map((line) => JSON.parse(line));
      assertEquals(
        grades.map(({ lesson, seed, remarks, steps }) => [
          ...[lesson, seed, remarks.length],
          ...steps.map(({ isSeen, isRight }: Record<string, boolean>) =>
            `${isSeen} ${isRight}`
          ),
        ]),
        Object.entries(lessons).map(([id, predictions]) => [
          ...[id, SEED, 0],
          ...predictions.map((value) =>
            `true ${id !== WRONG[0] || value !== WRONG[1]}`
          ),
        ]),
        stdout,
      );
    },
  );
}

Deno.test("every lesson is gone through in the page", () => {
  assertEquals(
    Object.values(PREDICTIONS).flatMap(Object.keys).toSorted(),
    LESSONS.map(({ id }) => id).toSorted(),
  );
});

await liveTest(
  "a lesson for another lab cannot be begun, and how to have that is told",
  ["lab", "chromium"],
  async () => {
    await using server = await startPage("lab", "pair");
    await using chromium = await openChromium(server.url);
    const { page } = chromium;
    await page.getByRole("button", { name: "Lessons", exact: true }).click();
    const aside = page.getByRole("complementary", { name: "Lessons" });
    await aside.getByRole("textbox").fill("Grace");
    const item = aside.getByRole("listitem")
      .filter({ hasText: "needs: page.ts lab chain 3" }).first();
    assert(await item.getByRole("button").isDisabled());
  },
);
