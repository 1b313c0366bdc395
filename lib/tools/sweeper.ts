/**
 * The engine of `sweep`: passes over the addresses that send at a pace, and
 * beside them one loop for each family that looks at what has arrived.
 *
 * @module
 */

import { onesComplementSum } from "../bytes/checksum.ts";
import { type Instant, plausibleNs } from "../socket/clock.ts";
import type { SocketError } from "../socket/errors.ts";
import { ERROR_TYPES } from "../socket/icmp_filter.ts";
import type { Arrival } from "../socket/probe_ring.ts";
import type { ProbeSocketOptions } from "../socket/probe_socket.ts";
import type { Family } from "../wire/address.ts";
import { icmpv4Name, icmpv6Name } from "../wire/icmp_names.ts";
import { BitSet } from "./bit_set.ts";
import { EchoStamp, STAMPED_LENGTH } from "./echo_stamp.ts";
import { Pace } from "./pace.ts";
import type { RunContext } from "./run.ts";
import type { SweepEvent, SweepResult } from "./sweep_types.ts";
import {
  REAL_SWEEP_WORLD,
  type SweepBatch,
  type SweepWire,
  type SweepWorld,
} from "./sweep_wire.ts";
import { addressText, type Targets } from "./targets.ts";

/** What is to be done. */
export interface SweepPlan {
  readonly targets: Targets;
  /** How many of them. */
  readonly total: number;
  /** The target whose turn is at each place, 0 to `total` - 1. */
  readonly indexAt: (place: number) => number;
  readonly rate: number;
  readonly waitMs: number;
  readonly retries: number;
  readonly socket: ProbeSocketOptions;
}

/** From here on one thread that sends is not enough. */
const MANY_A_SECOND = 50_000;
/** Threads that send then; on few processors one more than these helps. */
const SENDERS = 3;
/** A pause in looking, so that much is found at once. */
const GATHER_MS = 5;
/** A flood would otherwise never let a timer or a signal through. */
const DRAINS_PER_TURN = 16;
const PROGRESS_MS = 250;

/** Headers that errors quote (RFC 792, RFC 4443 §3): what is looked at. */
const ERROR_HEADER = 8;
const QUOTED = {
  4: { PROTOCOL: 9, DESTINATION: 16, SIZE: 20, ICMP: 1 },
  6: { PROTOCOL: 6, DESTINATION: 24, SIZE: 40, ICMP: 58 },
} as const;

/** Sweeps, once. */
export class Sweeper {
  readonly #plan: SweepPlan;
  readonly #context: RunContext<SweepEvent>;
  readonly #world: SweepWorld;
  readonly #stamp: EchoStamp;
  readonly #pace: Pace;
  readonly #wires = new Map<Family, SweepWire>();
  readonly #alive = new BitSet();
  readonly #unreachable = new BitSet();
  /** The moment that all times are counted from. */
  readonly #began: Instant;
  /** The same by the system's clock: whole seconds, and the rest. */
  readonly #beganSeconds: number;
  readonly #beganNanoseconds: number;
  /** Ends the loops: all have answered, or something failed. */
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #startMs: number;
  /** An address, as it is sent to, and as a reply claims it. */
  readonly #sending = new Uint8Array(16);
  readonly #claimed = new Uint8Array(16);
  /** When what arrives is read, by both clocks. */
  #seenMonotonicNs = 0;
  #seenRealtimeNs = 0;
  #next = 0;
  #sent = 0;
  #unsent = 0;
  #refused = 0;
  /** Addresses that an error has come about, and later a reply from. */
  #both = 0;
  #failure: SocketError | undefined;
  #roomMade: Promise<void> | undefined;

  constructor(
    plan: SweepPlan,
    context: RunContext<SweepEvent>,
    world: SweepWorld = REAL_SWEEP_WORLD,
  ) {
    this.#plan = plan;
    this.#context = context;
    this.#world = world;
    this.#stamp = new EchoStamp(plan.socket.identifier);
    this.#pace = new Pace(plan.rate, world.clock.now);
    this.#began = world.now();
    this.#beganSeconds = Number(this.#began.realtimeNs / 1_000_000_000n);
    this.#beganNanoseconds = Number(this.#began.realtimeNs % 1_000_000_000n);
    this.#startMs = world.clock.now();
    this.#signal = AbortSignal.any([context.signal, this.#end.signal]);
  }

