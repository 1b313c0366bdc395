/**
 * The sockets that sniffing reads: one, or several whose frames are merged in
 * the order of the kernel's timestamps.
 *
 * @module
 */

import { TimeoutExceeded } from "../socket/errors.ts";
import type { Frame } from "../socket/ring/frame.ts";
import {
  PACKET_RECEIVER_FIELDS,
  PacketReceiver,
  type PacketReceiverOptions,
} from "../socket/packet_receiver.ts";
import { onlyKnown } from "../wire/shape.ts";
import { delay } from "../socket/time.ts";

/**
 * Where to listen.
 *
 * @category Sniffing
 */
export interface SniffPlace {
  /** The interface, such as `eth0`; default all of them. */
  readonly device?: string;
  /** The network namespace, as `ip netns` names it; default this process's. */
  readonly namespace?: string;
  /**
   * What its interfaces are called by: `a` makes `a/eth0` of them. Default the
   * namespace, where there are several places.
   */
  readonly name?: string;
}

/** A frame, and the interface that it crossed. */
export interface PlacedFrame {
  readonly frame: Frame;
  readonly device: string;
}

/** Frames of one socket that are taken into memory at a time. */
const MOST = 4096;
/**
 * Longer than it takes a frame from its timestamp into a socket's queue: what
 * is older is there, wherever it crossed.
 */
const QUEUED_NS = 2_000_000n;
const HOLD_MS = 2;
/** As long as frames wait, whatever the clock does meanwhile. */
const LONGEST_MS = 100;

/** A socket of several, and what has come from it. */
interface Source {
  readonly socket: PacketReceiver;
  readonly prefix: string;
  readonly arrived: Frame[];
}

/** Opens all of them at once, and closes them together. */
export class SniffSockets implements Disposable {
  readonly #sources: Source[] = [];
  #held: PlacedFrame[] = [];
  #heldSinceMs = 0;
  /** The time up to which all frames are held. */
  #horizon = 0n;
  #failure: unknown;

  /**
   * Listens to a device, or to several places; to these cooked, unless frames
   * begin alike in all of them.
   *
   * @throws as {@linkcode PacketReceiver.open} does
   */
  constructor(
    options: PacketReceiverOptions,
    places: readonly SniffPlace[] | undefined,
  ) {
    this.#open(options, places);
    const [first, ...others] = this.#sources;
    const { linkType } = first.socket;
    if (others.every(({ socket }) => socket.linkType === linkType)) return;
    this.close();
    this.#sources.length = 0;
    this.#open({ ...options, cooked: true }, places);
  }

  /** What the frames begin with. */
  get linkType(): number {
    return this.#sources[0].socket.linkType;
  }

  /** Octets kept of each frame. */
  get snapLength(): number {
    return this.#sources[0].socket.snapLength;
  }

  /** Frames lost because they came faster than they were fetched, if told. */
  get dropped(): number | undefined {
    let dropped = 0;
    for (const { socket } of this.#sources) {
      const { dropped: more } = socket;
      if (more === undefined) return undefined;
      dropped += more;
    }
    return dropped;
  }

  /**
   * The next frames, oldest first, one at least.
   *
   * @throws as {@linkcode PacketReceiver.receiveBatch} does
   */
  async receive(options: WaitOptions): Promise<PlacedFrame[]> {
    const [only, ...others] = this.#sources;
    if (others.length > 0) return await this.#merge(options);
    return (await only.socket.receiveBatch(options)).map((frame) =>
      placed(only, frame)
    );
  }

  /** What has crossed by now and was not received, oldest first. */
  rest(): PlacedFrame[] {
    const rest = this.#held;
    for (const source of this.#sources) {
      const { socket, arrived } = source;
      const frames = [...arrived, ...socket.receiveRest()];
      rest.push(...frames.map((frame) => placed(source, frame)));
    }
    return rest.sort((a, b) => compare(a.frame, b.frame));
  }

