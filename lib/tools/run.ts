/**
 * Work that tells what happens while it goes on, and yields a result.
 *
 * @module
 */

/** What work is given to tell with, and to know when to stop. */
export interface RunContext<Event> {
  /** Tells an event. */
  emit(event: Event): void;
  /** Waits while more events than a thousand wait to be taken. */
  room(): Promise<void>;
  /** Aborted when nobody wants the rest. */
  readonly signal: AbortSignal;
}

/** Events that may wait to be taken before `room` makes the work wait. */
const ROOM = 1024;

/**
 * A run of a tool: to be iterated for its events, or awaited for its result. It
 * begins with the first of the two. Breaking out of the iteration ends it.
 *
 * Events are kept for whoever iterates; to have both, iterate first, and take
 * `result` afterwards.
 *
 * @example
 * ```ts
 * import { Run } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const run = new Run<number, string>(({ emit }) => {
 *   emit(1);
 *   emit(2);
 *   return Promise.resolve("done");
 * });
 * const events = [];
 * for await (const event of run) events.push(event);
 * assertEquals(events, [1, 2]);
 * assertEquals(await run.result, "done");
 * ```
 */
export class Run<Event, Result> implements AsyncIterable<Event> {
  readonly #work: (context: RunContext<Event>) => Promise<Result>;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  #result: Promise<Result> | undefined;
  #events: Event[] = [];
  #isIterated = false;
  #isOver = false;
  /** Wakes the iteration, or the work that waits for room. */
  #wakeIteration = () => {};
  #wakeWork = () => {};

  /**
   * Prepares a run.
   *
   * @param signal ends it from outside
   */
  constructor(
    work: (context: RunContext<Event>) => Promise<Result>,
    signal?: AbortSignal,
  ) {
    this.#work = work;
    this.#signal = signal === undefined
      ? this.#abort.signal
      : AbortSignal.any([signal, this.#abort.signal]);
  }

  /** What comes out in the end; rejects if the work fails. */
  get result(): Promise<Result> {
    return this.#result ??= this.#start();
  }

  /** The events, as they happen. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void> {
    for await (const events of this.batches()) {
      // Not `yield*`, which makes several promises more for each event.
      for (const event of events) yield event;
    }
  }

  /**
   * The events, each time all that have happened since: one at least. Where
   * they come by the thousand that takes far less time than one by one.
   *
   * @example
   * ```ts
   * import { sweep } from "raw4";
   * import { assertEquals } from "@std/assert";
   *
   * let alive = 0;
   * for await (const events of sweep(["127.0.0.0/28"]).batches()) {
   *   for (const { type } of events) if (type === "alive") alive++;
   * }
   * assertEquals(alive, 16);
   * ```
   */
  async *batches(): AsyncGenerator<readonly Event[], void> {
    this.#isIterated = true;
    const result = this.result;
    // Told below, when the events before are taken.
    result.catch(() => {});
    try {
      for (;;) {
        const events = this.#events;
        this.#events = [];
        this.#wakeWork();
        if (events.length > 0) yield events;
        if (this.#events.length > 0) continue;
        if (this.#isOver) break;
        await new Promise<void>((wake) => this.#wakeIteration = wake);
      }
      await result;
    } finally {
      this.#abort.abort();
      this.#isIterated = false;
      this.#wakeWork();
    }
  }

  async #start(): Promise<Result> {
    try {
      return await this.#work({
        emit: (event) => {
          if (!this.#isIterated) return;
          this.#events.push(event);
          this.#wakeIteration();
        },
        room: async () => {
          while (this.#isIterated && this.#events.length >= ROOM) {
            await new Promise<void>((wake) => this.#wakeWork = wake);
          }
        },
        signal: this.#signal,
      });
    } finally {
      this.#isOver = true;
      this.#wakeIteration();
    }
  }
}
