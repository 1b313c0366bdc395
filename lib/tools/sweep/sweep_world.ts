/**
 * What sweeping needs of the network and of time: behind an interface, so that
 * it runs against a made-up network and clock, too.
 *
 * @module
 */

import { type Instant, readClocks } from "../../socket/kernel/clock.ts";
import type { BatchOutcome } from "../../socket/ring/probe_batch.ts";
import type { PacketInPlace } from "../../socket/ring/packet_in_place.ts";
import {
  ProbeSocket,
  type ProbeSocketOptions,
} from "../../socket/ring/probe_socket.ts";
import { type Clock, REAL_CLOCK } from "../../socket/time.ts";

/** Packets that are sent together. */
export interface SweepBatch {
  /** Packets that still find room, and whose answers do. */
  readonly room: number;
  /** The memory that messages are written to. */
  readonly words: Int32Array<ArrayBuffer>;
  /**
   * Adds a packet to an address as targets write it; tells where in `words` the message is to be written,
   * from the ICMP header on.
   */
  add(address: Int32Array): number;
  /** Sends what was added, and makes room; the signal ends waiting for it. */
  send(signal: AbortSignal): Promise<BatchOutcome>;
}

/** Sends packets of one family, and shows what arrives. */
export interface SweepLink {
  /** Packets thrown away because nobody fetched them in time, if known. */
  readonly dropped: number | undefined;
  /** Room for packets of `length` octets. */
  batch(length: number): SweepBatch;
  /** Shows what is there, some hundreds at most; tells how many it were. */
  drain(visit: (arrival: PacketInPlace) => void): number;
  /** The name of an interface, by its index. */
  interfaceName(index: number): string;
  /** Waits until something is there, or the signal is aborted. */
  readable(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The world that a sweep works in. */
export interface SweepWorld {
  open(options: ProbeSocketOptions): SweepLink;
  readonly clock: Clock;
  /** Both clocks, as the time stamps of what arrives are to be compared. */
  now(): Instant;
}

/** The real network, and real time. */
export const REAL_SWEEP_WORLD: SweepWorld = {
  open: (options) => ProbeSocket.open(options),
  clock: REAL_CLOCK,
  now: readClocks,
};