  /** Runs until all have answered, or the time is over, or it is ended. */
  async run(): Promise<SweepResult> {
    const { targets, total, retries, waitMs, socket } = this.#plan;
    try {
      for (const family of targets.families) {
        this.#wires.set(family, this.#world.open({ ...socket, family }));
      }
      const beside = Promise.all([
        this.#tellProgress(),
        ...Array.from(this.#wires, (wire) => this.#receive(...wire)),
      ]).catch((error) => {
        this.#end.abort();
        throw error;
      });
      // Told below, when what was sent last is sent.
      beside.catch(() => {});
      try {
        for (let pass = 0; pass <= retries && !this.#signal.aborted; pass++) {
          await this.#sendAll();
          await this.#world.clock.sleep(waitMs, this.#signal);
        }
      } finally {
        this.#end.abort();
        await beside;
      }
      if (this.#sent === 0 && this.#failure !== undefined) throw this.#failure;
      return {
        total,
        sent: this.#sent,
        unsent: this.#unsent,
        failure: this.#failure,
        alive: this.#alive.size,
        unreachable: this.#unreachable.size - this.#both,
        refused: this.#refused,
        dropped: this.#wires.values().reduce((sum, w) => sum + w.dropped, 0),
        durationMs: this.#world.clock.now() - this.#startMs,
      };
    } finally {
      for (const wire of this.#wires.values()) wire.close();
    }
  }

  /** One pass over all that have not answered. */
  async #sendAll(): Promise<void> {
    this.#next = 0;
    const senders = this.#plan.rate < MANY_A_SECOND ? 1 : SENDERS;
    await Promise.all(Array.from({ length: senders }, () => this.#sendSome()));
  }

  async #sendSome(): Promise<void> {
    const batches = new Map<Family, SweepBatch>();
    for (const [family, wire] of this.#wires) {
      batches.set(family, wire.batch(STAMPED_LENGTH));
    }
    const [{ room }] = batches.values();
    while (this.#next < this.#plan.total && !this.#signal.aborted) {
      await this.#room();
      const allowed = this.#pace.take(room);
      if (allowed === 0) {
        await this.#world.clock.sleep(this.#pace.delayMs, this.#signal);
        continue;
      }
      this.#fill(batches, allowed);
      for (const batch of batches.values()) {
        const { sent, refused, failure } = await batch.send();
        this.#sent += sent;
        this.#unsent += refused;
        this.#failure ??= failure;
      }
    }
  }

  #fill(batches: ReadonlyMap<Family, SweepBatch>, allowed: number): void {
    const { total, targets, indexAt } = this.#plan;
    const now = this.#world.now();
    const monotonicNs = this.#monotonicNs(now);
    const realtimeNs = this.#realtimeNs(now);
    let left = allowed;
    while (left > 0 && this.#next < total) {
      const place = this.#next++;
      if (this.#alive.has(place) || this.#unreachable.has(place)) continue;
      const family = targets.write(indexAt(place), this.#sending);
      this.#stamp.write(family, this.#sending, place, monotonicNs, realtimeNs);
      batches.get(family)!.add(this.#stamp.request, this.#sending);
      left--;
    }
  }

  async #receive(family: Family, wire: SweepWire): Promise<void> {
    const visit = (arrival: Arrival) => this.#take(arrival, family);
    const drain = async () => {
      for (let i = 0; i < DRAINS_PER_TURN; i++) {
        await this.#room();
        const now = this.#world.now();
        this.#seenMonotonicNs = this.#monotonicNs(now);
        this.#seenRealtimeNs = this.#realtimeNs(now);
        if (wire.drain(visit) === 0) return;
      }
    };
    while (!this.#signal.aborted) {
      await wire.readable(this.#signal);
      await drain();
      await this.#world.clock.sleep(GATHER_MS, this.#signal);
    }
    await drain();
  }

  #take(arrival: Arrival, family: Family): void {
    const { view, bytes, start, end, source } = arrival;
    const isRight = end - start >= ERROR_HEADER &&
      // ICMPv6's the kernel has verified.
      (family === 6 ||
        onesComplementSum(bytes.subarray(start, end)) === 0xffff);
    if (!isRight) {
      this.#refused++;
    } else if (this.#isError(bytes[start], family)) {
      this.#takeError(arrival, family);
    } else {
      const place = this.#stamp.placeIn(view, start, end, family, "reply");
      if (!this.#isFrom(place, family, bytes, start, view, source)) {
        this.#refused++;
      } else if (this.#alive.add(place)) {
        // An error came first, as of a host that was still starting.
        if (this.#unreachable.has(place)) this.#both++;
        this.#tellAlive(arrival, family);
        this.#endIfAllAnswered();
      }
    }
  }

  #takeError(arrival: Arrival, family: Family): void {
    const { view, bytes, start, end, source } = arrival;
    const quoted = start + ERROR_HEADER;
    const at = QUOTED[family];
    const size = family === 4 ? (bytes[quoted] & 0xf) * 4 : at.SIZE;
    // Somebody else's errors come here, too: they are none of our business.
    if (end - quoted < at.SIZE || bytes[quoted + at.PROTOCOL] !== at.ICMP) {
      return;
    }
    const request = quoted + size;
    const place = this.#stamp.placeIn(view, request, end, family, "request");
    if (place < 0) return;
    const destination = quoted + at.DESTINATION;
    if (!this.#isFrom(place, family, bytes, request, view, destination)) {
      this.#refused++;
    } else if (!this.#alive.has(place) && this.#unreachable.add(place)) {
      const [icmpType, icmpCode] = bytes.subarray(start, start + 2);
      this.#context.emit({
        type: "unreachable",
        address: addressText(this.#claimed, family),
        from: addressText(bytes.subarray(source, source + 16), family),
        icmpType,
        icmpCode,
        description: (family === 4 ? icmpv4Name : icmpv6Name)(
          icmpType,
          icmpCode,
        ),
      });
      this.#endIfAllAnswered();
    }
  }

  #isError(type: number, family: Family): boolean {
    return (ERROR_TYPES[family] as readonly number[]).includes(type);
  }

  /**
   * Whether a message is about the request whose place it claims: the address
   * at `address` is the one of that place, and the hash is ours.
   */
  #isFrom(
    place: number,
    family: Family,
    bytes: Uint8Array,
    message: number,
    view: DataView,
    address: number,
  ): boolean {
    const { total, targets, indexAt } = this.#plan;
    if (place < 0 || place >= total) return false;
    if (targets.write(indexAt(place), this.#claimed) !== family) return false;
    const length = family === 4 ? 4 : 16;
    for (let i = 0; i < length; i++) {
      if (bytes[address + i] !== this.#claimed[i]) return false;
    }
    return this.#stamp.isOurs(view, bytes, message, family, this.#claimed);
  }

  #tellAlive(arrival: Arrival, family: Family): void {
    const received = (arrival.seconds - this.#beganSeconds) * 1e9 +
      arrival.nanoseconds - this.#beganNanoseconds;
    const { monotonicNs, realtimeNs } = this.#stamp;
    this.#context.emit({
      type: "alive",
      address: addressText(this.#claimed, family),
      roundTripMs: plausibleNs({
        passed: this.#seenMonotonicNs - monotonicNs,
        shown: this.#seenRealtimeNs - realtimeNs,
        direct: received - realtimeNs,
      }) / 1e6,
      ttl: arrival.ttl,
    });
  }

  #endIfAllAnswered(): void {
    const answered = this.#alive.size + this.#unreachable.size - this.#both;
    if (answered === this.#plan.total) this.#end.abort();
  }

  async #tellProgress(): Promise<void> {
    const { clock } = this.#world;
    while (!this.#signal.aborted) {
      await clock.sleep(PROGRESS_MS, this.#signal);
      if (this.#signal.aborted) return;
      this.#context.emit({
        type: "progress",
        sent: this.#sent,
        total: this.#plan.total,
        alive: this.#alive.size,
        elapsedMs: clock.now() - this.#startMs,
      });
    }
  }

  /** Waits for room, all together: a context wakes only one who waits. */
  #room(): Promise<void> {
    return this.#roomMade ??= this.#context.room().finally(() => {
      this.#roomMade = undefined;
    });
  }

  #monotonicNs(now: Instant): number {
    return Number(now.monotonicNs - this.#began.monotonicNs);
  }

  #realtimeNs(now: Instant): number {
    return Number(now.realtimeNs - this.#began.realtimeNs);
  }
}
