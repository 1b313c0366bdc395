/**
 * The receiving half of every socket: waiting for packets in any number of
 * ways at once, in the order in which it was asked.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { POLLIN, SK_MEMINFO_DROPS } from "../ffi/linux/numbers.ts";
import { supports } from "../ffi/supports.ts";
import type { Datagram } from "./datagram.ts";
import { SocketUnavailableError, TimeoutExceeded } from "./errors.ts";
import { interfaceName } from "./kernel/interface.ts";
import { addWatch, pollOne, removeWatch, type Watch } from "./poller.ts";
import { checkMilliseconds, nextTurn } from "./time.ts";
import { attachFilter, detachFilter } from "./filter/attach.ts";
import type { FilterInstruction } from "./filter/bpf.ts";
import { bufferState } from "./kernel/socket_options.ts";
import type { PacketInPlace } from "./ring/packet_in_place.ts";

/**
 * How long to wait.
 *
 * @category Sockets
 */
export interface ReceiveOptions {
  /** Give up after this many milliseconds, 0–2,147,483,647; default never. */
  readonly timeoutMs?: number;
  /** Give up when it is aborted; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The memory that a socket receives into. */
export interface ReceiveBuffer<Received> {
  /** Appends what is there, without waiting, and returns how many that are. */
  receive(into: Received[], past?: PastOptions): number;
}

/** How what is there is received by somebody who does not wait for it. */
export interface PastOptions {
  /** Packets at most, of which to look for one more takes time, too. */
  readonly most?: number;
  /** Takes a packet of a raw IP socket where it is; of others objects are made. */
  readonly take?: TakeInPlace;
}

/** Whether it takes a packet that it is shown. */
export type TakeInPlace = (packet: PacketInPlace) => boolean;

/** Somebody who waits for a packet. */
interface Waiter {
  /** Takes its share of what arrived. */
  deliver(): void;
  reject(reason: unknown): void;
}

/**
 * Batches handed out without a turn of the event loop in between. A flood
 * would otherwise never let a timer or a signal through.
 */
const BATCHES_PER_TURN = 16;

/**
 * A socket that packets can be received from.
 *
 * @category Sockets
 */
export abstract class ReceivingSocket<
  Received extends { readonly timestampNs: bigint } = Datagram,
> implements Disposable {
  /** The descriptor; -1 when closed. */
  #fd: number;
  #buffer: ReceiveBuffer<Received> | undefined;
  /** Received, but not yet asked for. */
  #arrived: Received[] = [];
  #waiters = new Set<Waiter>();
  #watch: Watch | undefined;
  #batchesThisTurn = 0;
  /** Of interfaces, by their index. */
  readonly #names = new Map<number, string>();

  /** Takes a descriptor over; {@linkcode ReceivingSocket.close} closes it. */
  protected constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * The memory to receive into, made when it is first needed.
   *
   * @ignore
   */
  protected abstract newBuffer(): ReceiveBuffer<Received>;

  /** The descriptor, for a system call. Throws once the socket is closed. */
  protected get fd(): number {
    if (this.#fd >= 0) return this.#fd;
    throw new SocketUnavailableError();
  }

  /** Whether the socket was closed. */
  get isClosed(): boolean {
    return this.#fd < 0;
  }

  /**
   * The next packet. Any number of calls may wait at once; they are served in
   * their order.
   *
   * @throws {TimeoutExceeded} when `timeoutMs` has passed
   * @throws {SocketUnavailableError} if the socket is, or gets, closed
   * @throws {SocketError} if the system reports an error
   */
  receive(options: ReceiveOptions = {}): Promise<Received> {
    return this.#receive(options, () => this.#arrived.shift()!);
  }

  /**
   * All packets that are there, one at least: the way to keep up with a flood.
   *
   * @throws as {@linkcode ReceivingSocket.receive} does
   */
  receiveBatch(options: ReceiveOptions = {}): Promise<Received[]> {
    return this.#receive(options, () => this.#takeArrived());
  }

  /**
   * All packets that are there now, perhaps none. Does not wait.
   *
   * @throws {SocketUnavailableError} if the socket is closed
   * @throws {SocketError} if the system reports an error
   */
  receiveNow(): Received[] {
    this.#serveFirst();
    if (this.#waiters.size > 0 || !this.#fetch()) return [];
    return this.#takeArrived();
  }

  /**
   * The same, also where others wait for packets: they go on waiting, for what
   * comes later.
   *
   * @ignore for the tools' own use
   */
  receivePast(options?: PastOptions): Received[] {
    return this.#fetch(options) ? this.#takeArrived() : [];
  }

  /**
   * All packets that have come by now, and none of those that come meanwhile:
   * what is left to tell when somebody wants to hear no more.
   *
   * @ignore for the tools' own use
   */
  receiveRest(): Received[] {
    const nowNs = BigInt(Date.now() + 1) * 1_000_000n;
    const rest: Received[] = [];
    for (;;) {
      const batch = this.receiveNow();
      rest.push(...batch);
      const last = batch.at(-1);
      if (last === undefined || last.timestampNs > nowNs) return rest;
    }
  }

  /**
   * The next packet, blocking the whole thread until it is there.
   *
   * @throws as {@linkcode ReceivingSocket.receive} does
   */
  receiveSync({ timeoutMs }: { timeoutMs?: number } = {}): Received {
    checkMilliseconds("timeoutMs", timeoutMs);
    const deadline = performance.now() + (timeoutMs ?? Infinity);
    for (;;) {
      this.#serveFirst();
      if (this.#waiters.size === 0 && this.#fetch()) {
        return this.#arrived.shift()!;
      }
      const leftMs = Math.ceil(deadline - performance.now());
      if (timeoutMs !== undefined && leftMs <= 0) {
        throw new TimeoutExceeded(timeoutMs);
      }
      // Interrupted or not: the loop looks what there is.
      pollOne(this.fd, POLLIN, timeoutMs === undefined ? -1 : leftMs);
    }
  }

  /**
   * Hands what is there to those who wait, who otherwise get it when this
   * process is told of it: perhaps later than what a timer does.
   *
   * @ignore for the tools' own use
   */
  async handOut(): Promise<void> {
    this.#serveFirst();
    await nextTurn();
  }

  /** Every packet, one by one, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Received, void> {
    try {
      while (!this.isClosed) yield await this.receive();
    } catch (error) {
      if (!(error instanceof SocketUnavailableError)) throw error;
    }
  }

  /** The name of an interface of the socket's namespace, or its number. */
  interfaceName(index: number): string {
    const known = this.#names.get(index);
    if (known !== undefined) return known;
    const name = interfaceName(index, this.fd) ?? `${index}`;
    this.#names.set(index, name);
    return name;
  }

  /**
   * Packets that the kernel threw away because nobody fetched them in time and
   * the receive buffer was full, since the socket was opened. Unknown where the
   * system does not count them. Linux 6.18 counts for a raw socket, too, what a
   * filter would have discarded: of echoes on loopback also the requests.
   */
  get dropped(): number | undefined {
    return supports.dropCounter ? this.memory(SK_MEMINFO_DROPS) : undefined;
  }

  /** One of the numbers that the kernel keeps about the socket's buffers. */
  protected memory(index: number): number {
    return bufferState(this.fd, index);
  }

  /**
   * Lets the kernel discard the packets that a classic BPF program returns 0
   * for, before they wake this process. An IPv4 raw socket's program sees the
   * packet from its IP header on. Packets that came before stay.
   *
   * @param program 1–4,096 instructions, as `tcpdump -dd` lists them
   * @throws {RangeError} if a number is out of range
   * @throws {SocketError} if the kernel refuses the program
   */
  attachFilter(program: readonly FilterInstruction[]): void {
    attachFilter(this.fd, program);
  }

  /** Lets every packet through again. */
  detachFilter(): void {
    detachFilter(this.fd);
  }

  /** Closes the socket; whoever waits for a packet is told at once. */
  close(): void {
    if (this.isClosed) return;
    this.#stopWatching();
    libc().close(this.#fd);
    this.#fd = -1;
    this.#arrived = [];
    this.#buffer = undefined;
    for (const waiter of this.#waiters) {
      waiter.reject(new SocketUnavailableError());
    }
    this.#waiters.clear();
  }

  /** Closes the socket, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #receive<T>(options: ReceiveOptions, take: () => T): Promise<T> {
    const { timeoutMs, signal } = options;
    checkMilliseconds("timeoutMs", timeoutMs);
    signal?.throwIfAborted();
    const mayFetch = this.#batchesThisTurn < BATCHES_PER_TURN;
    if (this.#waiters.size === 0 && (mayFetch || this.#arrived.length > 0)) {
      if (this.#fetch()) return take();
    } else if (this.isClosed) {
      throw new SocketUnavailableError();
    }
    return await this.#wait(timeoutMs, signal, take);
  }

  #wait<T>(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    take: () => T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      // The first timer that a process touches costs it milliseconds.
      if (timer !== undefined) clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiters.delete(waiter);
      if (this.#waiters.size === 0) this.#stopWatching();
    };
    const waiter: Waiter = {
      deliver() {
        settle();
        resolve(take());
      },
      reject(reason) {
        settle();
        reject(reason);
      },
    };
    const onAbort = () => waiter.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => {
        // What is there this process may not have been told of yet.
        this.#serveFirst();
        if (!this.#waiters.has(waiter)) return;
        waiter.reject(new TimeoutExceeded(timeoutMs));
      }, timeoutMs);
    }
    this.#waiters.add(waiter);
    this.#startWatching();
    return promise;
  }

  #takeArrived(): Received[] {
    const batch = this.#arrived;
    this.#arrived = [];
    return batch;
  }

  /** Whether a packet is at hand, fetched just now if need be. */
  #fetch(past?: PastOptions): boolean {
    if (this.#arrived.length > 0) return true;
    this.#buffer ??= this.newBuffer();
    this.#batchesThisTurn++;
    return this.#buffer.receive(this.#arrived, past) > 0;
  }

  /** Serves those who wait already, before somebody who does not. */
  #serveFirst(): void {
    if (this.#waiters.size === 0) return;
    this.#stopWatching();
    this.#serve();
  }

  #serve(): void {
    this.#watch = undefined;
    this.#batchesThisTurn = 0;
    for (const waiter of this.#waiters) {
      try {
        if (!this.#fetch()) break;
      } catch (error) {
        waiter.reject(error);
        continue;
      }
      waiter.deliver();
    }
    if (this.#waiters.size > 0) this.#startWatching();
  }

  #startWatching(): void {
    if (this.#watch !== undefined) return;
    this.#watch = {
      fd: this.fd,
      events: POLLIN,
      ready: () => this.#serve(),
      failed: (error) => {
        this.#watch = undefined;
        for (const waiter of this.#waiters) waiter.reject(error);
      },
    };
    addWatch(this.#watch);
  }

  #stopWatching(): void {
    if (this.#watch === undefined) return;
    removeWatch(this.#watch);
    this.#watch = undefined;
  }
}
