/** The grade script, from the outside. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeEvidence, lessonHash } from "../../lib/lesson/evidence.ts";
import { LESSONS } from "../../lib/lesson/lessons/lessons.ts";
import { ownValues, withOwnValues } from "../../lib/lesson/own_values.ts";
import { LINK_TYPE_RAW, packetFromJSON } from "../../mod.ts";
import { ROOT, run, script } from "../live/live.ts";

const [HELLO] = LESSONS;

/** The first step of the first lesson, done by a student. */
async function handIn(path: string, seed: string, lockedNs = 1n) {
  const [{ layers }] = HELLO.steps[0].do.send;
  const own = ownValues(HELLO, seed);
  const bytes = packetFromJSON(withOwnValues({ layers }, own));
  const place = { linkType: LINK_TYPE_RAW, interfaceName: "receiver/eth0" };
  const file = encodeEvidence({
    ...{ lesson: HELLO.id, hash: await lessonHash(HELLO), seed },
    predictions: [{ step: "hello", value: "0x1c", lockedNs }],
    packets: [{ bytes, timestampNs: 5n, ...place }],
  });
  await Deno.writeFile(path, await new Blob(file).bytes());
}

async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("grade.ts prints a table, what to look at, and what it proves", () =>
  inFolder(async (folder) => {
    const [ada, bob] = ["ada", "bob"].map((name) => `${folder}/${name}.pcapng`);
    await handIn(ada, "Ada");
    await handIn(bob, "=1+1\x1b[2J,");
    const { code, stdout, stderr } = await run(script("grade", ada, bob));
    assertEquals([code, stderr], [0, ""]);
    const lines = stdout.split("\n").map((line) => line.replaceAll(folder, ""));
    assertMatch(
      lines[1],
      /^\/ada\.pcapng +hello +Ada +1 +1 of 2 +1 of 2$/,
    );
    assertMatch(lines[2], /^\/bob\.pcapng +hello +=1\+1\\x1b\[2J, /);
    assert(stdout.includes("nobody: not seen: "), stdout);
    assert(stdout.includes("nothing was foretold"), stdout);
    assertMatch(stdout.replaceAll(/\s+/g, " "), /What it does not: who made/);
    assert(!/signed|certif/i.test(stdout));
    assert(!stdout.includes("\x1b"));
  }));

Deno.test("grade.ts writes CSV that no spreadsheet calculates, and JSON", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.pcapng`;
    await handIn(path, "=1+1\x1b[2J,");
    const csv = await run(script("grade", "--csv", path));
    assertEquals(csv.stdout.replaceAll(folder, "").split("\r\n"), [
      "file,lesson,seed,packets,seen,foretold,steps,remarks",
      `/a.pcapng,hello,"'=1+1\\x1b[2J,",1,1,1,2,`,
      "",
    ]);
    assertMatch(csv.stderr.replaceAll(/\s+/g, " "), /What this proves/);
    for (const line of csv.stderr.split("\n")) assert(line.length <= 80, line);
    const json = await run(script("grade", "--json", path));
    const { seed, steps } = JSON.parse(json.stdout);
    assertEquals(seed, "=1+1\x1b[2J,");
    assertEquals(steps[0], {
      ...{ id: "hello", isSeen: true, prediction: "0x1c", answer: 28 },
      isRight: true,
    });
  }));

Deno.test("grade.ts grades the others, where one file is no evidence, exit 1", () =>
  inFolder(async (folder) => {
    const [good, bad] = ["good", "bad"].map((name) => `${folder}/${name}`);
    await handIn(good, "Ada");
    await Deno.writeTextFile(bad, "no capture");
    const { code, stdout } = await run(script("grade", "--json", good, bad));
    assertEquals(code, 1);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      lines.map(({ file, steps }) => [file, steps.length]),
      [[good, 2], [bad, 0]],
    );
    assertMatch(lines[1].remarks[0], /no evidence of a lesson/);
  }));

Deno.test("grade.ts knows a lesson of one's own, and refuses what is none", () =>
  inFolder(async (folder) => {
    const evidence = `${folder}/a.pcapng`;
    const lesson = `${folder}/lesson.json`;
    await handIn(evidence, "Ada");
    const own = {
      ...HELLO,
      steps: HELLO.steps.slice(0, 1),
      translations: undefined,
    };
    await Deno.writeTextFile(lesson, JSON.stringify(own));
    const args = ["--lesson", lesson, "--json", evidence];
    const { steps, remarks } = JSON.parse(
      (await run(script("grade", ...args))).stdout,
    );
    assertEquals(steps.length, 1);
    assertMatch(remarks[0], /another version of the lesson/);

    await Deno.writeTextFile(lesson, '{"id":"x"}');
    const { code, stderr, stdout } = await run(script("grade", ...args));
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr.replaceAll(/\s+/g, " "), /lesson\.json: steps must be/);

    const endless = ["--lesson", "/dev/zero", evidence];
    assertEquals((await run(script("grade", ...endless))).code, 2);
  }));

Deno.test("grade.ts needs to read, and says so", async () => {
  const path = `${ROOT}scripts/grade.ts`;
  const { code, stderr } = await run([Deno.execPath(), "run", path, "a"]);
  assertEquals(code, 3);
  assertMatch(stderr, /--allow-read=a/);
});
