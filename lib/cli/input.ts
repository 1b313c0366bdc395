/**
 * Files that a script reads, and standard input in place of one.
 *
 * @module
 */

import { fileFailure } from "./file_failure.ts";
import { requirePermission } from "./script.ts";

/**
 * What a file has, piece by piece as it comes.
 *
 * @param path `-` for standard input
 * @param signal ends it when aborted
 * @param beforeRead called before each wait for more, so that what is finished
 * can be shown
 * @throws {ScriptError} without `--allow-read`, or if it cannot be read
 */
export async function* openInput(
  path: string,
  signal: AbortSignal,
  beforeRead: () => void = () => {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (path !== "-") {
    requirePermission(
      { name: "read", path },
      `--allow-read=${path}`,
      `to read the file ${path}`,
    );
  }
  const stream = path === "-"
    ? Deno.stdin.readable
    : (await orFail(path, Deno.open(path))).readable;
  const reader = stream.getReader();
  signal.addEventListener("abort", () => reader.cancel());
  while (!signal.aborted) {
    beforeRead();
    const { value, done } = await orFail(path, reader.read());
    if (done) return;
    yield value;
  }
}

/** What an input is called in a sentence. */
export function inputName(path: string): string {
  return path === "-" ? "standard input" : path;
}

async function orFail<T>(path: string, acting: Promise<T>): Promise<T> {
  try {
    return await acting;
  } catch (error) {
    throw fileFailure(`read the file ${path}`, error);
  }
}
