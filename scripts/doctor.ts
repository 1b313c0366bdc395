#!/usr/bin/env -S deno run --allow-ffi
/** What this machine can and cannot do, and what to do about it. */

import { EXIT } from "../lib/cli/exit.ts";
import { print } from "../lib/cli/output.ts";
import { run, script } from "../lib/cli/script.ts";
import { pathsOf, tryProgram } from "../lib/lab/command.ts";
import { findRung } from "../lib/lab/rung.ts";
import {
  diagnosisInJSON,
  renderDiagnosis,
} from "../lib/render/tools/doctor.ts";
import { askMachine } from "../lib/tools/doctor/ask_machine.ts";
import { diagnose } from "../lib/tools/doctor/diagnosis.ts";

const program = script({
  url: import.meta.url,
  description:
    "Shows what this machine can and cannot do, and what to do about it.",
  examples: [
    ["", "whether the pair runs here: exit code 0, otherwise 1"],
    ["--json", "for who collects it from many machines"],
  ],
}).option("--json", "one JSON object a line");

await run(program, async () => {
  const facts = await askMachine({
    mayRun: (command) => {
      const permission = { name: "run", command } as const;
      return Deno.permissions.querySync(permission).state === "granted";
    },
    run: (command, ...args) => tryProgram(command, args),
    pathsOf,
    findRung,
  });
  const diagnosis = diagnose(facts);
  const lines = program.opts().json
    ? diagnosisInJSON(diagnosis, facts)
    : renderDiagnosis(diagnosis);
  await print(`${lines.join("\n")}\n`);
  return diagnosis.pairRuns ? EXIT.DONE : EXIT.NO;
}, { usesSockets: false });
