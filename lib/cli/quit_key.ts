/**
 * Keys that end what a terminal shows live.
 *
 * @module
 */

import { system } from "../ffi/own.ts";

/** `q`, `Q`, and Ctrl-C where it is no signal. */
const QUIT = [0x71, 0x51, 0x03];

/** A key that ends a script as Ctrl-C does, while a terminal has it in view. */
export class QuitKey implements Disposable {
  readonly #controller = new AbortController();
  readonly #restore = () => Deno.stdin.setRaw(false);
  readonly #isThere = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();

  /** Aborted when `q` is pressed. */
  readonly signal = this.#controller.signal;

  /** Has keys be told as they are pressed. */
  constructor() {
    if (!this.#isThere) return;
    // Ctrl-C stays a signal, where it can.
    Deno.stdin.setRaw(true, { cbreak: system.os !== "windows" });
    globalThis.addEventListener("unload", this.#restore);
    this.#listen();
  }

  async #listen(): Promise<void> {
    const keys = new Uint8Array(16);
    for (;;) {
      const count = await Deno.stdin.read(keys).catch(() => null);
      if (count === null) return;
      const isEnd = keys.subarray(0, count).some((key) => QUIT.includes(key));
      if (isEnd) this.#controller.abort("SIGINT");
    }
  }

  /** Gives the terminal back its lines. */
  [Symbol.dispose](): void {
    if (!this.#isThere) return;
    globalThis.removeEventListener("unload", this.#restore);
    this.#restore();
  }
}
