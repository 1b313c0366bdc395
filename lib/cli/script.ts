/**
 * What every script shares: its help, its permissions, its signals, its end.
 *
 * @module
 */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { describeFailure, EXIT, exitCodeOf, ScriptError } from "./exit.ts";

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

/** A command with help as all scripts have it; its examples come last. */
export function script(info: ScriptInfo): Command {
  const { flags = "--allow-ffi", examples } = info;
  const path = new URL(info.url).pathname;
  const file = path.endsWith(".ts")
    ? path.split("/").slice(-2).join("/")
    : path.split("/").at(-1)!;
  const call = `deno run ${flags} ${file}`;
  const lines = examples.map(([args, what]) =>
    `  # ${what}\n  ${call} ${args}`
  );
  const name = file.replace(/^.*\/|\.[jt]s$/g, "");
  return new Command(call)
    .description(info.description)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`)
    .showHelpAfterError("(--help shows the usage and examples)")
    .exitOverride()
    .configureOutput({
      // Commander would look for these in the environment and the process.
      getOutHelpWidth: () => COLUMNS,
      getErrHelpWidth: () => COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      writeOut: (text) => console.log(text.trimEnd()),
      writeErr: (text) => console.error(text.trimEnd()),
      outputError: (text, write) =>
        write(text.replace(/^error: /, `${name}: `)),
    });
}

/**
 * Parses the arguments, runs the script, and ends the process with its exit
 * code. Ctrl-C and SIGTERM abort the signal, with their name as the reason, so
 * that the script can end with its summary; a second one ends it at once.
 *
 * @param options `leavesInterrupts`: the script runs another program, and it
 * is that one which further Ctrl-Cs are meant for; default false. `usesSockets`:
 * it cannot do without `--allow-ffi`; default true
 */
export async function run(
  program: Command<unknown[], Record<string, unknown>>,
  start: (signal: AbortSignal) => Promise<number>,
  { leavesInterrupts = false, usesSockets = true } = {},
): Promise<never> {
  const name = program.name().replace(/^.*[ /]|\.[jt]s$/g, "");
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      const isMeantForUs = signal !== "SIGINT" || !leavesInterrupts;
      if (interrupt.signal.aborted && isMeantForUs) Deno.exit(130);
      interrupt.abort(signal);
    });
  }
  try {
    program.parse(Deno.args, { from: "user" });
    if (usesSockets) requireSockets();
    Deno.exit(await start(interrupt.signal));
  } catch (error) {
    if (error instanceof CommanderError) {
      Deno.exit(error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE);
    }
    // Whoever reads our output, such as `head`, has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(EXIT.DONE);
    console.error(describeFailure(name, error));
    Deno.exit(exitCodeOf(error));
  }
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
 * Writes text to standard output as it is. Unlike `console.log` it tells when
 * nobody reads it any more, so that a script can end then.
 *
 * @throws {Deno.errors.BrokenPipe} when nobody does
 * @throws {ScriptError} if it cannot be written, such as to a full disk
 */
export function print(text: string): void {
  const octets = new TextEncoder().encode(text);
  try {
    for (let done = 0; done < octets.length;) {
      done += Deno.stdout.writeSync(octets.subarray(done));
    }
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    throw new ScriptError(
      `cannot write to standard output: ${(error as Error).message}`,
      EXIT.SYSTEM,
    );
  }
}

/**
 * Asserts that Deno grants a permission, without asking at a terminal.
 *
 * @throws {ScriptError} saying which flag to add, and why
 */
export function requirePermission(
  permission: Deno.PermissionDescriptor,
  flag: string,
  why: string,
): void {
  if (Deno.permissions.querySync(permission).state === "granted") return;
  throw new ScriptError(
    `not permitted by Deno ${why}`,
    EXIT.NOT_PERMITTED,
    `Add ${flag} to the command: deno run ${flag} …`,
  );
}
