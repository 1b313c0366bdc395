/**
 * The engine of `sweep`: passes over the addresses that send at a pace, and
 * beside them one loop for each family that looks at what has arrived.
 *
 * @module
 */

import type { SocketError } from "../socket/errors.ts";
import type { Arrival } from "../socket/probe_ring.ts";
import type { ProbeSocketOptions } from "../socket/probe_socket.ts";
import type { Family } from "../wire/address.ts";
import { EchoStamp, STAMPED_LENGTH } from "./echo_stamp.ts";
import { Pace } from "./pace.ts";
import type { RunContext } from "./run.ts";
import { SweepFindings, type SweepOrder } from "./sweep_findings.ts";
import type { SweepEvent, SweepResult } from "./sweep_types.ts";
import {
  REAL_SWEEP_WORLD,
  type SweepBatch,
  type SweepWire,
  type SweepWorld,
} from "./sweep_wire.ts";

/** What is to be done. */
export interface SweepPlan extends SweepOrder {
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
const DRAINS_PER_TURN = 6;
const PROGRESS_MS = 250;

/** Sweeps, once. */
export class Sweeper {
  readonly #plan: SweepPlan;
  readonly #context: RunContext<SweepEvent>;
  readonly #world: SweepWorld;
  readonly #stamp: EchoStamp;
  readonly #pace: Pace;
  readonly #wires = new Map<Family, SweepWire>();
  readonly #findings: SweepFindings;
  /** Ends the loops: all have answered, or something failed. */
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #startMs: number;
  /** The address that is sent to. */
  readonly #sending = new Int32Array(4);
  #next = 0;
  #sent = 0;
  #unsent = 0;
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
    this.#stamp = new EchoStamp(plan.socket.identifier, world.now());
    this.#findings = new SweepFindings(plan, this.#stamp, context.emit);
    this.#pace = new Pace(plan.rate, world.clock.now);
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
          // This host, and a near one, has answered already.
          for (const wire of this.#wires) await this.#drain(...wire);
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
        alive: this.#findings.alive,
        unreachable: this.#findings.unreachable,
        refused: this.#findings.refused,
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
    this.#stamp.sendTime = this.#world.now();
    let left = allowed;
    while (left > 0 && this.#next < total) {
      const place = this.#next++;
      if (this.#findings.has(place)) continue;
      const family = targets.write(indexAt(place), this.#sending);
      const batch = batches.get(family)!;
      const at = batch.add(this.#sending);
      this.#stamp.write(batch.words, at, family, place);
      left--;
    }
  }

  async #receive(family: Family, wire: SweepWire): Promise<void> {
    while (!this.#signal.aborted) {
      const times = await this.#drain(family, wire);
      // Where some came more will, and need not be waited for.
      if (times === 0) await wire.readable(this.#signal);
      const pauseMs = times === DRAINS_PER_TURN ? 0 : GATHER_MS;
      await this.#world.clock.sleep(pauseMs, this.#signal);
    }
    await this.#drain(family, wire);
  }

  /** Looks at what has arrived; tells how many times something was there. */
  async #drain(family: Family, wire: SweepWire): Promise<number> {
    const findings = this.#findings;
    const visit = (arrival: Arrival) => findings.take(arrival, family);
    for (let times = 0; times < DRAINS_PER_TURN; times++) {
      await this.#room();
      this.#stamp.readTime = this.#world.now();
      if (wire.drain(visit) === 0) return times;
      if (findings.isComplete) this.#end.abort();
    }
    return DRAINS_PER_TURN;
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
        alive: this.#findings.alive,
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
}
