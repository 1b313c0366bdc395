/**
 * A machine on which nobody else puts up labs: a mount namespace with a `/run`
 * of its own, which is where `ip netns` keeps its names.
 *
 * @module
 */

import { run } from "./live.ts";
import { Process } from "./pair_process.ts";

/** Such a machine; it is gone when nothing runs in it any more. */
export class Machine implements AsyncDisposable {
  readonly #holder: Process;

  private constructor(holder: Process) {
    this.#holder = holder;
  }

  static async start(): Promise<Machine> {
    const prepare = "mount -t tmpfs tmpfs /run && echo ready && exec cat";
    const holder = new Process(["unshare", "--mount", "sh", "-c", prepare]);
    await holder.until("ready");
    return new Machine(holder);
  }

  /** A command that runs `command` there. */
  inside(command: readonly string[]): string[] {
    return [
      "nsenter",
      `--mount=/proc/${this.#holder.pid}/ns/mnt`,
      `--wd=${Deno.cwd()}`,
      ...command,
    ];
  }

  /** The names of its network namespaces, sorted. */
  async namespaces(): Promise<string[]> {
    const { stdout } = await run(this.inside(["ip", "netns", "list"]));
    return stdout.split("\n").filter(Boolean)
      .map((line) => line.split(" ")[0]).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
  }
}

/** Whether a process runs; one that has only not been waited for does not. */
export async function runs(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A program `ip` that does something else first. */
export interface OtherIP extends AsyncDisposable {
  readonly path: string;
  /** A command for which it is found before the real one. */
  first(command: readonly string[]): string[];
}

/** Makes an `ip` that runs these lines of a shell, then the real one. */
export async function ipThat(does: string): Promise<OtherIP> {
  const { stdout: real } = await run(["sh", "-c", "command -v ip"]);
  const folder = await Deno.makeTempDir();
  const path = `${folder}/ip`;
  const program = `#!/bin/sh\n${does}\nexec ${real.trim()} "$@"\n`;
  await Deno.writeTextFile(path, program, { mode: 0o755 });
  return {
    path,
    first: (command) => [
      "env",
      `PATH=${folder}:${Deno.env.get("PATH")}`,
      ...command,
    ],
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
