/**
 * Lines for standard output that come in great numbers: what comes in one turn
 * of the event loop is written at once.
 *
 * @module
 */

/** Gathers lines, and writes them soon. */
export class Lines {
  #waiting: string[] = [];

  /** Adds a line. */
  add(line: string): void {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    this.#waiting.push(line);
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#waiting.length > 0) console.log(this.#waiting.join("\n"));
    this.#waiting = [];
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
