/**
 * Files that a script reads, and standard input in place of one.
 *
 * @module
 */

import { usageError } from "./exit.ts";
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
  beforeRead: () => Promise<void> = async () => {},
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
    await beforeRead();
    const { value, done } = await orFail(path, reader.read());
    if (done) return;
    yield value;
  }
}

/** The lines of a file, as many as come at once; otherwise as its octets. */
export async function* inputLines(
  path: string,
  signal: AbortSignal,
  beforeRead?: () => Promise<void>,
): AsyncGenerator<readonly string[], void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const octets of openInput(path, signal, beforeRead)) {
    const lines = (rest + decoder.decode(octets, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield lines;
  }
  if (rest !== "") yield [rest];
}

/** What an input is called in a sentence. */
export function inputName(path: string): string {
  return path === "-" ? "standard input" : path;
}

/**
 * The targets that are given; in place of `-` those of standard input. There
 * blanks, commas and newlines stand between them, and `#` begins a comment.
 *
 * @param signal ends the reading when aborted
 * @throws {ScriptError} if standard input has none, or is to be read twice
 */
export async function givenTargets(
  words: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const at = words.indexOf("-");
  if (at < 0) return [...words];
  if (words.includes("-", at + 1)) {
    throw usageError("- stands for standard input, which can be read but once");
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of openInput("-", signal)) parts.push(part);
  const text = await new Blob(parts).text();
  const found = text.replaceAll(/#.*/g, "").match(/[^\s,]+/g) ?? [];
  if (found.length === 0) throw usageError("standard input names no target");
  return words.toSpliced(at, 1, ...found);
}

async function orFail<T>(path: string, acting: Promise<T>): Promise<T> {
  try {
    return await acting;
  } catch (error) {
    throw fileFailure(`read the file ${path}`, error);
  }
}
