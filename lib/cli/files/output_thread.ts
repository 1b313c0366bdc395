/**
 * Standard output for a script that has much to say: a thread writes it, which
 * may wait in a system call, and so needs no promise for every few lines.
 *
 * @module
 */

import { firstPiece, inTime, print, printOctets } from "../output.ts";

/** Octets from which on a thread is worth its start, some hundredth of a second. */
const MUCH = 2 ** 21;
/** Of one text, from which on it is worth a message: that costs a dozen writes. */
const LONG = 2 ** 17;

const encoder = new TextEncoder();

/** Writes texts of whole lines to standard output, one after the other. */
export class OutputThread {
  #printed = 0;
  /** For octets; it comes back each time, since new room takes longer. */
  #room = new Uint8Array();
  #worker: Worker | undefined;
  /** How far it has come. */
  readonly #written = new Int32Array(new SharedArrayBuffer(4));

  /** @throws as {@linkcode print} does */
  async print(text: string): Promise<void> {
    this.#printed += text.length;
    if (this.#printed < MUCH || text.length < LONG) return await print(text);
    // UTF-8 has three octets at most for what is one of a string's length.
    const length = 3 * text.length;
    const room = this.#room.length < length
      ? new Uint8Array(length)
      : this.#room;
    const { written } = encoder.encodeInto(text, room);
    const rest = await inTime(
      this.#write(room.subarray(0, written)),
      () => Atomics.load(this.#written, 0),
    );
    // Who writes it finds what was in the way.
    await printOctets(rest);
    this.#room = new Uint8Array(rest.buffer);
  }

  /**
   * Has the thread write octets, which are taken away, as far as that goes.
   *
   * @returns the rest
   */
  #write(octets: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const ends: number[] = [];
    for (let end = 0; end < octets.length; ends.push(end)) {
      end += firstPiece(octets.subarray(end)).length;
    }
    const { promise, resolve } = Promise.withResolvers<
      Uint8Array<ArrayBuffer>
    >();
    this.#worker ??= new Worker(THREAD, { type: "module" });
    this.#worker.onmessage = ({ data }) => resolve(data);
    const message = { octets, ends, written: this.#written };
    this.#worker.postMessage(message, [octets.buffer]);
    return promise;
  }
}

const THREAD = `data:text/javascript,${
  encodeURIComponent(`
onmessage = ({ data: { octets, ends, written } }) => {
  let start = 0;
  try {
    for (const end of ends) {
      start += Deno.stdout.writeSync(octets.subarray(start, end));
      Atomics.store(written, 0, start);
      if (start < end) break;
    }
  } catch { /* Whoever writes the rest is told, too. */ }
  postMessage(octets.subarray(start), [octets.buffer]);
};`)
}`;
