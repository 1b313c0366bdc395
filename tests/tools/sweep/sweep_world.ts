/**
 * A made-up network and clock for sweeps: time passes when all wait for it.
 *
 * @module
 */

import { internetChecksum } from "../../../lib/bytes/checksum.ts";
import type { Instant } from "../../../lib/socket/kernel/clock.ts";
import type { SocketError } from "../../../lib/socket/errors.ts";
import type { RefusedPacket } from "../../../lib/socket/ring/probe_batch.ts";
import type { PacketInPlace } from "../../../lib/socket/ring/packet_in_place.ts";
import type { ProbeSocketOptions } from "../../../lib/socket/ring/probe_socket.ts";
import type {
  SweepBatch,
  SweepLink,
  SweepWorld,
} from "../../../lib/tools/sweep/sweep_world.ts";
import { STAMPED_LENGTH } from "../../../lib/tools/sweep/echo_stamp.ts";
import { encodeIPv4, formatIPv4, parseIPv4 } from "../../../mod.ts";

/** A request on the made-up wire, or what comes back. */
export interface Message {
  /** Where the request goes to, or where the message comes from. */
  readonly address: string;
  /** From the ICMP header on. */
  readonly bytes: Uint8Array;
  /** Of what comes back: how long that takes; default 1. */
  readonly afterMs?: number;
}

/** Answers a request: with nothing, or with any messages. */
export type Network = (request: Message) => readonly Message[];

/** The echo reply to a request. */
export function reply({ address, bytes }: Message): Message {
  const copy = bytes.slice();
  copy[0] = 0;
  return { address, bytes: withChecksum(copy) };
}

/** The same octets, with the ICMP checksum that they need. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.fill(0, 2, 4);
  new DataView(copy.buffer).setUint16(2, internetChecksum(copy));
  return copy;
}

const EPOCH_NS = 1_700_000_000_123_456_789n;

export class FakeSweepWorld implements SweepWorld {
  /** Every request sent, in order, and when. */
  readonly requests: (Message & { readonly atMs: number })[] = [];
  /** Set to move the system's clock. */
  stepNs = 0n;
  /** Why the system refuses to send to an address, if it does. */
  refuses: (address: string) => SocketError | undefined = () => undefined;
  #nowMs = 0;
  #sleepers: { atMs: number; wake: () => void }[] = [];
  #arrived: { message: Message; realtimeNs: bigint }[] = [];
  #wakeReader = () => {};
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  readonly clock = {
    now: () => this.#nowMs,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        signal.addEventListener("abort", () => resolve());
        this.#at(this.#nowMs + ms, resolve);
      }),
  };

  now(): Instant {
    const monotonicNs = BigInt(Math.round(this.#nowMs * 1e6));
    return { monotonicNs, realtimeNs: EPOCH_NS + monotonicNs + this.stepNs };
  }

  open(_options: ProbeSocketOptions): SweepLink {
    return {
      dropped: 0,
      batch: () => this.#batch(),
      drain: (visit) => this.#drain(visit),
      interfaceName: String,
      readable: (signal) =>
        new Promise((resolve) => {
          if (signal.aborted || this.#arrived.length > 0) return resolve();
          signal.addEventListener("abort", () => resolve());
          this.#wakeReader = resolve;
        }),
      close() {},
    };
  }

  #batch(): SweepBatch {
    const SLOTS = 1024;
    const WORDS = STAMPED_LENGTH / 4;
    const words = new Int32Array(SLOTS * WORDS);
    let waiting: string[] = [];
    return {
      get room() {
        return SLOTS - waiting.length;
      },
      words,
      add: (address) => {
        const octets = new DataView(address.buffer);
        return WORDS * (waiting.push(formatIPv4(octets.getUint32(0))) - 1);
      },
      send: () => {
        const sent = waiting;
        waiting = [];
        const refused: RefusedPacket[] = [];
        for (const [slot, address] of sent.entries()) {
          const error = this.refuses(address);
          if (error !== undefined) {
            const words = new Int32Array(5);
            new DataView(words.buffer).setUint32(0, parseIPv4(address));
            refused.push({ address: words, error });
            continue;
          }
          const start = slot * STAMPED_LENGTH;
          const bytes = new Uint8Array(words.buffer, start, STAMPED_LENGTH);
          const request = { address, bytes: bytes.slice() };
          this.requests.push({ ...request, atMs: this.#nowMs });
          for (const message of this.#network(request)) this.inject(message);
        }
        return Promise.resolve({ tried: sent.length, refused });
      },
    };
  }

  /** Lets a message arrive, after its time. */
  inject(message: Message): void {
    this.#at(this.#nowMs + (message.afterMs ?? 1), () => {
      this.#arrived.push({ message, realtimeNs: this.now().realtimeNs });
      this.#wakeReader();
    });
  }

  #drain(visit: (arrival: PacketInPlace) => void): number {
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const { message, realtimeNs } of arrived) {
      const packet = encodeIPv4({
        source: message.address,
        destination: "10.255.0.1",
        protocol: 1,
        ttl: 61,
      }, message.bytes);
      // As received: in memory that has room for more, and something in it.
      const bytes = new Uint8Array(256).fill(0xa5);
      bytes.set(packet);
      visit({
        bytes,
        words: new Int32Array(bytes.buffer),
        start: 20,
        end: packet.length,
        source: 12,
        ttl: bytes[8],
        seconds: Number(realtimeNs / 1_000_000_000n),
        nanoseconds: Number(realtimeNs % 1_000_000_000n),
      });
    }
    return arrived.length;
  }

  /** Time goes on to the next moment when nothing else is left to do. */
  #at(atMs: number, wake: () => void): void {
    this.#sleepers.push({ atMs, wake });
    setTimeout(() => {
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers.shift()!;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    });
  }
}
