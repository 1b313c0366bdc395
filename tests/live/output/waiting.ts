/**
 * What processes wait for.
 *
 * @module
 */

/** Whether a thread of a process waits in a function of the kernel. */
export async function waitsIn(pid: number, name: string): Promise<boolean> {
  for await (const thread of Deno.readDir(`/proc/${pid}/task`)) {
    const wchan = `/proc/${pid}/task/${thread.name}/wchan`;
    // A thread may have ended meanwhile.
    const where = await Deno.readTextFile(wchan).catch(() => "");
    if (where.endsWith(name)) return true;
  }
  return false;
}
