/**
 * A middlebox: it stands in a cable, and what it passes on is late, lost,
 * double or out of order.
 *
 * Where a kernel has netem, that does the same; many have not.
 *
 * @module
 */

import { PacketSocket } from "../../socket/packet_socket.ts";
import { SocketError, SocketUnavailableError } from "../../socket/errors.ts";
import { type Clock, REAL_CLOCK } from "../../socket/time.ts";
import {
  ImpairedLine,
  type Impairment,
  type ImpairmentCounts,
} from "./impairment.ts";

/** One end of a cable. */
export interface CableEnd {
  /** Frames as they come, several at a time, until it is closed. */
  arrivals(): AsyncIterable<Uint8Array[]>;
  /** Puts a frame on it, if it takes it. */
  send(frame: Uint8Array): void;
  close(): void;
}

/**
 * A box, by the names of the two interfaces that it stands between.
 *
 * @category Labs
 */
export interface MiddleboxOptions extends Impairment {
  /** The interface nearer to the beginning of the way, and the other one. */
  readonly devices: readonly [string, string];
  /** The network namespace that the interfaces are in. */
  readonly namespace?: string;
}

/**
 * A box at work, from when it is made until it is closed.
 *
 * @category Labs
 */
export class Middlebox implements Disposable {
  /** Settles when it works no more; rejects if a cable fails. */
  readonly finished: Promise<void>;
  readonly #ends: readonly [CableEnd, CableEnd];
  readonly #clock: Clock;
  readonly #lines: readonly [ImpairedLine, ImpairedLine];
  readonly #closing = new AbortController();

  /** Stands between two ends. */
  constructor(
    ends: readonly [CableEnd, CableEnd],
    impairment: Impairment,
    clock: Clock,
  ) {
    this.#ends = ends;
    this.#clock = clock;
    this.#lines = [
      new ImpairedLine(impairment, 0),
      new ImpairedLine(impairment, 1),
    ];
    const [near, far] = ends;
    const [there, back] = this.#lines;
    this.finished = Promise.all([
      this.#carry(near, there, far),
      this.#carry(far, back, near),
    ]).then(() => {});
    // Whoever does not ask is not ended by it.
    this.finished.catch(() => this.close());
  }

  /**
   * Stands between two interfaces of this machine. Needs root or CAP_NET_RAW.
   *
   * @throws as {@linkcode PacketSocket.open} does
   */
  static open(
    { devices, namespace, ...impairment }: MiddleboxOptions,
  ): Middlebox {
    const near = new DeviceEnd(devices[0], namespace);
    try {
      const far = new DeviceEnd(devices[1], namespace);
      return new Middlebox([near, far], impairment, REAL_CLOCK);
    } catch (error) {
      near.close();
      throw error;
    }
  }

  /** What became of the packets there, and of those back. */
  get counts(): readonly [there: ImpairmentCounts, back: ImpairmentCounts] {
    const [there, back] = this.#lines;
    return [{ ...there.counts }, { ...back.counts }];
  }

  /** Passes nothing on any more. */
  close(): void {
    this.#closing.abort();
    for (const end of this.#ends) end.close();
  }

  /** Closes it, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #carry(
    from: CableEnd,
    line: ImpairedLine,
    to: CableEnd,
  ): Promise<void> {
    const { signal } = this.#closing;
    const clock = this.#clock;
    /** When somebody will look next. */
    let wakeMs = Infinity;
    const passOn = () => {
      if (signal.aborted) return;
      for (const frame of line.due(clock.now())) to.send(frame);
      const { nextMs } = line;
      if (nextMs >= wakeMs) return;
      wakeMs = nextMs;
      clock.sleep(Math.max(0, nextMs - clock.now()), signal).then(() => {
        if (wakeMs === nextMs) wakeMs = Infinity;
        passOn();
      });
    };
    for await (const frames of from.arrivals()) {
      for (const frame of frames) line.take(frame, clock.now());
      passOn();
    }
  }
}

/** As long as an Ethernet frame may be, and a VLAN tag. */
const SNAP_LENGTH = 1600;

/** The end of a cable at an interface of this machine. */
class DeviceEnd implements CableEnd {
  readonly #socket: PacketSocket;

  constructor(device: string, namespace: string | undefined) {
    this.#socket = PacketSocket.open({
      device,
      namespace,
      promiscuous: true,
      snapLength: SNAP_LENGTH,
    });
  }

  async *arrivals(): AsyncGenerator<Uint8Array[], void> {
    try {
      while (!this.#socket.isClosed) {
        const frames = await this.#socket.receiveBatch();
        // Not what this machine itself puts on the cable.
        yield frames.filter(({ direction, truncated }) =>
          direction !== "outgoing" && !truncated
        ).map(({ bytes }) => bytes);
      }
    } catch (error) {
      if (!(error instanceof SocketUnavailableError)) throw error;
    }
  }

  send(frame: Uint8Array): void {
    try {
      this.#socket.send(frame);
    } catch (error) {
      // The other end is down, or the frame too long: a cable says nothing.
      if (!(error instanceof SocketError)) throw error;
    }
  }

  close(): void {
    this.#socket.close();
  }
}
