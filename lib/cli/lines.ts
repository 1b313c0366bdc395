/**
 * Lines for standard output that come in great numbers: what comes in one turn
 * of the event loop is written at once.
 *
 * @module
 */

import { print } from "./script.ts";

/** Lines that wait at most: of more, many would outlive a garbage collection. */
const MANY = 1024;

/** Gathers lines, and writes them soon. */
export class Lines {
  readonly #waiting: string[] = [];
  readonly #status: StatusLine;
  /** Why writing has failed, to be told to whoever adds the next line. */
  #failure: unknown;

  /** @param status is taken away before anything is written */
  constructor(status: StatusLine) {
    this.#status = status;
  }

  /**
   * Adds a line; `undefined` is none.
   *
   * @throws as {@linkcode Lines.flush} does
   */
  add(line: string | undefined): void {
    if (line === undefined) return;
    if (this.#waiting.length === 0) setImmediate(() => this.#flushLater());
    this.#waiting.push(line);
    if (this.#waiting.length === MANY) this.flush();
  }

  /**
   * Writes what waits.
   *
   * @throws as {@linkcode print} does, also about what was written before
   */
  flush(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#status.clear();
    if (this.#waiting.length === 0) return;
    const text = `${this.#waiting.join("\n")}\n`;
    this.#waiting.length = 0;
    try {
      // Not by console.log, which leaves memory behind for each text.
      print(text);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** From here nobody could catch what is thrown. */
  #flushLater(): void {
    try {
      this.flush();
    } catch { /* It is kept. */ }
  }
}

/** A line on standard error that is written over; nothing but on a terminal. */
export class StatusLine {
  readonly #isTerminal = Deno.stderr.isTerminal();
  #isShown = false;

  /** Shows a text of less than a line. */
  show(text: string): void {
    if (!this.#isTerminal) return;
    this.#write(`\r\x1b[K${text}`);
    this.#isShown = true;
  }

  /** Takes it away, for something else to be written. */
  clear(): void {
    if (!this.#isShown) return;
    this.#write("\r\x1b[K");
    this.#isShown = false;
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