  /** Closes all. */
  close(): void {
    for (const { socket } of this.#sources) socket.close();
  }

  /** Closes all, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #open(
    options: PacketReceiverOptions,
    places: readonly SniffPlace[] | undefined,
  ): void {
    const isOne = places === undefined || places.length <= 1;
    try {
      for (const place of places?.length ? places : [{}]) {
        const { name, ...where } = place as SniffPlace;
        const all = { ...options, ...where };
        const socket = PacketReceiver.open(
          onlyKnown<PacketReceiverOptions>(PACKET_RECEIVER_FIELDS, all),
        );
        const prefix = name ?? (isOne ? undefined : where.namespace);
        this.#sources.push({
          socket,
          prefix: prefix === undefined ? "" : `${prefix}/`,
          arrived: [],
        });
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #merge(options: WaitOptions): Promise<PlacedFrame[]> {
    const { signal } = options;
    for (;;) {
      // What is held waits no longer than a frame takes into its queue.
      if (this.#held.length === 0) {
        await this.#wait(options);
        this.#heldSinceMs = performance.now();
      } else {
        await delay(HOLD_MS, signal);
        signal.throwIfAborted();
      }
      this.#drain();
      const ready = this.#release();
      if (ready.length > 0) return ready;
    }
  }

  /** Waits until a socket has something; throws where one fails instead. */
  async #wait({ timeoutMs, signal }: WaitOptions): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const over = new AbortController();
    const waiting = AbortSignal.any([signal, over.signal]);
    const waits = this.#sources.map(async ({ socket, arrived }) => {
      try {
        const options = { timeoutMs, signal: waiting };
        arrived.push(...await socket.receiveBatch(options));
      } finally {
        over.abort();
      }
    });
    const [failed] = (await Promise.allSettled(waits)).filter((wait) =>
      wait.status === "rejected" && wait.reason !== over.signal.reason
    );
    if (failed?.status !== "rejected") return;
    if (this.#sources.every(({ arrived }) => arrived.length === 0)) {
      throw failed.reason;
    }
    if (!(failed.reason instanceof TimeoutExceeded)) {
      this.#failure = failed.reason;
    }
  }

  /** Takes what is there from every socket, oldest first. */
  #drain(): void {
    this.#horizon = BigInt(Date.now()) * 1_000_000n - QUEUED_NS;
    for (const source of this.#sources) {
      const { socket, arrived } = source;
      let isWhole = false;
      try {
        while (!isWhole && arrived.length < MOST) {
          const frames = socket.receiveNow();
          arrived.push(...frames);
          isWhole = frames.length === 0;
        }
      } catch (error) {
        this.#failure ??= error;
      }
      const last = arrived.at(-1)?.timestampNs ?? this.#horizon;
      if (!isWhole && last < this.#horizon) this.#horizon = last;
      this.#held.push(...arrived.map((frame) => placed(source, frame)));
      arrived.length = 0;
    }
    this.#held.sort((a, b) => compare(a.frame, b.frame));
  }

  /** Lets go of what nothing older can follow any more. */
  #release(): PlacedFrame[] {
    const first = this.#held.findIndex(({ frame }) =>
      frame.timestampNs > this.#horizon
    );
    // A clock that was set back is not waited for.
    const isAll = first < 0 || this.#failure !== undefined ||
      performance.now() - this.#heldSinceMs > LONGEST_MS;
    const ready = this.#held.splice(0, isAll ? this.#held.length : first);
    if (ready.length > 0) this.#heldSinceMs = performance.now();
    return ready;
  }
}

/** How long to wait, and until when. */
interface WaitOptions {
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

function compare(a: Frame, b: Frame): number {
  return a.timestampNs < b.timestampNs ? -1 : +(a.timestampNs > b.timestampNs);
}

function placed({ socket, prefix }: Source, frame: Frame): PlacedFrame {
  const device = socket.interfaceName(frame.interfaceIndex);
  return { frame, device: prefix === "" ? device : prefix + device };
}
