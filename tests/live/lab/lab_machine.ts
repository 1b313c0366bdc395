/**
 * A machine on which nobody else puts up labs: a mount namespace with a `/run`
 * of its own, which is where `ip netns` keeps its names.
 *
 * @module
 */

import { run } from "../live.ts";
import { Process } from "../pair/pair_process.ts";

/** A program that does something else first. */
export interface Replaced extends AsyncDisposable {
  /** The folder that it knows as `$dir`. */
  readonly dir: string;
}

/**
 * Holds the machine until the end of its input, which comes even if the test is
 * killed, and then ends all that still runs there.
 */
const HOLD = `mount -t tmpfs tmpfs /run && echo ready && cat >/dev/null
id=$(readlink /proc/self/ns/mnt | tr -cd 0-9)
theirs() {
  find /proc/[0-9]*/ns/mnt -lname "mnt:?$id?" ! -path "/proc/$$/*" 2>/dev/null
}
left=yes
while test $left; do
  left=
  for link in $(theirs); do
    pid=\${link#/proc/}
    kill -KILL \${pid%%/*} 2>/dev/null && left=yes
  done
done`;

/** The shell that does that, and `cat`. */
const HOLDERS = 2;

/** Such a machine; it is gone with its test. */
export class Machine implements AsyncDisposable {
  readonly #holder: Process;

  private constructor(holder: Process) {
    this.#holder = holder;
  }

  static async start(): Promise<Machine> {
    const holder = new Process(["unshare", "--mount", "sh", "-c", HOLD]);
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

  /** Whether nothing runs there. */
  async isIdle(): Promise<boolean> {
    const { pid } = this.#holder;
    const mounts = await Deno.readLink(`/proc/${pid}/ns/mnt`);
    return (await processesIn("mnt", mounts)).length === HOLDERS;
  }

  /** Hides a program, as if it were not installed. */
  async hide(program: string): Promise<void> {
    await this.#cover(program, "/dev/null");
  }

  /**
   * Puts another program in the place of the system's.
   *
   * @param does lines of a shell, after which the real one is run; `$dir` is a
   * folder of the test's
   */
  async replace(program: string, does: string): Promise<Replaced> {
    const dir = await Deno.makeTempDir();
    const { stdout } = await run(["sh", "-c", `command -v ${program}`]);
    await Deno.copyFile(stdout.trim(), `${dir}/real`);
    const other = `#!/bin/sh\ndir=${dir}\n${does}\nexec $dir/real "$@"\n`;
    await Deno.writeTextFile(`${dir}/other`, other, { mode: 0o755 });
    await Deno.chmod(dir, 0o755);
    await this.#cover(program, `${dir}/other`);
    return {
      dir,
      [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
    };
  }

  async #cover(program: string, file: string): Promise<void> {
    const cover = 'mount --bind "$1" "$(readlink -f "$(command -v "$0")")"';
    const { stderr } = await run(
      this.inside(["sh", "-c", cover, program, file]),
    );
    if (stderr !== "") throw new Error(stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.endInput();
    await this.#holder.end();
    await this.#holder[Symbol.asyncDispose]();
  }
}

/** What a script said where `ip` is hidden; Deno remarks that it is, too. */
export function withoutRemark(stderr: string): string {
  return stderr.replace(/^.*Failed to resolve 'ip' for allow-run.*\n/, "");
}

/** The ids of processes that run in a namespace of a kind, such as `user`. */
export async function processesIn(
  kind: string,
  identity: string,
): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const its = await Deno.readLink(`/proc/${name}/ns/${kind}`).catch(() => "");
    if (its === identity && await runs(Number(name))) found.push(Number(name));
  }
  return found;
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
