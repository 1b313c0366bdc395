/**
 * A witness to packets of our own: sees them leave, and in a lab arrive.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { SocketUnavailableError, TimeoutExceeded } from "../socket/errors.ts";
import type { Frame } from "../socket/frame.ts";
import { type LabHost, labHosts } from "../socket/lab_hosts.ts";
import {
  PacketSocket,
  type PacketSocketOptions,
} from "../socket/packet_socket.ts";
import { type NextHop, nextHopTo } from "../socket/rtnetlink.ts";
import { checkMilliseconds } from "../socket/timeout.ts";
import { dissect } from "../wire/dissect.ts";
import { PacketError } from "../wire/errors.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4.ts";
import type { GivenPacket } from "./forged_packet.ts";

/** Frames kept: what a flood of others can take at most. */
const MOST = 4096;

/** An IPv4 packet in a frame that was seen. */
export interface SeenPacket extends SeenFrame {
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  /** Its header. */
  readonly header: IPv4Header;
  /** What it carries. */
  readonly payload: Uint8Array;
}

/** Where packets are watched, and by whom. */
export interface Post {
  /** The host in the lab; absent for this host. */
  readonly host?: string;
  /** Its network namespace; absent for this process's. */
  readonly namespace?: string;
  /** What was seen, oldest first. */
  readonly frames: readonly SeenFrame[];
}

/** A frame, and the interface that it crossed. */
export interface SeenFrame {
  /** The frame. */
  readonly frame: Frame;
  /** The interface. */
  readonly device: string;
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
  readonly #watched: { socket: PacketSocket; frames: SeenFrame[] }[] = [];
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
    options: PacketSocketOptions,
    filters: readonly PacketSocketOptions["filter"][],
  ): Post {
    const frames: SeenFrame[] = [];
    for (const filter of filters) {
      const socket = PacketSocket.open({ ...options, filter });
      this.#watched.push({ socket, frames });
      this.#pump(socket, frames).catch((error) => this.fail(error));
    }
    return { namespace: options.namespace, frames };
  }

  async #pump(
    socket: PacketSocket,
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

function seenBy(socket: PacketSocket, frame: Frame): SeenFrame {
  return { frame, device: socket.interfaceName(frame.interfaceIndex) };
}

/** Hands what is there to whoever waits for it, or keeps it. */
function drain(socket: PacketSocket, frames: SeenFrame[]): void {
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

/** What a post saw of one direction, as far as it is IPv4. */
export function packetsSeen(post: Post, direction: "in" | "out"): SeenPacket[] {
  return post.frames.flatMap(({ frame, device }) => {
    // Loopback shows what is sent as it comes in.
    const isOut = frame.direction === "outgoing" || device === "lo";
    const isWanted = direction === "out" ? isOut : !isOut || device === "lo";
    if (!isWanted) return [];
    const packet = ipv4In(frame);
    return packet === undefined ? [] : [{ frame, device, ...packet }];
  });
}

/** Whether a packet that was seen leaving is the one that was given. */
export function isSame(seen: SeenPacket, given: GivenPacket): boolean {
  const { header, payload } = given;
  return seen.header.destination === header.destination &&
    seen.header.protocol === header.protocol &&
    (!header.identification ||
      seen.header.identification === header.identification) &&
    seen.header.fragmentOffset === (header.fragmentOffset ?? 0) &&
    beginsWith(payload, seen.payload) &&
    (seen.header.moreFragments || seen.payload.length === payload.length);
}

/** Whether a packet that arrived is one that was seen leaving. */
export function hasArrived(seen: SeenPacket, left: SeenPacket): boolean {
  return seen.header.protocol === left.header.protocol &&
    seen.header.identification === left.header.identification &&
    seen.header.fragmentOffset === left.header.fragmentOffset &&
    beginsWith(left.payload, seen.payload);
}

function beginsWith(whole: Uint8Array, part: Uint8Array): boolean {
  return part.length <= whole.length &&
    part.every((octet, i) => octet === whole[i]);
}

function ipv4In(
  { bytes, linkType }: Frame,
): Pick<SeenPacket, "bytes" | "header" | "payload"> | undefined {
  const ip = dissect(bytes, { linkType }).layers.find((layer) =>
    layer.protocol === "ipv4"
  );
  if (ip === undefined) return undefined;
  try {
    const packet = bytes.subarray(ip.offset);
    const { header, payload } = decodeIPv4(packet);
    return { bytes: packet.subarray(0, header.totalLength), header, payload };
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
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
    this.over = delay(timeoutMs, { signal: ends }).catch(() => {})
      .then(() => {
        this.isOver = true;
      });
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }
}
