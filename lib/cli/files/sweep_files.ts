/**
 * What sweeps leave: their shares' lines, and how far they were.
 *
 * @module
 */

import { usageError } from "../exit.ts";
import { fileFailure } from "../file_failure.ts";
import { requirePermission } from "../script.ts";

/** Octets that are read at a time. */
const PIECE = 2 ** 18;

/**
 * What a share of a sweep has written to a file.
 *
 * @param signal ends the reading when aborted
 */
export function shareFile(path: string, signal: AbortSignal) {
  return {
    /** @throws {ScriptError} without `--allow-read`, or if it cannot be read */
    async *read(from: number, to: number) {
      const action = `read the file ${path}`;
      requirePermission(
        { name: "read", path },
        `--allow-read=${path}`,
        `to ${action}`,
      );
      try {
        using file = await Deno.open(path);
        await file.seek(from, Deno.SeekMode.Start);
        const buffer = new Uint8Array(PIECE);
        for (let at = from; at < to && !signal.aborted;) {
          const room = buffer.subarray(0, Math.min(PIECE, to - at));
          const count = await file.read(room);
          if (count === null) return;
          at += count;
          yield room.subarray(0, count);
        }
      } catch (error) {
        throw fileFailure(action, error);
      }
    },
  };
}

/** A file with how far something is, whole at every moment. */
export class CheckpointFile<State> {
  readonly #path: string;
  /** What is written first, and put in its place then. */
  readonly #next: string;

  /** @throws {ScriptError} without `--allow-read` and `--allow-write` for it */
  constructor(path: string) {
    this.#path = path;
    this.#next = `${path}.new`;
    for (const name of ["read", "write"] as const) {
      for (const file of [this.#path, this.#next]) {
        requirePermission(
          { name, path: file },
          `--allow-${name}=${this.#path},${this.#next}`,
          `to ${name} the checkpoint ${file}`,
        );
      }
    }
  }

  /**
   * What was kept last; `undefined` if nothing was.
   *
   * @throws {ScriptError} if the file is none of ours, or cannot be read
   */
  async read(): Promise<State | undefined> {
    let text: string;
    try {
      text = await Deno.readTextFile(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw fileFailure(`read the checkpoint ${this.#path}`, error);
    }
    try {
      const { type, state } = JSON.parse(text);
      if (type === "checkpoint") return state;
    } catch { /* Nor is it JSON. */ }
    throw usageError(
      `${this.#path} is no checkpoint`,
      "Name another file, or remove it.",
    );
  }

  /** @throws {ScriptError} if it cannot be written */
  async write(state: State): Promise<void> {
    const octets = new TextEncoder()
      .encode(`${JSON.stringify({ type: "checkpoint", state })}\n`);
    try {
      {
        const options = { write: true, create: true, mode: 0o600 };
        using file = await Deno.open(this.#next, {
          ...options,
          truncate: true,
        });
        for (let left = octets; left.length > 0;) {
          left = left.subarray(await file.write(left));
        }
        // On the disk before it takes the other's place there.
        await file.sync();
      }
      await Deno.rename(this.#next, this.#path);
    } catch (error) {
      throw fileFailure(`write the checkpoint ${this.#path}`, error);
    }
  }

  /** Removes it: what it was kept for is done. */
  async remove(): Promise<void> {
    await Deno.remove(this.#path).catch(() => {});
  }
}
