/**
 * Small programs that run in a process of their own, as a user's would.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../../lib/lab/command.ts";
import { type Finished, ROOT, run } from "../live.ts";

/** How long a program may take that ought to end by itself. */
const LIMIT_MS = 60_000;

/** Runs a command as nobody in particular. */
export const AS_NOBODY = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
];

/** Whether there is another user to be had: not inside a user namespace. */
export const hasNobody =
  await tryProgram(AS_NOBODY[0], [...AS_NOBODY.slice(1), "true"]) !== undefined;

/** A directory with programs in it, gone at the end of the block. */
export class Programs implements AsyncDisposable {
  readonly #directory: string;
  #root = ROOT;
  #deno = Deno.execPath();
  #count = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(): Promise<Programs> {
    return new Programs(await Deno.makeTempDir({ prefix: "raw4-" }));
  }

  /**
   * The command that runs a program.
   *
   * @param source its text, which may use all that `mod.ts` exports by `raw4`
   */
  async command(source: string, ...flags: string[]): Promise<string[]> {
    const file = `${this.#directory}/program${this.#count++}.ts`;
    await Deno.writeTextFile(
      file,
      `import * as raw4 from "${pathToURL(this.#root)}mod.ts";\n` +
        source,
    );
    return [
      this.#deno,
      "run",
      `--config=${this.#root}deno.json`,
      "--no-lock",
      "--no-prompt",
      ...flags,
      file,
    ];
  }

  /** Writes any other file, and tells its path. */
  async write(name: string, text: string): Promise<string> {
    await Deno.writeTextFile(`${this.#directory}/${name}`, text);
    return `${this.#directory}/${name}`;
  }

  /** Runs a program to its end. */
  async run(source: string, ...flags: string[]): Promise<Finished> {
    return await runToEnd(await this.command(source, ...flags));
  }

  /**
   * Lets everybody run the programs: copies what only root may be able to
   * read, and gives Deno a directory of its own.
   *
   * @returns the environment to run them in
   */
  async openToAll(): Promise<Record<string, string>> {
    const root = `${this.#directory}/raw4/`;
    const denoDir = `${this.#directory}/deno`;
    const { npmCache } = JSON.parse(
      await runProgram(this.#deno, ["info", "--json"]),
    );
    const registries = [...Deno.readDirSync(npmCache)].map((e) => e.name);
    for (const registry of registries) {
      const to = `${denoDir}/npm/${registry}`;
      await Deno.mkdir(to, { recursive: true });
      await tryProgram("cp", ["-r", `${npmCache}/${registry}/deno-std`, to]);
    }
    await Deno.mkdir(root);
    for (const part of ["lib", "mod.ts", "deno.json"]) {
      await runProgram("cp", ["-r", this.#root + part, root]);
    }
    await runProgram("chmod", ["-R", "a+rwX", this.#directory]);
    this.#root = root;
    const [program, ...args] = [...AS_NOBODY, "test", "-x", this.#deno];
    if (await tryProgram(program, args) === undefined) {
      await runProgram("cp", [this.#deno, `${this.#directory}/bin`]);
      this.#deno = `${this.#directory}/bin`;
    }
    return { DENO_DIR: denoDir, HOME: this.#directory };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** Runs a command that ought to end by itself, and fails if it does not. */
export async function runToEnd(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const finished = await run(command, { env, signal });
  if (signal.aborted) {
    throw new Error(`did not end by itself: ${JSON.stringify(finished)}`);
  }
  return finished;
}

/** A folder's URL, whatever is in its name. */
function pathToURL(path: string): string {
  return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
}
