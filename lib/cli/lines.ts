/**
 * Lines for standard output that come in great numbers: what comes in one turn
 * of the event loop is written at once.
 *
 * @module
 */

/** Lines that wait at most, so that they never outlive a garbage collection. */
const MANY = 256;

/** Gathers lines, and writes them soon. */
export class Lines {
  readonly #waiting: string[] = [];
  readonly #status: StatusLine;

  /** @param status is taken away before anything is written */
  constructor(status: StatusLine) {
    this.#status = status;
  }

  /** Adds a line; `undefined` is none. */
  add(line: string | undefined): void {
    if (line === undefined) return;
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    this.#waiting.push(line);
    if (this.#waiting.length === MANY) this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    this.#status.clear();
    if (this.#waiting.length === 0) return;
    // Not by console.log, which leaves memory behind for each text.
    let rest = new TextEncoder().encode(`${this.#waiting.join("\n")}\n`);
    try {
      while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
    } catch (error) {
      // Whoever reads has seen enough, as `head` does.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
    this.#waiting.length = 0;
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
