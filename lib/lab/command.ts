/**
 * Running the system's own programs.
 *
 * @module
 */

/** A command that a lab is built with failed, or is missing. */
export class LabError extends Error {
  override name = "LabError";
  /** What to do now, where there is something to do. */
  readonly remedy: string | undefined;

  /** Makes the error, its remedy included. */
  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * Deno's flag for what labs are built with. What else they need is started by
 * nsenter, in a host; or here, since asked for no namespace it enters none.
 */
export const ALLOW_RUN = "--allow-run=ip,unshare,nsenter";

/**
 * Where the system has its programs. These alone are run, since they are often
 * run as root, and what PATH says may be another's.
 */
export const SYSTEM_PATH =
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:" +
  "/run/current-system/sw/bin";

/** Where a program may be, unless it is a path itself. */
export function pathsOf(program: string): string[] {
  if (program.includes("/")) return [program];
  return SYSTEM_PATH.split(":").map((folder) => `${folder}/${program}`);
}

/**
 * Starts a program of the system's, or one by its path.
 *
 * @throws {LabError} if it is not installed
 * @throws {Deno.errors.NotCapable} if Deno does not permit it
 */
export function start(
  program: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  const isPermitted = (command?: string) =>
    Deno.permissions.querySync({ name: "run", command }).state === "granted";
  for (const path of pathsOf(program)) {
    // A list of --allow-run's names but one of them, and that is there.
    if (!isPermitted(path)) continue;
    try {
      return new Deno.Command(path, options).spawn();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error instanceof Deno.errors.NotCapable
        ? loaderError(error)
        : error;
    }
  }
  if (isPermitted(program) && !isPermitted()) {
    throw notCapable(
      `not permitted by Deno to run the system's ${program}`,
      `PATH finds another ${program} before it, which is not run. Put ` +
        "/usr/sbin:/usr/bin first in PATH.",
    );
  }
  throw new LabError(
    `${program} is not installed`,
    `Install it: ip comes with iproute2, unshare and nsenter with util-linux.`,
  );
}

/** What Deno says of variables that tell programs what code to load. */
function loaderError({ message }: Error): Error {
  const [variable = "a variable LD_…"] = /\bLD_\w+/.exec(message) ?? [];
  return notCapable(
    `not permitted by Deno to run programs while ${variable} is set`,
    `Unset it, such as by \`env -u ${variable} …\`, or add --allow-run, ` +
      "without names, to the command.",
  );
}

function notCapable(message: string, remedy: string): Error {
  return Object.assign(new Deno.errors.NotCapable(message), { remedy });
}

/**
 * Runs a program to its end.
 *
 * @param input text for its standard input
 * @returns what it printed
 * @throws {LabError} if it fails, with what it said, or is not installed
 * @throws {Deno.errors.NotCapable} if Deno does not permit it
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const child = start(program, {
    args: [...args],
    // A terminal's Ctrl-C is for the script, which then finishes or undoes.
    detached: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  if (input !== undefined) {
    // A program that ends before it has read tells why by its exit code.
    await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  }
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).trim();
  throw new LabError(`\`${program} ${args.join(" ")}\` failed: ${reason}`);
}

/** The same, but a failure is only told, by `undefined`. */
export async function tryProgram(
  program: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    return await runProgram(program, args);
  } catch (error) {
    if (error instanceof LabError) return undefined;
    throw error;
  }
}
