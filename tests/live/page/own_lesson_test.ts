/** A teacher's own lesson: given to the script, or dropped on the page. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Lesson } from "../../../lib/lesson/lesson.ts";
import { LESSON_MAX_LENGTH } from "../../../lib/lesson/read_lesson.ts";
import { liveTest, run, script } from "../live.ts";
import { DROP, openChromium, type Page, startPage } from "./browsers.ts";

const MARKUP = `<img src=x onerror="window.hacked=1"><script>hacked=1</script>`;

/** A lesson of one step, in two languages. */
const OURS: Lesson = {
  id: "ours",
  title: "What we measured",
  lab: "pair",
  about: `All of it is text: ${MARKUP}`,
  own: { id: { kind: "number", min: 1, max: 65_535 } },
  steps: [{
    id: "ask",
    predict: {
      question: "Who answers?",
      choices: ["the receiver", "nobody"],
      answer: "the receiver",
    },
    do: {
      text: "Ask.",
      send: [{
        host: "sender",
        layers: [
          { ipv4: { source: "1.1.1.100", destination: "1.1.1.1" } },
          { icmpv4: { kind: "echoRequest", identifier: "$id", sequence: 1 } },
        ],
      }],
    },
    see: [{ what: "an answer", where: { "icmpv4.type": 0 } }],
    explain: "Whoever is asked, answers.",
  }],
  translations: {
    de: {
      title: "Was wir gemessen haben",
      about: "Alles davon ist Text.",
      steps: [{
        question: "Wer antwortet?",
        choices: ["der Empfänger", "niemand"],
        do: "Frage.",
        see: ["eine Antwort"],
        explain: "Wer gefragt wird, antwortet.",
      }],
    },
  },
};

const drop = (page: Page, text: string, name = "ours.json") =>
  page.evaluate(
    `(${DROP})(${JSON.stringify(new TextEncoder().encode(text).toBase64())}, ${
      JSON.stringify(name)
    })`,
  );

await liveTest(
  "a lesson given to page.ts is gone through in German, and graded by it",
  ["lab", "chromium"],
  async () => {
    const path = await Deno.makeTempFile({ suffix: " ours.json" });
    await Deno.writeTextFile(path, JSON.stringify(OURS));
    try {
      // Whoever reads a file has to be allowed that.
      const [program, ...flags] = script("page", "--lesson", path);
      const refused = await run([program, ...flags]);
      assertMatch(refused.stderr, /--allow-read=/);

      await using server = await startPage("--lesson", path, "lab", "pair");
      await using chromium = await openChromium(server.url, {
        locale: "de-DE",
      });
      const { page, complaints } = chromium;
      await page.getByRole("button", { name: "Lektionen" }).click();
      const aside = page.getByRole("complementary", { name: "Lektionen" });
      await aside.getByRole("textbox").fill("Ada");
      await aside.getByRole("button", { name: "Was wir gemessen haben" })
        .click();
      await aside.getByLabel("der Empfänger").check();
      await aside.getByRole("button", { name: "Voraussage festlegen" }).click();
      await aside.getByRole("button", { name: "Senden" }).click();
      await aside.getByText("Die Voraussage war richtig. Wer gefragt wird")
        .waitFor();
      await aside.getByText("✓ eine Antwort").waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        aside.getByRole("button", { name: "Nachweis sichern" }).click(),
      ]);
      const { stdout } = await run(
        script(
          ...["grade", "--lesson", path, "--json"] as const,
          await download.path(),
        ),
      );
      const { remarks, steps } = JSON.parse(stdout);
      assertEquals(remarks, []);
      assertEquals(steps, [{
        ...{ id: "ask", isSeen: true, isRight: true },
        ...{ prediction: "the receiver", answer: "the receiver" },
      }]);
      assertEquals(complaints, []);
    } finally {
      await Deno.remove(path);
    }
  },
);

await liveTest(
  "a lesson is dropped on the page; a hostile one is refused, or but text",
  ["lab", "chromium"],
  async () => {
    await using server = await startPage("lab", "pair");
    await using chromium = await openChromium(server.url);
    const { page, complaints } = chromium;
    await page.getByText("live").waitFor();
    const [step] = OURS.steps;
    const HOSTILE: [says: RegExp, text: string][] = [
      [/no JSON/, "alert(1)"],
      [/no JSON/, MARKUP],
      [/must be an object, but is a list/, `[${MARKUP.length}]`],
      [/more than \d+ characters/, " ".repeat(8 * LESSON_MAX_LENGTH)],
      [/id must be a name/, JSON.stringify({ ...OURS, id: MARKUP })],
      [/nothing but id/, JSON.stringify({ ...OURS, run: MARKUP })],
      [/nothing but id/, '{"__proto__":{"hacked":1},"constructor":1}'],
      [
        /paths such as/,
        JSON.stringify({
          ...OURS,
          steps: [{ ...step, see: [{ what: "x", where: { [MARKUP]: 1 } }] }],
        }),
      ],
    ];
    const alert = page.getByRole("alert");
    for (const [says, text] of HOSTILE) {
      await drop(page, text);
      await alert.filter({ hasText: /^That is no lesson: / })
        .filter({ hasText: says }).waitFor();
    }

    // Markup is text, and a packet that cannot be made is told of.
    const send = [{ host: "sender", layers: [{ ipv4: { ttl: MARKUP } }] }];
    const broken = {
      ...OURS,
      title: MARKUP,
      steps: [{ ...step, do: { text: MARKUP, send }, explain: MARKUP }],
    };
    await drop(page, JSON.stringify(broken));
    const aside = page.getByRole("complementary", { name: "Lessons" });
    await aside.getByRole("textbox").fill(MARKUP);
    await aside.getByRole("button", { name: MARKUP }).click();
    await aside.getByText(OURS.about).waitFor();
    await aside.getByLabel("nobody").check();
    await aside.getByRole("button", { name: "Lock" }).click();
    await aside.getByRole("button", { name: "Send" }).click();
    await aside.locator(".outcome", { hasText: /ttl must be/ }).waitFor();

    // A good one in its place can be done; a capture is a capture still.
    await drop(page, JSON.stringify(OURS), "OURS.JSON");
    await aside.getByRole("button", { name: OURS.title }).click();
    await aside.getByLabel("nobody").check();
    await aside.getByRole("button", { name: "Lock" }).click();
    await aside.getByRole("button", { name: "Send" }).click();
    await aside.getByText("it is the receiver. Whoever is asked").waitFor();
    assertEquals(await page.locator("img, script:not([src])").count(), 0);
    assertEquals(await page.evaluate("window.hacked"), undefined);
    assertEquals(complaints, []);
  },
);
