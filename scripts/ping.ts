#!/usr/bin/env -S deno run --allow-ffi
/** Echo requests to one host or many, as iputils' ping. */

import { EXIT, exitCodeOf } from "../lib/cli/exit.ts";
import { givenTargets } from "../lib/cli/input.ts";
import {
  namingPingSockets,
  pingingOf,
  pingOptions,
} from "../lib/cli/options/ping_options.ts";
import { PingDrawing } from "../lib/cli/files/ping_drawing.ts";
import { complain, print } from "../lib/cli/output.ts";
import { failureText, run, script } from "../lib/cli/script.ts";
import { csvOf, csvRow } from "../lib/render/csv.ts";
import {
  PING_TABLE,
  renderHosts,
  renderPing,
} from "../lib/render/tools/ping.ts";
import { checkHosts, multiping } from "../lib/tools/ping/ping.ts";

const program = pingOptions(script({
  url: import.meta.url,
  description:
    "Sends ICMP echo requests to one host or many, and shows what comes back.",
  examples: [
    ["1.1.1.1", "until Ctrl-C, as ping does"],
    ["-c 4 -i 0.2 1.1.1.1 ::1", "four to each of two hosts, 0.2 s apart"],
    ["-c 1 --unprivileged 1.1.1.1", "without root, where the system allows it"],
    ["-c 1 --explain 1.1.1.1", "the reply explained, bit by bit"],
    ["--graph 1.1.1.1", "a line of blocks, one for each round trip"],
    [
      "-c 100 -i 0.2 --svg trips.svg 1.1.1.1",
      "a drawing for a page (add --allow-write=trips.svg)",
    ],
    ["-c 1 - <hosts.txt", "those of a file, which may have # comments"],
  ],
}))
  .argument("<host...>", "addresses or names; - for those of standard input");

let hosts: string[] | undefined;
/** Whether a table has its head: where the system pings instead, it begins twice. */
let isHeaded = false;
const words = { payloadSize: "--size" };

await run(
  program,
  namingPingSockets(async (interrupted, mayBeRaw) => {
    const [given] = program.processedArgs;
    hosts ??= await givenTargets(given, interrupted);
    const flags = program.opts();
    const signal = flags.deadline === undefined
      ? interrupted
      : AbortSignal.any([
        interrupted,
        AbortSignal.timeout(flags.deadline * 1000),
      ]);
    const meant = pingingOf(flags);
    const isDrawn = flags.graph || flags.svg !== undefined;
    const options = {
      ...meant,
      privileged: meant.privileged && mayBeRaw,
      tellReplies: !flags.quiet || flags.json || isDrawn,
    };
    checkHosts(hosts, options);
    const pinging = multiping(hosts, { ...options, signal });
    const drawing = isDrawn ? new PingDrawing(flags) : undefined;
    const style = {
      ...flags,
      ...options,
      json: flags.json || flags.csv,
      quiet: flags.quiet || flags.graph,
    };
    if (flags.csv && !isHeaded) {
      await print(`${csvRow(PING_TABLE.columns)}\n`);
      isHeaded = true;
    }
    let said = "";
    for await (const events of pinging.batches()) {
      let text = "";
      for (const event of events) {
        if (drawing !== undefined) {
          if (text !== "") await print(text);
          text = "";
          await drawing.note(event);
        }
        if (event.type === "failed" && !flags.json) {
          const failure = failureText(program, event.error, words);
          if (failure !== said) {
            if (text !== "") await print(text);
            text = "";
            await complain(said = failure);
          }
          if (!flags.csv) continue;
        }
        for (const line of renderPing(event, style)) {
          const shown = flags.csv ? csvOf(PING_TABLE, line) : line;
          if (shown !== undefined) text += `${shown}\n`;
        }
      }
      if (text !== "") await print(text);
    }
    const results = await pinging.result;
    await drawing?.end(results);
    if (results.length > 1 && !style.json) {
      await print(`\n${renderHosts(results).join("\n")}\n`);
    }
    const isLate = signal.aborted && !interrupted.aborted;
    const wanted = isLate ? flags.count ?? 1 : 1;
    const silent = results.filter((host) => host.packetsReceived < wanted);
    if (silent.length === 0) return EXIT.DONE;
    const failure = silent.find((host) => host.failure)?.failure;
    if (failure === undefined) return EXIT.NO;
    const code = exitCodeOf(failure);
    // What a name turned out to stand for was bad, and others were sent to.
    const hasSent = results.some(({ packetsSent }) => packetsSent > 0);
    return code === EXIT.USAGE && hasSent ? EXIT.SYSTEM : code;
  }),
  { words },
);
