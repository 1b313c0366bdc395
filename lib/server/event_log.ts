/**
 * What the agent told, for every page that asks, from the beginning; as much of
 * it as memory is allowed.
 *
 * @module
 */

import type { ServerMessage } from "../agent/messages.ts";

/** Octets of packets that are kept; about 200,000 small ones. */
const MOST_OCTETS = 64 * 1024 * 1024;
const PACKETS = /^\{"type":"packets","count":(\d+),/;
const encoder = new TextEncoder();

/** One line. */
interface Entry {
  /** Counted from 0, over all that there ever were. */
  readonly at: number;
  /** The line, its end included. */
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly packets: number;
  /** Packets in all lines before. */
  readonly before: number;
}

/**
 * Lines in order. Those of packets are forgotten, the oldest first, when they
 * become too many; whoever has not read them by then is told how many.
 */
export class EventLog {
  readonly #entries: Entry[] = [];
  readonly #most: number;
  #size = 0;
  #lines = 0;
  #packets = 0;
  #grown = Promise.withResolvers<void>();
  #isClosed = false;

  /** @param most octets of packets that are kept */
  constructor(most = MOST_OCTETS) {
    this.#most = most;
  }

  /** Adds a line, without its end. */
  add(line: string): void {
    const octets = encoder.encode(`${line}\n`);
    const packets = Number(PACKETS.exec(line)?.[1] ?? 0);
    const entry = { octets, packets, at: this.#lines++, before: this.#packets };
    this.#entries.push(entry);
    this.#packets += packets;
    if (packets > 0) this.#size += octets.length;
    while (this.#size > this.#most) {
      const oldest = this.#entries.findIndex(({ packets }) => packets > 0);
      this.#size -= this.#entries.splice(oldest, 1)[0].octets.length;
    }
    this.#wake();
  }

  /** Adds what the server itself has to tell. */
  tell(message: ServerMessage): void {
    this.add(JSON.stringify(message));
  }

  /** Nothing more will come: readers end. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /**
   * All lines, those to come included, as they are read: a slow reader makes
   * nobody wait, and is told how many packets it missed.
   */
  read(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let next = 0;
    let known = 0;
    let isGone = false;
    return new ReadableStream({
      pull: async (controller) => {
        while (!isGone) {
          const from = this.#entries.findLastIndex(({ at }) => at < next) + 1;
          const entries = this.#entries.slice(from);
          for (const { at, octets, packets, before } of entries) {
            if (packets > 0 && before > known) {
              const count = before - known;
              const line = `${JSON.stringify({ type: "forgotten", count })}\n`;
              controller.enqueue(encoder.encode(line));
            }
            controller.enqueue(octets);
            next = at + 1;
            if (packets > 0) known = before + packets;
          }
          if (entries.length > 0) return;
          if (this.#isClosed) return controller.close();
          await this.#grown.promise;
        }
      },
      cancel: () => {
        isGone = true;
        this.#wake();
      },
    }, { highWaterMark: 0 });
  }

  #wake(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers();
  }
}
