/**
 * The engine of `sweep`: passes over the addresses that send at a pace, and
 * beside them one loop for each family that looks at what has arrived.
 *
 * @module
 */

import type { SocketError } from "../../socket/errors.ts";
import type { RefusedPacket } from "../../socket/ring/probe_batch.ts";
import type { PacketInPlace } from "../../socket/ring/packet_in_place.ts";
import type { ProbeSocketOptions } from "../../socket/ring/probe_socket.ts";
import type { Family } from "../../wire/address.ts";
import { EchoStamp, STAMPED_LENGTH } from "./echo_stamp.ts";
import { Pace } from "../../socket/time.ts";
import type { RunContext } from "../run.ts";
import { SweepFindings, type SweepOrder } from "./sweep_findings.ts";
import { SentBook } from "./sent_book.ts";
import { sumKnown } from "./share.ts";
import type {
  SweepEvent,
  SweepResult,
  SweepShare,
  SweepState,
} from "./sweep_types.ts";
import { ADDRESS_WORDS, addressText } from "./targets.ts";
import {
  REAL_SWEEP_WORLD,
  type SweepBatch,
  type SweepLink,
  type SweepWorld,
} from "./sweep_world.ts";

/** What is to be done. */
export interface SweepPlan extends SweepOrder {
  readonly share: SweepShare & Pick<SweepState, "links">;
  readonly checkpoints: boolean;
  readonly resume: SweepState | undefined;
  readonly rate: number;
  readonly timeoutMs: number;
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
/** Turns in which all is seen that a receive buffer holds, but no endless flood. */
const LAST_TURNS = 64;
const PROGRESS_MS = 250;
const CHECKPOINT_MS = 250;

/** Sweeps, once. */
export class Sweeper {
  readonly #plan: SweepPlan;
  readonly #context: RunContext<SweepEvent>;
  readonly #world: SweepWorld;
  readonly #stamp: EchoStamp;
  readonly #pace: Pace;
  readonly #links = new Map<Family, SweepLink>();
  readonly #findings: SweepFindings;
  /** Ends the loops: all have answered, or something failed. */
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  #startMs: number;
  /** The address that is sent to. */
  readonly #sending = new Int32Array(ADDRESS_WORDS);
  #pass = 0;
  #next = 0;
  #sent = 0;
  #unsent = 0;
  /** Of a sweep that this one goes on with. */
  #droppedBefore: number | undefined = 0;
  /** What of this pass has been sent, if there are to be checkpoints. */
  #book: SentBook | undefined;
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
    this.#findings = new SweepFindings(plan, this.#stamp, {
      emit: context.emit,
      zoneName: this.#zoneName,
    });
    this.#pace = new Pace(plan.rate, world.clock.now);
    this.#startMs = world.clock.now();
    this.#signal = AbortSignal.any([context.signal, this.#end.signal]);
    const { resume } = plan;
    if (resume === undefined) return;
    ({ pass: this.#pass, place: this.#next } = resume);
    ({ sent: this.#sent, unsent: this.#unsent } = resume);
    this.#droppedBefore = resume.dropped;
    this.#startMs -= resume.durationMs;
    this.#findings.resume(resume);
  }

  /** Runs until all have answered, or the time is over, or it is ended. */
  async run(): Promise<SweepResult> {
    const { targets, total, retries, timeoutMs, socket } = this.#plan;
    const { links: _, ...share } = this.#plan.share;
    try {
      for (const family of targets.families) {
        this.#links.set(family, this.#world.open({ ...socket, family }));
      }
      const beside = Promise.all([
        this.#tellProgress(),
        this.#tellCheckpoints(),
        ...Array.from(this.#links, (link) => this.#receive(...link)),
      ]).catch((error) => {
        this.#end.abort();
        throw error;
      });
      // Told below, when what was sent last is sent.
      beside.catch(() => {});
      try {
        for (; this.#pass <= retries && !this.#signal.aborted; this.#pass++) {
          await this.#sendAll();
          // This host, and a near one, has answered already.
          await this.#readAll();
          await this.#world.clock.sleep(timeoutMs, this.#signal);
          if (this.#signal.aborted || this.#pass === retries) break;
          this.#next = 0;
        }
      } finally {
        this.#end.abort();
        await beside;
      }
      await this.#tellCheckpoint();
      return {
        ...share,
        total,
        asked: this.#pass > 0 ? total : this.#next,
        sent: this.#sent,
        unsent: this.#unsent,
        failure: this.#failure,
        alive: this.#findings.alive,
        unreachable: this.#findings.unreachable,
        refused: this.#findings.refused,
        dropped: this.#dropped,
        durationMs: this.#world.clock.now() - this.#startMs,
      };
    } finally {
      for (const link of this.#links.values()) link.close();
    }
  }

  /** One pass over all that have not answered. */
  async #sendAll(): Promise<void> {
    this.#book = this.#plan.checkpoints ? new SentBook() : undefined;
    const senders = this.#plan.rate < MANY_A_SECOND ? 1 : SENDERS;
    await Promise.all(Array.from({ length: senders }, () => this.#sendSome()));
  }

  async #sendSome(): Promise<void> {
    const batches = new Map<Family, SweepBatch>();
    for (const [family, link] of this.#links) {
      batches.set(family, link.batch(STAMPED_LENGTH));
    }
    while (this.#next < this.#plan.total && !this.#signal.aborted) {
      await this.#room();
      const room = Math.min(...batches.values().map((batch) => batch.room));
      if (room === 0) {
        await this.#readAll();
        continue;
      }
      const nowMs = this.#world.clock.now();
      const isAhead = this.#book?.isFull(nowMs);
      const allowed = isAhead ? 0 : this.#pace.take(room);
      if (allowed === 0) {
        const pauseMs = isAhead ? GATHER_MS : this.#pace.delayMs;
        await this.#world.clock.sleep(pauseMs, this.#signal);
        continue;
      }
      const entry = this.#book?.begin(this.#next, nowMs);
      this.#fill(batches, allowed);
      for (const [family, batch] of batches) {
        const { tried, refused } = await batch.send(this.#signal);
        this.#sent += tried;
        for (const packet of refused) this.#noteUnsent(packet, family);
      }
      // The signal ends waiting for room, with packets that have not left.
      if (entry !== undefined) entry.hasLeft = !this.#signal.aborted;
    }
  }

  /** What could not leave is sent and lost. */
  #noteUnsent({ address, error }: RefusedPacket, family: Family): void {
    this.#unsent++;
    this.#failure ??= error;
    const text = addressText(address, family, this.#zoneName);
    this.#context.emit({ type: "failed", address: text, error });
  }

  readonly #zoneName = (index: number): string =>
    this.#links.get(6)!.interfaceName(index);

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

  async #receive(family: Family, link: SweepLink): Promise<void> {
    while (!this.#signal.aborted) {
      const times = await this.#drain(family, link);
      // Where some came more will, and need not be waited for.
      if (times === 0) await link.readable(this.#signal);
      const pauseMs = times === DRAINS_PER_TURN ? 0 : GATHER_MS;
      await this.#world.clock.sleep(pauseMs, this.#signal);
    }
    // What came in time counts, also where there was no time to look at it.
    for (let turn = 0; turn < LAST_TURNS; turn++) {
      if (await this.#drain(family, link) < DRAINS_PER_TURN) return;
    }
  }

  /** Makes room for what comes; then others have a turn, who send just now. */
  async #readAll(): Promise<void> {
    for (const link of this.#links) await this.#drain(...link);
    await this.#world.clock.sleep(0, this.#signal);
  }

  /** Looks at what has arrived; tells how many times something was there. */
  async #drain(family: Family, link: SweepLink): Promise<number> {
    const findings = this.#findings;
    const visit = (arrival: PacketInPlace) => findings.take(arrival, family);
    for (let times = 0; times < DRAINS_PER_TURN; times++) {
      await this.#room();
      this.#stamp.readTime = this.#world.now();
      if (link.drain(visit) === 0) return times;
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

  get #dropped(): number | undefined {
    const here = this.#links.values().map(({ dropped }) => dropped);
    return sumKnown([this.#droppedBefore, ...here]);
  }

  async #tellCheckpoints(): Promise<void> {
    if (!this.#plan.checkpoints) return;
    while (!this.#signal.aborted) {
      await this.#world.clock.sleep(CHECKPOINT_MS, this.#signal);
      await this.#tellCheckpoint();
    }
  }

  /** Tells how far it is, and waits until that is kept. */
  async #tellCheckpoint(): Promise<void> {
    const book = this.#book;
    if (book === undefined) return;
    const nowMs = this.#world.clock.now();
    const place = book.doneBefore(nowMs, this.#next);
    const state = {
      ...this.#plan.share,
      pass: this.#pass,
      place,
      sent: this.#sent,
      unsent: this.#unsent,
      dropped: this.#dropped,
      durationMs: nowMs - this.#startMs,
      ...this.#findings.state,
    };
    await this.#context.tell({ type: "checkpoint", state });
    book.forget(place);
  }

  /** Waits for room, all together: a context wakes only one who waits. */
  #room(): Promise<void> {
    return this.#roomMade ??= this.#context.room().finally(() => {
      this.#roomMade = undefined;
    });
  }
}
