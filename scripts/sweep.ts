#!/usr/bin/env -S deno run --allow-ffi
/** One echo request to every address of some ranges. */

import { EXIT, exitCodeOf, ScriptError, usageError } from "../lib/cli/exit.ts";
import { givenTargets } from "../lib/cli/input.ts";
import { integer, isAddress, seconds } from "../lib/cli/options/options.ts";
import { MERGE, packetRate, shard } from "../lib/cli/options/sweep_options.ts";
import { csvOption } from "../lib/cli/options/shared_options.ts";
import { complain, print, StatusLine } from "../lib/cli/output.ts";
import { printMuch } from "../lib/cli/files/print_much.ts";
import { failureText, helpHint, run, script } from "../lib/cli/script.ts";
import { CheckpointFile, shareFile } from "../lib/cli/files/sweep_files.ts";
import { csvOf, csvRow } from "../lib/render/csv.ts";
import {
  parseSweepSummary,
  renderProgress,
  renderSweep,
  renderSweepLine,
  renderSweepResult,
  SWEEP_TABLE,
  type SweepStyle,
} from "../lib/render/tools/sweep.ts";
import { SweepMerge, type SweepSummary } from "../lib/tools/sweep/merge.ts";
import { sweep, withoutNames } from "../lib/tools/sweep/sweep.ts";
import type { SweepState } from "../lib/tools/sweep/sweep_types.ts";

const program = script({
  url: import.meta.url,
  description:
    "Sends one ICMP echo request to every address of some ranges, and shows who answers.",
  examples: [
    ["192.168.1.0/24", "who is in the network at home"],
    ["10.0.0.5-10.0.0.77 fd00::/120 --retries 1", "asked again if silent"],
    ["127.0.0.0/16 --rate max --alive-only", "addresses alone, at full speed"],
    ["10.0.0.0/8 --shuffle --shard 1/4", "the first of four machines' shares"],
    [
      "--merge 1.jsonl 2.jsonl --json",
      "what shares with --json have found (add --allow-read)",
    ],
    ["fe80::1-fe80::99%eth0", "on a link of this host's"],
    ["- <ranges.txt", "those of a file, which may have # comments"],
  ],
})
  .argument(
    "[range...]",
    "CIDR blocks, first-last, addresses or names; - for standard input",
  )
  .option("-r, --rate <n>", "packets a second, or max", packetRate, 1000)
  .option("-w, --timeout <s>", "seconds to wait after the last", seconds, 1)
  .option("--retries <passes>", "ask the silent again", integer(0, 1000), 0)
  .option("--shuffle", "in a shuffled order")
  .option("--seed <number>", "of that order", integer(0, 2 ** 32 - 1), 0)
  .option("--shard <i/n>", "only the i-th of n shares", shard)
  .addOption(MERGE)
  .option(
    "--checkpoint <file>",
    "go on where an ended sweep was (same options)",
  )
  .option("-t, --ttl <hops>", "time to live", integer(1, 255), 64)
  .option("-I, --interface <name>", "interface, or address, to send from")
  .option("--alive-only", "show only the addresses of those that answer")
  .option(
    "--allow-public",
    "over 100 packets a second also to public addresses, of your own",
  )
  .addOption(csvOption("address that was heard of"))
  .option("--json", "one JSON object a line");

await run(program, async (signal) => {
  const [words] = program.processedArgs;
  const { timeout, interface: from, merge, checkpoint, ...flags } = program
    .opts();
  const { json, csv: _, aliveOnly: __, ...options } = flags;
  if (merge !== undefined) {
    if (words.length > 0) {
      throw usageError("--merge takes files, and no range");
    }
    return await showMerged(merge, signal);
  }
  if (words.length === 0) {
    throw usageError("no range is given", helpHint("sweep"));
  }
  const ranges = await withoutNames(await givenTargets(words, signal));
  const file = checkpoint === undefined
    ? undefined
    : new CheckpointFile<SweepState>(checkpoint);
  const resume = await file?.read();
  // The last line may have been cut off.
  if (resume !== undefined && json) await print("\n");
  const sweeping = sweep(ranges, {
    ...options,
    timeoutMs: timeout * 1000,
    ...(from && isAddress(from) ? { source: from } : { device: from }),
    checkpoints: file !== undefined,
    resume,
    signal,
  });
  const shown = await showing(resume !== undefined);
  const status = new StatusLine();
  for await (const events of sweeping.batches()) {
    let text = "";
    const states: SweepState[] = [];
    for (const event of events) {
      if (event.type === "progress") {
        await status.show(renderProgress(event));
      } else if (event.type === "checkpoint") {
        states.push(event.state);
      } else {
        text += shown((style) => renderSweep(event, style));
      }
    }
    if (text !== "") {
      await status.clear();
      await printMuch(text);
    }
    // What is kept as done has been told.
    for (const state of states) await file?.write(state);
  }
  const result = await sweeping.result;
  await status.clear();
  await showResult(result);
  const { alive, sent, unsent, failure, asked, total } = result;
  // Ended while it asked the silent again, it may go on with that.
  if (asked === total && !signal.aborted) await file?.remove();
  if (alive > 0) return EXIT.DONE;
  return failure && unsent === sent ? exitCodeOf(failure) : EXIT.NO;
});

/**
 * Begins to show findings, or goes on behind those of a table's earlier part.
 *
 * @returns what makes a line of one, or a row of it; empty if neither is to be
 * shown
 */
async function showing(goesOn = false) {
  const { csv, ...given } = program.opts();
  const style: SweepStyle = csv ? { ...given, json: true } : given;
  if (csv && !goesOn) await print(`${csvRow(SWEEP_TABLE.columns)}\n`);
  return (render: (style: SweepStyle) => string | undefined) => {
    const line = render(style);
    const row = csv && line !== undefined ? csvOf(SWEEP_TABLE, line) : line;
    return row === undefined ? "" : `${row}\n`;
  };
}

/** Shows what shares have found, as one sweep would. */
async function showMerged(
  files: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const shares = files.map((path) => shareFile(path, signal));
  const joining = new SweepMerge(shares, parseSweepSummary).join();
  try {
    let step = await joining.next();
    const shown = await showing();
    for (; !step.done; step = await joining.next()) {
      const lines = step.value.map((line) =>
        shown((style) => renderSweepLine(line, style))
      );
      await printMuch(lines.join(""));
    }
    await showResult(step.value);
    return step.value.alive > 0 ? EXIT.DONE : EXIT.NO;
  } catch (error) {
    // What Ctrl-C has cut short misses something, which is no fault of theirs.
    if (signal.aborted && error instanceof RangeError) return EXIT.DONE;
    throw error;
  }
}

async function showResult(result: SweepSummary): Promise<void> {
  const options = program.opts();
  const summary = renderSweepResult(result, options).join("\n");
  if (options.json) return await print(`${summary}\n`);
  const { failure } = result;
  if (failure !== undefined) {
    const error = failure instanceof Error
      ? failure
      : new ScriptError(failure.message, EXIT.SYSTEM);
    await complain(failureText(program, error));
  }
  await complain(summary);
}
