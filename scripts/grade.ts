#!/usr/bin/env -S deno run --allow-read
/** Grades what students hand in: every check of a lesson, run again. */

import { EXIT } from "../lib/cli/exit.ts";
import { openInput } from "../lib/cli/input.ts";
import { readLessonFiles } from "../lib/cli/lesson_file.ts";
import { several } from "../lib/cli/options/options.ts";
import { csvOption } from "../lib/cli/options/shared_options.ts";
import { complain, print } from "../lib/cli/output.ts";
import { run, script } from "../lib/cli/script.ts";
import { readEvidence } from "../lib/lesson/evidence.ts";
import {
  type GradedEvidence,
  gradeEvidence,
  type HandedIn,
} from "../lib/lesson/grade.ts";
import { LESSONS } from "../lib/lesson/lessons/lessons.ts";
import { LessonError } from "../lib/lesson/read_values.ts";
import {
  renderGrades,
  renderGradesCSV,
  renderGradesJSON,
  WHAT_IS_PROVED,
} from "../lib/render/tools/grade.ts";
import { wrap } from "../lib/render/wrap.ts";

const program = script({
  url: import.meta.url,
  flags: "--allow-read",
  description: "Grades what students hand in: every check of a lesson, run " +
    `again from the octets. ${WHAT_IS_PROVED}`,
  examples: [
    ["ada.pcapng grace.pcapng", "a table, and what is not as it should be"],
    ["--csv class/*.pcapng >marks.csv", "for a spreadsheet"],
    ["--lesson ours.json ada.pcapng", "by a lesson of one's own"],
  ],
})
  .argument("<file...>", "what the page has exported")
  .option("--lesson <file>", "know this lesson, too", several(String))
  .addOption(csvOption("file"))
  .option("--json", "one JSON object a line");

await run(program, async (signal) => {
  const [files] = program.processedArgs;
  const { lesson = [], csv, json } = program.opts();
  const lessons = await readLessonFiles(lesson, signal);
  const handedIn: HandedIn[] = [];
  const none: GradedEvidence[] = [];
  for (const file of new Set(files)) {
    try {
      const evidence = await readEvidence(openInput(file, signal));
      handedIn.push({ file, evidence });
    } catch (error) {
      if (!(error instanceof LessonError)) throw error;
      const remarks = [error.message];
      none.push({ file, lesson: "", seed: "", packets: 0, steps: [], remarks });
    }
  }
  const known = [...lessons, ...LESSONS];
  const graded = [...await gradeEvidence(handedIn, known), ...none];
  if (json) await print(renderGradesJSON(graded));
  else if (csv) await print(renderGradesCSV(graded));
  else await print(renderGrades(graded));
  if (json || csv) await complain(wrap("", WHAT_IS_PROVED).join("\n"));
  return none.length > 0 ? EXIT.NO : EXIT.DONE;
}, { usesSockets: false });
