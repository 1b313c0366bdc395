/**
 * Names of addresses, looked up in the background.
 *
 * @module
 */

import { reverseResolve } from "../../socket/kernel/resolve.ts";

/**
 * Looked up at the same time at most: each takes a thread of Deno's while a
 * name server keeps silent, and there are 32.
 */
const AT_ONCE = 16;

/** Looks names up, each once, and waits for none of them longer than told. */
export class HostNames {
  readonly #boundMs: number;
  readonly #resolve: typeof reverseResolve;
  readonly #names = new Map<string, string | undefined>();
  readonly #asked = new Map<string, { done: Promise<void>; untilMs: number }>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param boundMs how long to wait for a name, from when it was asked for */
  constructor(boundMs: number, resolve = reverseResolve) {
    this.#boundMs = boundMs;
    this.#resolve = resolve;
  }

  /** Begins to look a name up. */
  ask(address: string): void {
    if (this.#asked.has(address)) return;
    const untilMs = performance.now() + this.#boundMs;
    this.#asked.set(address, { done: this.#lookUp(address), untilMs });
  }

  /** Waits until names are known, or have had their time. */
  async settle(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const { done, untilMs } = this.#asked.get(address) ?? DONE;
      const leftMs = untilMs - performance.now();
      if (this.#names.has(address) || leftMs <= 0) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      // Not a timer: the first that a process makes costs it milliseconds.
      const over = AbortSignal.timeout(leftMs);
      const end = () => resolve();
      over.addEventListener("abort", end);
      await Promise.race([done, promise]);
      over.removeEventListener("abort", end);
    }
  }

  /** The name, as far as it is known. */
  nameOf(address: string): string | undefined {
    return this.#names.get(address);
  }

  async #lookUp(address: string): Promise<void> {
    if (this.#running >= AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    this.#names.set(address, await this.#resolve(address));
    this.#running--;
    this.#waiting.shift()?.();
  }
}

const DONE = { done: Promise.resolve(), untilMs: 0 };
