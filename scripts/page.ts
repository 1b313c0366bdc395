#!/usr/bin/env -S deno run --allow-net=127.0.0.1:0 --allow-run
/** The page on which a class looks at the packets of a lab. */

import { TextLineStream } from "@std/streams/text-line-stream";
import { runAgent } from "../lib/agent/agent.ts";
import { CaptureFileError } from "../lib/capture/format_reader.ts";
import { isCaptureFile, readCapture } from "../lib/capture/read_capture.ts";
import {
  EXIT,
  notPermitted,
  ScriptError,
  usageError,
} from "../lib/cli/exit.ts";
import { inputName, openInput } from "../lib/cli/input.ts";
import { readLessonFiles } from "../lib/cli/lesson_file.ts";
import {
  labCall,
  pageOptions,
  type PageSource,
  pageSource,
} from "../lib/cli/options/page_options.ts";
import { complain, print } from "../lib/cli/output.ts";
import {
  requirePermission,
  requireSockets,
  run,
  script,
} from "../lib/cli/script.ts";
import { pathOf } from "../lib/cli/sibling.ts";
import { ALLOW_RUN } from "../lib/lab/command.ts";
import { restartInUserNamespace } from "../lib/lab/restart.ts";
import { findRung, NO_LAB_REMEDY } from "../lib/lab/rung.ts";
import { LABS, planLab } from "../lib/lab/topology/catalogue.ts";
import type { Lesson } from "../lib/lesson/lesson.ts";
import { LESSONS } from "../lib/lesson/lessons/lessons.ts";
import { AgentProcess } from "../lib/server/agent_process.ts";
import { EventLog } from "../lib/server/event_log.ts";
import { pageScript } from "../lib/server/page_source.ts";
import { serve } from "../lib/server/serve.ts";

const { url } = import.meta;
const ENTRY = pathOf(new URL("../lib/page/main.tsx", url).href);

const program = pageOptions(
  script({
    url,
    flags: "--allow-net=127.0.0.1:0 --allow-run",
    description: "Shows the packets of a lab on a page in the browser.",
    examples: [
      ["", "the lab of two hosts, root or not"],
      ["lab chain 3 --silent 2", "a path of three routers, one of them mute"],
      [
        "--lesson ours.json lab lan",
        "with a lesson of one's own (add --allow-read=ours.json)",
      ],
      ["-I lo", "what crosses this machine's loopback interface"],
      ["seen.pcapng", "a capture file (add --allow-read=seen.pcapng)"],
    ],
  }),
  Object.keys(LABS),
);

await run(program, async (signal) => {
  const { interface: device, agent, lesson = [], ...options } = program.opts();
  const source = pageSource(program.args, device);
  // Whatever is wrong with a lab's options is said before anything starts.
  if (source.kind === "lab") planLab(source.name, source.size, options);
  if (agent !== undefined) return await beAgent(source, agent, options, signal);
  const own = await readLessonFiles(lesson, signal);
  // One with the name of another stands in its place.
  const known = LESSONS.filter(({ id }) => own.every((one) => one.id !== id));
  return await beServer(source, [...own, ...known], signal);
}, { usesSockets: false });

/** Shows the page until the agent ends, or somebody ends this. */
async function beServer(
  source: PageSource,
  lessons: readonly Lesson[],
  signal: AbortSignal,
): Promise<number> {
  requirePermission(
    { name: "net", host: "127.0.0.1:0" },
    "--allow-net=127.0.0.1:0",
    "to serve the page",
  );
  requirePermission({ name: "run" }, "--allow-run", "to start the agent");
  const isFile = source.kind === "file";
  const file = isFile ? await readWhole(source.path, signal) : undefined;
  const log = new EventLog();
  const code = pageScript(ENTRY);
  let agent: AgentProcess | undefined;
  await using server = serve({
    ...{ script: code, log, file, lessons: JSON.stringify(lessons) },
    ask: isFile ? undefined : ((asked) => agent!.ask(asked)),
  });
  if (isFile) log.tell({ type: "file", name: source.path });
  else {
    const flags = ["--allow-ffi", ALLOW_RUN];
    const call = [pathOf(url), `--agent=${server.port}`, ...Deno.args];
    agent = new AgentProcess([Deno.execPath(), "run", ...flags, ...call], log);
  }
  const [failed] = await Promise.all([agent?.ready, code]);
  // It has said why.
  if (failed !== undefined) return failed;
  const isOver = Promise.withResolvers<number>();
  signal.addEventListener("abort", () => isOver.resolve(EXIT.DONE));
  if (signal.aborted) isOver.resolve(EXIT.DONE);
  agent?.ended.then((code) => isOver.resolve(code));
  await print(`${server.url}\n`);
  const exitCode = await isOver.promise;
  await agent?.end();
  return exitCode;
}

/** The octets of a capture file from which there is something to show. */
async function readWhole(path: string, signal: AbortSignal) {
  const chunks = await Array.fromAsync(openInput(path, signal));
  const octets = await new Blob(chunks).bytes();
  // What Ctrl-C has ended is cut short, and nobody wonders.
  if (signal.aborted) return octets;
  if (octets.length > 0 && !isCaptureFile(octets)) {
    throw usageError(`${inputName(path)} is no capture file`);
  }
  try {
    await readCapture([octets]).next();
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    throw new ScriptError(error.message, EXIT.NO);
  }
  return octets;
}

/** Holds the sockets, in a lab that ends with it. */
async function beAgent(
  source: PageSource,
  pagePort: number,
  options: Parameters<typeof planLab>[2],
  signal: AbortSignal,
): Promise<number> {
  requireSockets();
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  const talk = { input: lines, tell: (line: string) => print(`${line}\n`) };
  if (source.kind === "lab") {
    const rung = await findRung();
    if (rung === "none") {
      throw notPermitted("no lab is possible here", NO_LAB_REMEDY);
    }
    if (rung === "user-namespace") {
      return restartInUserNamespace(url, Deno.args, signal);
    }
    const topology = planLab(source.name, source.size, options);
    await runAgent({ topology, call: labCall(Deno.args) }, talk, signal);
  } else if (source.kind === "device") {
    const { device } = source;
    await runAgent({ device, pagePort }, talk, signal);
  } else {
    await complain("page: a file needs no agent");
    return EXIT.USAGE;
  }
  return EXIT.DONE;
}
