/**
 * Work that tells what happens while it goes on, and yields a result.
 *
 * @module
 */

/** What work is given to tell with, and to know when to stop. */
export interface RunContext<Event> {
  /** Tells an event. */
  emit(event: Event): void;
  /** Whether anybody is told. */
  readonly isHeard: boolean;
  /**
   * Tells events, and ends when they have been dealt with: when the next is
   * asked for, or at once where nobody iterates. Whoever is asked for something
   * next has seen by then what became of the last.
   *
   * @throws {DOMException} `AbortError` when nobody wants the rest: it is to end
   * the work, which the end of the iteration then waits for
   */
  tell(...events: Event[]): Promise<void>;
  /** Waits while more events than a thousand wait to be taken. */
  room(): Promise<void>;
  /** Aborted when nobody wants the rest. */
  readonly signal: AbortSignal;
}

/** Events that may wait to be taken before `room` makes the work wait. */
const ROOM = 1024;

/**
 * A run of a tool: to be iterated for its events, or awaited for its result. It
 * begins with the first of the two. Breaking out of the iteration ends it; where
 * the work waited for the reader, the loop ends when it has closed what it had
 * open, and to await it rejects with an `AbortError`.
 *
 * Events are kept for whoever iterates; to have both, iterate first, and await
 * it afterwards.
 *
 * @category Runs
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
 * assertEquals(await run, "done");
 * ```
 */
export class Run<Event, Result>
  implements AsyncIterable<Event>, PromiseLike<Result> {
  readonly #work: (context: RunContext<Event>) => Promise<Result>;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  #result: Promise<Result> | undefined;
  #events: Event[] = [];
  #isIterated = false;
  #isOver = false;
  /** How many wait for what they told to be dealt with. */
  #tellers = 0;
  /** Fulfilled when the events that are taken next have been dealt with. */
  #dealt = Promise.withResolvers<void>();
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

  /** Waits for the result: what `await run` does. */
  then<Done = Result, Failed = never>(
    done?: ((result: Result) => Done | PromiseLike<Done>) | null,
    failed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.result.then(done, failed);
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
    let dealt = this.#dealt;
    try {
      for (;;) {
        const events = this.#events;
        this.#events = [];
        dealt = this.#dealt;
        this.#dealt = Promise.withResolvers();
        this.#wakeWork();
        if (events.length > 0) yield events;
        dealt.resolve();
        if (this.#events.length > 0) continue;
        if (this.#isOver) break;
        await new Promise<void>((wake) => this.#wakeIteration = wake);
      }
      await result;
    } finally {
      this.#abort.abort();
      this.#isIterated = false;
      this.#wakeWork();
      const areTold = this.#tellers > 0;
      dealt.resolve();
      this.#dealt.resolve();
      // What only emits may take as long as it likes to see the signal.
      if (areTold) await result.catch(() => {});
    }
  }

  async #start(): Promise<Result> {
    const isHeard = () => this.#isIterated;
    try {
      return await this.#work({
        get isHeard() {
          return isHeard();
        },
        emit: (event) => {
          if (!this.#isIterated) return;
          this.#events.push(event);
          this.#wakeIteration();
        },
        tell: async (...events) => {
          if (this.#isIterated && events.length > 0) {
            this.#events.push(...events);
            this.#wakeIteration();
            this.#tellers++;
            await this.#dealt.promise;
            this.#tellers--;
          }
          this.#abort.signal.throwIfAborted();
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
      // Whatever of it still goes on, such as after a failure, is to end.
      this.#abort.abort();
      this.#wakeIteration();
    }
  }
}
