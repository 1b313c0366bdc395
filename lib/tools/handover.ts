/**
 * Events that several things going on at once hand over to one reader.
 *
 * @module
 */

/** An event on its way to whoever reads them. */
interface Told<Event> {
  readonly event: Event;
  /** To be called when it has been dealt with. */
  readonly done: () => void;
}

/**
 * Each event waits until the reader has dealt with it; to be read once. Unlike
 * those of a `Run`, none is kept: what is told next happens afterwards.
 */
export class Handover<Event> implements AsyncIterable<Event> {
  readonly #stream = new TransformStream<Told<Event>, Told<Event>>();
  readonly #events = this.#stream.writable.getWriter();
  readonly #left = new AbortController();

  /** Aborted when nobody wants the rest. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /**
   * Ends when the event has been dealt with: whoever is asked for something
   * next has seen by then what became of the last. Throws when nobody wants
   * the rest.
   */
  async tell(event: Event): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    await this.#events.write({ event, done: resolve });
    await promise;
    this.#left.signal.throwIfAborted();
  }

  /** The reader gets no more. */
  end(): Promise<void> {
    return this.#events.close();
  }

  /** Does something meanwhile; the reader is thrown what it fails with. */
  meanwhile(work: () => Promise<void>): void {
    work().catch((error) => this.#events.abort(error).catch(() => {}));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void> {
    let acknowledge = () => {};
    try {
      for await (const { event, done } of this.#stream.readable) {
        acknowledge = done;
        yield event;
        done();
      }
    } finally {
      // Whoever reads may leave early: that ends all that tells.
      this.#left.abort();
      acknowledge();
    }
  }
}
