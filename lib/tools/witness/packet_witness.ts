/**
 * A witness to packets of our own: sees them leave, and in a lab arrive.
 *
 * @module
 */

import {
  SocketUnavailableError,
  TimeoutExceeded,
} from "../../socket/errors.ts";
import type { Frame } from "../../socket/ring/frame.ts";
import { type LabHost, labHosts } from "../../socket/kernel/lab_hosts.ts";
import {
  PacketReceiver,
  type PacketReceiverOptions,
} from "../../socket/packet_receiver.ts";
import { type NextHop, nextHopTo } from "../../socket/kernel/rtnetlink.ts";
import { checkMilliseconds, delay } from "../../socket/time.ts";
import type { SeenFrame } from "../../compare/seen_packets.ts";

/** Frames kept: what a flood of others can take at most. */
const MOST = 4096;

/** Where packets are watched, and by whom. */
export interface Post {
  /** The host in the lab; absent for this host. */
  readonly host?: string;
  /** Its network namespace; absent for this process's. */
  readonly namespace?: string;
  /** What was seen, oldest first. */
  readonly frames: readonly SeenFrame[];
}

/** What is watched. */
export interface WitnessOptions {
  readonly namespace?: string;
  readonly everywhere?: boolean;
}

/** Watches from when it is opened until it is closed. */
export class PacketWitness implements Disposable {
  /** The kernel's decision on packets to the destination. */
  readonly route: NextHop;
  /** This host, at the interface that they leave by; absent without a route. */
  readonly here?: Post;
  /** The host of the lab that has the destination, if this is a lab. */
  readonly there?: Post;
  /** All other hosts of the lab that are watched, that one included. */
  readonly others: readonly Post[] = [];
  readonly #watched: { socket: PacketReceiver; frames: SeenFrame[] }[] = [];
  #wake = () => {};
  #failure: unknown;

  /**
   * @param options `namespace`: packets leave this network namespace;
   * `everywhere`: watch all hosts of the lab, not only the one that has the
   * destination
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketError} if the system refuses anything else
   */
  constructor(
    destination: string,
    { namespace, everywhere = false }: WitnessOptions = {},
  ) {
    this.route = nextHopTo(destination, { namespace });
    const { device, gateway, type } = this.route;
    try {
      if (device !== undefined) {
        // The questions for a router are about its address, and replies to a
        // broadcast come from any.
        const hosts = [destination, gateway].filter((host) =>
          host !== undefined
        );
        const filters = hosts.map((host) => ({ host }));
        this.here = this.#watch(
          { device, namespace },
          isForMany(this.route) ? [undefined] : filters,
        );
      }
      const hosts = type === "local" ? [] : labHosts(namespace);
      const isThere = (host: LabHost) =>
        nextHopTo(destination, host).type === "local";
      const receiver = hosts.find(isThere);
      this.others = hosts
        .filter((host) => everywhere ? !host.isOwn : host === receiver)
        .map(({ host, namespace }) => ({
          host,
          ...this.#watch({ namespace }, [undefined]),
        }));
      this.there = this.others.find(({ host }) => host === receiver?.host);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Waits until something holds of what was seen.
   *
   * @returns whether it does; false after `timeoutMs`, or when it is aborted
   * @throws {RangeError} if `timeoutMs` is not from 0 to 2,147,483,647
   * @throws {SocketError} if a socket failed
   */
  async until(
    holds: () => boolean,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<boolean> {
    checkMilliseconds("timeoutMs", timeoutMs);
    using timer = new Timer(timeoutMs, signal);
    for (let isDrained = false;;) {
      if (holds()) return true;
      if (this.#failure !== undefined) throw this.#failure;
      if (isDrained) return false;
      if (timer.isOver) {
        // A busy process may not have been told yet of what has come in time.
        for (const { socket, frames } of this.#watched) drain(socket, frames);
        await delay(0);
        isDrained = true;
        continue;
      }
      const woken = new Promise<void>((wake) => this.#wake = wake);
      await Promise.race([woken, timer.over]);
    }
  }

  /** Has {@linkcode until} look again, when something else has happened. */
  wake(): void {
    this.#wake();
  }

  /** Has {@linkcode until} throw, unless the socket was but closed. */
  fail(error: unknown): void {
    if (error instanceof SocketUnavailableError) return;
    this.#failure = error;
    this.#wake();
  }

  /** Forgets what was seen so far. */
  forget(): void {
    for (const { frames } of this.#watched) frames.splice(0);
  }

  /** Ends watching. */
  close(): void {
    for (const { socket } of this.#watched) socket.close();
  }

  /** Ends watching, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #watch(
    options: PacketReceiverOptions,
    filters: readonly PacketReceiverOptions["filter"][],
  ): Post {
    const frames: SeenFrame[] = [];
    for (const filter of filters) {
      const socket = PacketReceiver.open({ ...options, filter });
      this.#watched.push({ socket, frames });
      this.#pump(socket, frames).catch((error) => this.fail(error));
    }
    return { namespace: options.namespace, frames };
  }

  async #pump(
    socket: PacketReceiver,
    frames: SeenFrame[],
  ): Promise<void> {
    for (;;) {
      for (const frame of await socket.receiveBatch()) {
        frames.push(seenBy(socket, frame));
      }
      frames.splice(0, frames.length - MOST);
      this.#wake();
    }
  }
}

function seenBy(socket: PacketReceiver, frame: Frame): SeenFrame {
  return { frame, device: socket.interfaceName(frame.interfaceIndex) };
}

/** Hands what is there to whoever waits for it, or keeps it. */
function drain(socket: PacketReceiver, frames: SeenFrame[]): void {
  try {
    for (;;) frames.push(seenBy(socket, socket.receiveSync({ timeoutMs: 0 })));
  } catch (error) {
    if (!(error instanceof TimeoutExceeded)) throw error;
  }
}

/** Whether a route leads to many hosts at once. */
export function isForMany({ type }: NextHop): boolean {
  return type === "broadcast" || type === "multicast";
}

/** A time that passes, unless nobody waits for it any more. */
class Timer implements Disposable {
  readonly #end = new AbortController();
  isOver = false;
  readonly over: Promise<void>;

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    const ends = signal === undefined
      ? this.#end.signal
      : AbortSignal.any([this.#end.signal, signal]);
    this.over = delay(timeoutMs, ends).then(() => {
      this.isOver = true;
    });
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }
}
