/**
 * What a script writes to standard output and standard error: whoever reads it
 * may be gone, or asleep, and a disk may be full.
 *
 * Nothing here waits in a system call of this thread, where neither Ctrl-C nor
 * SIGTERM could be heard.
 *
 * @module
 */

import { delay } from "../socket/time.ts";
import { environment } from "../socket/process.ts";
import { EXIT, ScriptError } from "./exit.ts";
import { interrupt } from "./interrupt.ts";

/** How long a script that is to end waits for somebody to read. */
const LAST_WORDS_MS = 1000;
/** How soon a non-blocking output that had no room is tried again. */
const RETRY_MS = 5;

/** Whoever read our output, such as `head`, has seen enough. */
export class OutputClosed extends Error {}

/** The script is to end, and nobody reads its last words. */
export class OutputStuck extends Error {}

/**
 * Writes text to standard output as it is. Unlike `console.log` it ends the
 * script when nobody reads it any more, by an error that `run` knows.
 *
 * @throws {ScriptError} if it cannot be written, such as to a full disk
 */
export async function print(text: string): Promise<void> {
  await printOctets(new TextEncoder().encode(text));
}

/** The same for octets. */
export async function printOctets(octets: Uint8Array): Promise<void> {
  try {
    await write(Deno.stdout, octets);
  } catch (error) {
    if (error instanceof OutputStuck) throw error;
    // A terminal that was closed fails with another error than a pipe.
    if (
      error instanceof Deno.errors.BrokenPipe ||
      interrupt.signal.reason === "SIGHUP"
    ) throw new OutputClosed();
    throw new ScriptError(
      `cannot write to standard output: ${(error as Error).message}`,
      EXIT.SYSTEM,
    );
  }
}

/**
 * Standard output for many short texts: what is added while some is written goes
 * with the next.
 */
export class Outbox {
  #text = "";
  /** Rejected for good once it cannot be written. */
  #writing: Promise<void> | undefined;

  /**
   * Waits if there is enough for a write: what goes on besides is to have its turn.
   *
   * @throws as {@linkcode print} does, perhaps of what was added before
   */
  async add(text: string): Promise<void> {
    this.#text += text;
    this.#writing ??= this.#write();
    this.#writing.catch(() => {});
    if (this.#text.length > ATOMIC) await this.#writing;
  }

  /** Ends when all of it is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    do {
      const text = this.#text;
      this.#text = "";
      await print(text);
    } while (this.#text !== "");
    this.#writing = undefined;
  }
}

/**
 * Writes text to standard error as it is. Whatever becomes of it, the script
 * goes on: its exit code is that of its work.
 */
export async function printError(text: string): Promise<void> {
  try {
    await write(Deno.stderr, new TextEncoder().encode(text));
  } catch { /* There is nobody to tell. */ }
}

/** The same for a line. */
export async function complain(line: string): Promise<void> {
  await printError(`${line}\n`);
}

/**
 * A line on standard error, or some, that are written over; nothing but on a
 * terminal that can do that.
 */
export class StatusLine {
  readonly #isPossible = Deno.stderr.isTerminal() &&
    !["dumb", "", undefined].includes(environment("TERM"));
  #shown = 0;

  /** Shows a text of less than a line; or lines, as far as there is room. */
  async show(...lines: readonly string[]): Promise<void> {
    if (!this.#isPossible || lines.length === 0) return;
    const shown = lines.length === 1 ? lines : withRoom(lines);
    await printError(this.#back + shown.join("\n"));
    this.#shown = shown.length;
  }

  /** Takes it away, for something else to be written. */
  async clear(): Promise<void> {
    if (this.#shown === 0) return;
    await printError(this.#back);
    this.#shown = 0;
  }

  /** Where the first of the lines begins, with nothing from there on. */
  get #back(): string {
    return this.#shown > 1 ? `\r\x1b[${this.#shown - 1}A\x1b[J` : "\r\x1b[K";
  }
}

/** What of some lines a terminal shows without breaking one, or scrolling. */
function withRoom(lines: readonly string[]): string[] {
  const { rows, columns } = Deno.consoleSize();
  // Terminals that do not know their size have none.
  return lines.slice(0, (rows || 24) - 1)
    .map((line) => line.slice(0, (columns || 80) - 1));
}

/** Octets that a pipe takes all at once, or not at all (pipe(7)). */
const ATOMIC = 4096;
const NEWLINE = 0x0a;
/**
 * Octets of an unfinished line that Deno keeps, as Rust's `LineWriter` does,
 * where it cannot write them at once; with the next ones it tries again.
 */
const KEPT = 1024;
const NOTHING = new Uint8Array();

/**
 * Writes all of some octets. Where a non-blocking output has no room, it waits.
 * It does so in pieces, for Deno does not tell how much of a greater one, or of
 * the lines in one and what follows them, had been written before.
 *
 * @throws {OutputStuck} if the script is to end, and it takes too long
 */
async function write(
  output: Pick<typeof Deno.stdout, "write">,
  octets: Uint8Array,
): Promise<void> {
  let left = octets;
  const writeAll = async () => {
    let isKept = false;
    while (left.length > 0 || isKept) {
      const piece = isKept ? NOTHING : firstPiece(left);
      try {
        left = left.subarray(await output.write(piece));
        isKept = false;
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        if (piece.length < KEPT && piece.at(-1) !== NEWLINE) {
          isKept = true;
          left = left.subarray(piece.length);
        }
        await delay(RETRY_MS);
      }
    }
  };
  await inTime(writeAll(), () => left.length);
}

/** As many octets as are written all or not: whole lines, if there are any. */
export function firstPiece(octets: Uint8Array): Uint8Array {
  const piece = octets.subarray(0, ATOMIC);
  const end = piece.lastIndexOf(NEWLINE) + 1;
  return end === 0 ? piece : piece.subarray(0, end);
}

/**
 * Waits for something that may take for ever, such as a pipe that nobody reads;
 * but not much longer once the script is to end.
 *
 * @param progress changes while it gets on
 * @throws {OutputStuck} if it takes longer then
 */
export async function inTime<T>(
  waiting: Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  const { signal } = interrupt;
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hurry = () => {
    const before = progress();
    timer = setTimeout(() => {
      if (progress() !== before) hurry();
      else reject(new OutputStuck());
    }, LAST_WORDS_MS);
  };
  if (signal.aborted) hurry();
  else signal.addEventListener("abort", hurry);
  try {
    return await Promise.race([waiting, promise]);
  } finally {
    signal.removeEventListener("abort", hurry);
    if (timer !== undefined) clearTimeout(timer);
  }
}
