/**
 * What every script shares: its help, its permissions, its signals, its end.
 *
 * @module
 */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { escapeQuoted } from "../render/text.ts";
import { wrapCommand, wrapSentences } from "../render/wrap.ts";
import {
  describeFailure,
  EXIT,
  exitCodeOf,
  notPermitted,
  ScriptError,
  usageError,
} from "./exit.ts";
import { calledAs, pathOf } from "./sibling.ts";

/** How a script is described and started. */
export interface ScriptInfo {
  /** `import.meta.url` of the script. */
  readonly url: string;
  /** What it does, in a sentence. */
  readonly description: string;
  /** Deno's flags that it needs; default `--allow-ffi`. */
  readonly flags?: string;
  /** Arguments of a useful call, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
}

const COLUMNS = 80;
/** As wide as what commander puts before the usage. */
const USAGE = " ".repeat("Usage: ".length);

/** Deno's flags that this script needs. */
let flags = "--allow-ffi";

/** How it is called, so that nothing more is missing the next time. */
function callWith(flag: string): string {
  const [general] = flag.split("=");
  const others = flags.split(" ").filter((given) => given !== general);
  return flags.split(" ").includes(flag)
    ? `deno run ${flags}`
    : ["deno run", ...others, flag].join(" ");
}

/** The script's name in how it is called. */
function nameIn(call: string): string {
  return call.replace(/^.*[ /]|\.[jt]s$/g, "");
}

/** A command with help as all scripts have it; its examples come last. */
export function script(info: ScriptInfo): Command {
  const { examples } = info;
  flags = info.flags ?? flags;
  const call = `deno run ${flags} ${calledAs(pathOf(info.url))}`;
  const lines = examples.flatMap(([args, what]) => [
    `  # ${what}`,
    ...wrapCommand(`${call} ${args}`.trimEnd(), "  "),
  ]);
  const name = nameIn(call);
  return new Command(call)
    .description(info.description)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`)
    .configureHelp({
      styleUsage: (usage) => wrapCommand(usage, USAGE).join("\n").trimStart(),
    })
    .showHelpAfterError("(--help shows the usage and examples)")
    .exitOverride()
    .configureOutput({
      // Commander would look for these in the environment and the process.
      getOutHelpWidth: () => COLUMNS,
      getErrHelpWidth: () => COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      writeOut: (text) => console.log(text.trimEnd()),
      writeErr: (text) =>
        console.error(wrapSentences(escapeQuoted(text.trimEnd())).join("\n")),
      outputError: (text, write) =>
        write(
          text.replace(/^error: /, `${name}: `)
            // A line for what is wrong, and one for what is wanted.
            .replace(/( is invalid(?: for argument '\w+')?\.) /, "$1\n"),
        ),
    });
}

/** How a script runs. */
export interface RunOptions {
  readonly leavesInterrupts?: boolean;
  readonly usesSockets?: boolean;
  readonly words?: Readonly<Record<string, string>>;
}

/** Flags, such as `--max-hops`, by what the library calls them: `maxHops`. */
function flagsOf(
  { options }: Command<unknown[], Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => [option.attributeName(), option.long ?? ""]),
  );
}

/** What the library says of its options, in the words of the command line. */
export function inFlags(
  message: string,
  flags: Readonly<Record<string, string>>,
): string {
  return message.replace(
    /\b[a-z]+[A-Z]\w*/g,
    (word) => Object.hasOwn(flags, word) ? flags[word] : word,
  );
}

/**
 * Parses the arguments, runs the script, and ends the process with its exit
 * code. Ctrl-C and SIGTERM abort the signal, with their name as the reason, so
 * that the script can end with its summary; a second one ends it at once.
 *
 * @param options `leavesInterrupts`: the script runs another program, and it
 * is that one which further Ctrl-Cs are meant for; default false. `usesSockets`:
 * it cannot do without `--allow-ffi`; default true. `words`: flags by what the
 * library calls them, where they have other names there
 */
export async function run(
  program: Command<unknown[], Record<string, unknown>>,
  start: (signal: AbortSignal) => Promise<number>,
  { leavesInterrupts = false, usesSockets = true, words = {} }: RunOptions = {},
): Promise<never> {
  const interrupt = new AbortController();
  // Commander tells by an error that help was shown. Were it made in the turn
  // of the script itself, V8 would read all of a bundle anew for its stack.
  await Promise.resolve();
  try {
    program.parse(Deno.args, { from: "user" });
    checkSystem(Deno.build.os);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => {
        const isMeantForUs = signal !== "SIGINT" || !leavesInterrupts;
        if (interrupt.signal.aborted && isMeantForUs) Deno.exit(130);
        interrupt.abort(signal);
      });
    }
    if (usesSockets) requireSockets();
    Deno.exit(await start(interrupt.signal));
  } catch (error) {
    if (error instanceof CommanderError) {
      Deno.exit(error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE);
    }
    if (error instanceof OutputClosed) Deno.exit(EXIT.DONE);
    console.error(failureText(program, error, words));
    Deno.exit(exitCodeOf(error));
  }
}

/**
 * What is said of a failure, with the program's own flags.
 *
 * @param words flags by what the library calls them, where they have other
 * names there
 */
export function failureText(
  program: Command<unknown[], Record<string, unknown>>,
  error: unknown,
  words: Readonly<Record<string, string>> = {},
): string {
  if (error instanceof RangeError) {
    const flags = { ...flagsOf(program), ...words };
    error.message = inFlags(error.message, flags);
  }
  return describeFailure(nameIn(program.name()), error);
}

/**
 * Asserts that sockets may be opened.
 *
 * @throws {ScriptError} without `--allow-ffi`
 */
export function requireSockets(): void {
  requirePermission({ name: "ffi" }, "--allow-ffi", "to call libc's sockets");
}

/**
 * Asserts that this is a system that raw4 works on.
 *
 * @throws {ScriptError} in a sentence, before anything is opened
 */
export function checkSystem(os: typeof Deno.build.os): void {
  if (os === "linux") return;
  throw new ScriptError(
    `raw4 works on Linux only so far, and this is ${os}`,
    EXIT.SYSTEM,
    "Run it on a Linux machine, or in a virtual one.",
  );
}

/** Whoever read our output, such as `head`, has seen enough. */
class OutputClosed extends Error {}

/**
 * Writes text to standard output as it is. Unlike `console.log` it ends the
 * script when nobody reads it any more, by an error that {@linkcode run} knows.
 *
 * @throws {ScriptError} if it cannot be written, such as to a full disk
 */
export function print(text: string): void {
  printOctets(new TextEncoder().encode(text));
}

/** The same for octets. */
export function printOctets(octets: Uint8Array): void {
  try {
    for (let done = 0; done < octets.length;) {
      done += Deno.stdout.writeSync(octets.subarray(done));
    }
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
    throw new ScriptError(
      `cannot write to standard output: ${(error as Error).message}`,
      EXIT.SYSTEM,
    );
  }
}

/**
 * Asserts that Deno grants a permission, without asking at a terminal.
 *
 * @throws {ScriptError} saying which flag to add, and why; or if it is for a
 * file without a name, as an unset variable of a shell's makes it
 */
export function requirePermission(
  permission: Deno.PermissionDescriptor,
  flag: string,
  why: string,
): void {
  if ("path" in permission && permission.path === "") {
    throw usageError("a file's name is empty");
  }
  if (Deno.permissions.querySync(permission).state === "granted") return;
  throw notPermitted(
    `not permitted by Deno ${why}`,
    `Add ${flag} to the command:\n  ${callWith(flag)} …`,
  );
}
