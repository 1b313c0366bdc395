/**
 * A file that grows by whole records, also when the disk is full.
 *
 * @module
 */

import { fileFailure } from "../file_failure.ts";
import { inTime, OutputClosed, OutputStuck, printOctets } from "../output.ts";
import { requirePermission } from "../script.ts";

/**
 * Asserts that Deno lets a file be written, before anything else is done.
 *
 * @throws {ScriptError} without `--allow-write`
 */
export function checkWritable(path: string): void {
  requirePermission(
    { name: "write", path },
    `--allow-write=${path}`,
    `to write the file ${path}`,
  );
}

/** A file of records, none of which is cut short. */
export class GrowingFile {
  readonly #path: string;
  /** None for standard output. */
  readonly #file: Deno.FsFile | undefined;
  /** Octets of all records that are whole. */
  #length = 0;

  private constructor(path: string, file?: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Creates a file, or empties it.
   *
   * @param path `-` is standard output
   * @throws {ScriptError} without `--allow-write`, or if it cannot be created
   */
  static async open(path: string): Promise<GrowingFile> {
    if (path === "-") return new GrowingFile(path);
    checkWritable(path);
    const options = { ...CREATED, truncate: true };
    // A pipe is open as soon as somebody reads it.
    const opening = inTime(Deno.open(path, options));
    return new GrowingFile(path, await orFail(path, opening));
  }

  /** Octets that it has. */
  get length(): number {
    return this.#length;
  }

  /**
   * Opens a new file of the same name, after somebody has renamed this one.
   * Nothing is emptied for it.
   *
   * @returns `undefined` if there is one, such as this; or if it is a pipe
   * @throws {ScriptError} if it cannot be opened
   */
  async renewed(): Promise<GrowingFile | undefined> {
    if (this.#file === undefined || isPipe(this.#file)) return undefined;
    const file = await orFail(this.#path, Deno.open(this.#path, CREATED));
    if (await lengthOf(file) === 0) return new GrowingFile(this.#path, file);
    file.close();
  }

  close(): void {
    this.#file?.close();
  }

  /** Writes records with one call, so that no part of one is there if we are killed. */
  async append(records: readonly Uint8Array[]): Promise<void> {
    const octets = joined(records);
    if (this.#file === undefined) return await printOctets(octets);
    const file = this.#file;
    try {
      for (let done = 0; done < octets.length;) {
        const writing = file.write(octets.subarray(done));
        done += await orFail(this.#path, inTime(writing));
      }
      this.#length += octets.length;
    } catch (error) {
      await this.#cut(file, records).catch(() => {/* It is a pipe. */});
      throw error;
    }
  }

  /** Takes away what a full disk has left of a record. */
  async #cut(
    file: Deno.FsFile,
    records: readonly Uint8Array[],
  ): Promise<void> {
    const size = await lengthOf(file);
    let whole = this.#length;
    for (const { length } of records) {
      if (whole + length > size) break;
      whole += length;
    }
    await file.truncate(whole);
  }
}

/** Others' packets are nobody's else to read. */
const CREATED = { write: true, create: true, mode: 0o600 };

async function orFail<T>(path: string, acting: Promise<T>): Promise<T> {
  try {
    return await acting;
  } catch (error) {
    if (error instanceof OutputStuck) throw error;
    if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
    throw fileFailure(`write the file ${path}`, error);
  }
}

/** Its length, for which `stat` would need `--allow-read`. */
function lengthOf(file: Deno.FsFile): Promise<number> {
  return file.seek(0, Deno.SeekMode.End);
}

function isPipe(file: Deno.FsFile): boolean {
  try {
    file.seekSync(0, Deno.SeekMode.Current);
    return false;
  } catch {
    return true;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
