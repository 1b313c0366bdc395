/**
 * An ordinary user on this machine, as somebody who has no root is.
 *
 * @module
 */

import { ALLOW_RUN, tryProgram } from "../../../lib/lab/command.ts";
import { inUserNamespace } from "../../../lib/lab/rung.ts";
import { type Finished, ROOT, run } from "../live.ts";

/** Of this test's process alone: a user's labs are found by the user. */
const ID = 30_000 + Deno.pid % 30_000;
const BECOME = [
  "setpriv",
  `--reuid=${ID}`,
  `--regid=${ID}`,
  "--clear-groups",
];

/** What a test needs that becomes an ordinary user, for `liveTest`. */
export const USER_NEEDS: readonly string[] = await needs();

async function needs(): Promise<string[]> {
  const programs = ["setpriv", "unshare", "nsenter", "ip"];
  if (await tryProgram(BECOME[0], [...BECOME.slice(1), "true"]) === undefined) {
    return [...programs, `the user ${ID}`];
  }
  const probe = [...BECOME.slice(1), ...inUserNamespace(["true"])];
  return await tryProgram(BECOME[0], probe) === undefined
    ? [...programs, `user namespaces for the user ${ID}`]
    : programs;
}

/** An ordinary user with the project's sources in a folder of their own. */
export class OrdinaryUser implements AsyncDisposable {
  /** The user's home, which nobody else needs to be able to read. */
  readonly home: string;

  private constructor(home: string) {
    this.home = home;
  }

  static async create(): Promise<OrdinaryUser> {
    const home = await Deno.makeTempDir({ prefix: "raw4-user-" });
    const user = new OrdinaryUser(home);
    // Deno itself may be installed where only root can read.
    await Deno.copyFile(Deno.execPath(), user.deno);
    const sources = ["scripts", "lib", "mod.ts", "deno.json", "deno.lock"];
    const info = await run([Deno.execPath(), "info", "--json"]);
    const { npmCache } = JSON.parse(info.stdout);
    await Deno.mkdir(`${home}/.deno`);
    await user.#copy(sources.map((name) => ROOT + name), home);
    await user.#copy([npmCache], `${home}/.deno`);
    await run(["chown", "-R", user.owner, home]);
    return user;
  }

  /** Whom files are to belong to, for chown. */
  readonly owner = `${ID}:${ID}`;

  /** The user's Deno. */
  get deno(): string {
    return `${this.home}/deno`;
  }

  /**
   * A command that the user gives, with nothing of our environment.
   *
   * @param options `path`: where programs are looked for; `capabilities`: more
   * options of setpriv
   */
  command(
    command: readonly string[],
    { path = Deno.env.get("PATH") ?? "", capabilities = [] }: {
      path?: string;
      capabilities?: readonly string[];
    } = {},
  ): string[] {
    const environment = [
      `PATH=${path}`,
      `HOME=${this.home}`,
      `DENO_DIR=${this.home}/.deno`,
      "NO_COLOR=1",
    ];
    return [
      ...BECOME,
      ...capabilities,
      ...["env", "-i", ...environment],
      ...command,
    ];
  }

  /** A command that runs one of the scripts, with the permission it needs. */
  script(name: string, ...args: string[]): string[] {
    const flags = name === "lab" || name === "demo"
      ? ["--allow-ffi", ALLOW_RUN]
      : ["--allow-ffi"];
    const path = `${this.home}/scripts/${name}.ts`;
    return [this.deno, "run", ...flags, path, ...args];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }

  async #copy(from: readonly string[], to: string): Promise<Finished> {
    return await run(["cp", "-r", ...from, to]);
  }
}
