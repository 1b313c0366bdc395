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
 * Runs a program to its end.
 *
 * @param input text for its standard input
 * @returns what it printed
 * @throws {LabError} if it fails, with what it said, or is not installed
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const call = `${program} ${args.join(" ")}`;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new LabError(
      `${program} is not installed`,
      `Install it: ip comes with iproute2, unshare and nsenter with util-linux.`,
    );
  }
  if (input !== undefined) {
    // A program that ends before it has read tells why by its exit code.
    await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  }
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).trim();
  throw new LabError(`\`${call}\` failed: ${reason}`);
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
