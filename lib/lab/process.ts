/**
 * Processes: which one is which, signals to them, and another program in the
 * place of this one.
 *
 * @module
 */

import { strerror } from "../ffi/errno.ts";
import { addressOf, libc, toCString } from "../ffi/libc.ts";
import { SIGNALS } from "../ffi/linux/numbers.ts";
import { readKernelFile } from "../socket/kernel/kernel_file.ts";

const POINTER_SIZE = 8;

/**
 * This process, as namespaces' names carry it. The start time tells it from a
 * later one with the same id.
 */
export function thisProcess(): string {
  return `${Deno.pid}.${startTime(Deno.pid)}`;
}

/** Whether the process that a namespace belongs to still runs. */
export function isRunning(owner: string): boolean {
  const [pid, start] = owner.split(".");
  return startTime(Number(pid)) === start;
}

/**
 * In clock ticks since boot, or `undefined` if there is no such process, or
 * none but one that only nobody has waited for yet: a zombie.
 */
function startTime(pid: number): string | undefined {
  const stat = readKernelFile(`/proc/${pid}/stat`);
  // proc(5): the third field and the 22nd; the second is a name in parentheses.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || /[ZX]/.test(fields[0])
    ? undefined
    : fields[22 - 3];
}

/**
 * Signals a process, if it is there and is ours; Deno's own way needs all of
 * `--allow-run`.
 */
export function signalProcess(
  pid: number,
  signal: "HUP" | "KILL" | "TERM",
): void {
  libc().kill(pid, SIGNALS[signal]);
}

/**
 * Runs a program in the place of this one: with its process id, its parent,
 * its terminal and its environment.
 *
 * @param path where it is
 * @param args its name, and its arguments
 * @returns only if it cannot be run, and why
 */
export function replaceProcess(path: string, args: readonly string[]): string {
  const texts = args.map(toCString);
  const size = texts.reduce((sum, { length }) => sum + length, 0);
  // One buffer, since a pointer inside it keeps nothing alive.
  const argv = new DataView(
    new ArrayBuffer((texts.length + 1) * POINTER_SIZE + size),
  );
  const address = addressOf(argv.buffer);
  let offset = (texts.length + 1) * POINTER_SIZE;
  for (const [i, text] of texts.entries()) {
    argv.setBigUint64(i * POINTER_SIZE, address + BigInt(offset), true);
    new Uint8Array(argv.buffer, offset).set(text);
    offset += text.length;
  }
  return strerror(-libc().execv(toCString(path), argv));
}
