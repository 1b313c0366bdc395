/**
 * What every script shares: its help, its permissions, its signals, its end.
 *
 * @module
 */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { requireOwnSystem } from "../ffi/supports.ts";
import { escapeQuoted } from "../render/text.ts";
import { wrapCommand, wrapSentences } from "../render/wrap.ts";
import { endedBy } from "../socket/process.ts";
import {
  describeFailure,
  EXIT,
  exitCodeOf,
  failureToJSON,
  notPermitted,
  usageError,
} from "./exit.ts";
import { formatHelp, withHint } from "./help.ts";
import { interrupt, listen } from "./interrupt.ts";
import {
  complain,
  OutputClosed,
  OutputStuck,
  print,
  printError,
} from "./output.ts";
import { calledAs, pathOf } from "./sibling.ts";
import { checkDeno, versionText } from "./version.ts";

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

/** One of `script()`'s, whatever its options are. */
export type AnyCommand = Command<unknown[], Record<string, unknown>>;

const COLUMNS = 80;

/** Deno's flags that this script needs. */
let flags = "--allow-ffi";

/** What commander has to say, which cannot wait for its being written. */
const said = { help: "", fault: "" };

/** Those that it was found to have been given besides. */
const added = new Set<string>();

/** How it is called, so that nothing more is missing the next time. */
function callWith(flag: string): string {
  const own = flags.split(" ");
  if (own.includes(flag)) return `deno run ${flags}`;
  const nameOf = (flag: string) => flag.replace(/=.*/, "");
  const others = own.filter((given) => given !== nameOf(flag));
  const besides = [...added].filter((given) =>
    given !== flag && !own.includes(nameOf(given))
  );
  return ["deno run", ...others, ...besides, flag].join(" ");
}

/** The script's name in how it is called. */
function nameIn(call: string): string {
  return call.replace(/^.*[ /]|\.[jt]s$/g, "");
}

/** Where to look for more. */
export function helpHint(name: string): string {
  return `(${name} --help shows the usage and examples)`;
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
  const program = new Command(call);
  return program
    .description(info.description)
    .version(
      versionText(name, Deno.args.includes("--json")),
      "-V, --version",
      "show the version",
    )
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`)
    .configureHelp({ formatHelp })
    .showHelpAfterError(helpHint(name))
    .exitOverride()
    .configureOutput({
      // Commander would look for these in the environment and the process.
      getOutHelpWidth: () => COLUMNS,
      getErrHelpWidth: () => COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      writeOut: (text) => said.help += `${text.trimEnd()}\n`,
      writeErr: (text) => {
        const lines = wrapSentences(escapeQuoted(text.trimEnd()));
        said.fault += `${lines.join("\n")}\n`;
      },
      outputError: (text, write) =>
        write(
          withHint(program, text).replace(/^error: /, `${name}: `)
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
function flagsOf({ options }: AnyCommand): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => [option.attributeName(), option.long ?? ""]),
  );
}

/**
 * Parses the arguments, runs the script, and ends the process with its exit
 * code. Ctrl-C, SIGTERM and the closing of the terminal abort the signal, with
 * their name as the reason, so that the script can end with its summary; a
 * second one ends it at once.
 *
 * @param options `leavesInterrupts`: the script runs another program, and it
 * is that one which further Ctrl-Cs are meant for; default false. `usesSockets`:
 * it cannot do without `--allow-ffi`; default true. `words`: flags by what the
 * library calls them, where they have other names there
 */
export async function run(
  program: AnyCommand,
  start: (signal: AbortSignal) => Promise<number>,
  { leavesInterrupts = false, usesSockets = true, words = {} }: RunOptions = {},
): Promise<never> {
  // Commander tells by an error that help was shown. Were it made in the turn
  // of the script itself, V8 would read all of a bundle anew for its stack.
  await Promise.resolve();
  let exitCode: number | undefined;
  try {
    exitCode = await parse(program);
    if (exitCode === undefined) {
      checkDeno(Deno.version.deno);
      requireOwnSystem();
      listen({ leavesInterrupts });
      if (usesSockets) requireSockets();
      exitCode = await start(interrupt.signal);
    }
  } catch (error) {
    exitCode = await tellFailure(program, error, words);
  }
  Deno.exit(exitCode);
}

/** @returns the exit code, if it ends with help, or with a wrong usage */
async function parse(program: AnyCommand): Promise<number | undefined> {
  try {
    program.parse(Deno.args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (said.help !== "") await print(said.help);
    if (error.exitCode === 0) return EXIT.DONE;
    const sentence = withHint(program, error.message.replace(/^error: /, ""));
    const failure = usageError(sentence, helpHint(nameIn(program.name())));
    await (isJSON(program)
      ? complain(failureText(program, failure))
      : printError(said.fault));
    return EXIT.USAGE;
  }
}

/** @returns the exit code */
async function tellFailure(
  program: AnyCommand,
  error: unknown,
  words: Readonly<Record<string, string>>,
): Promise<number> {
  if (error instanceof OutputClosed) return EXIT.DONE;
  if (error instanceof OutputStuck) return endedBy(interrupt.signal.reason);
  await complain(failureText(program, error, words));
  return exitCodeOf(error);
}

/**
 * What is said of a failure, with the program's own flags; as JSON where that
 * is what it says.
 *
 * @param words flags by what the library calls them, where they have other
 * names there
 */
export function failureText(
  program: AnyCommand,
  error: unknown,
  words: Readonly<Record<string, string>> = {},
): string {
  const tell = isJSON(program) ? failureToJSON : describeFailure;
  return tell(nameIn(program.name()), error, { ...flagsOf(program), ...words });
}

/** Whether it shall say JSON, whatever is wrong with the rest of its arguments. */
function isJSON({ options }: AnyCommand): boolean {
  const end = Deno.args.indexOf("--");
  const own = end < 0 ? Deno.args : Deno.args.slice(0, end);
  // One with a value is what a script reads.
  return own.includes("--json") &&
    options.some(({ long, required }) => long === "--json" && !required);
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
  if (Deno.permissions.querySync(permission).state === "granted") {
    added.add(flag);
    return;
  }
  throw notPermitted(
    `not permitted by Deno ${why}`,
    `Add ${flag} to the command:\n  ${callWith(flag)} …`,
  );
}
