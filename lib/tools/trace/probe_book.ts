/**
 * The hops of a trace, the probes to each, and what has become of these.
 *
 * @module
 */

import type { SocketError } from "../../socket/errors.ts";
import { Hop, type HopAnswer, HopRecord, type ProbeFate } from "./hop.ts";
import { patienceAlone, patienceWith } from "./trace_patience.ts";
import type { TraceEvent } from "./trace_types.ts";

/** One of the probes to a hop. */
export interface Probe {
  readonly hop: TracedHop;
  /** Counted from 0. */
  readonly number: number;
  /** When it was sent, the last time. */
  sentMs: number;
  size: number;
  /** `lost` is not the last word until its hop is told. */
  fate: ProbeFate;
  /** Whether no other was on its way while it was. */
  isAlone: boolean;
}

/** A hop, and how far its probing has come. */
export interface TracedHop {
  readonly record: HopRecord;
  readonly probes: Probe[];
}

/** What is to be known of a trace, to keep the book of it. */
export interface ProbePlan {
  readonly firstHop: number;
  readonly maxHops: number;
  /** To each hop. */
  readonly probes: number;
  /** Absent, as long as {@linkcode patienceWith} says. */
  readonly timeoutMs: number | undefined;
}

/** Keeps the book, and tells what is in it. */
export class ProbeBook {
  readonly #plan: ProbePlan;
  readonly #emit: (event: TraceEvent) => void;
  readonly #now: () => number;
  readonly #hops: readonly TracedHop[];
  readonly #pending = new Set<Probe>();
  /** Hops that were told. */
  #told = 0;
  #end: number;
  /** The greatest distance known from which something goes on. */
  #passed = 0;
  /**
   * Milliseconds that a reply of the destination took at most, of which it is
   * not known what probe it is to. Since there is one, probes go out alone.
   */
  #replyMs: number | undefined;

  constructor(
    plan: ProbePlan,
    emit: (event: TraceEvent) => void,
    now: () => number,
  ) {
    this.#plan = plan;
    this.#emit = emit;
    this.#now = now;
    this.#end = plan.maxHops;
    const { firstHop, maxHops, probes } = plan;
    this.#hops = Array.from({ length: maxHops - firstHop + 1 }, (_, i) => ({
      record: new HopRecord(firstHop + i, probes),
      probes: [],
    }));
  }

  /** Probes that are waited for: neither answered nor overdue. */
  get pending(): ReadonlySet<Probe> {
    return this.#pending;
  }

  /** Whether probes go out one at a time, so that a reply can be to one only. */
  get isAlone(): boolean {
    return this.#replyMs !== undefined;
  }

  /** The least distance known from which nothing goes on. */
  get end(): number {
    return this.#end;
  }

  /** Whether all hops that there are were told. */
  get isOver(): boolean {
    return this.#told === this.#count;
  }

  /** The hops that were told. */
  get told(): Hop[] {
    return this.#hops.slice(0, this.#told).map(({ record }) => new Hop(record));
  }

  /** The hops that were not, as far as is known. */
  *left(): Generator<TracedHop> {
    for (const hop of this.#hops.slice(this.#told)) {
      if (hop.record.distance > this.#end) return;
      yield hop;
    }
  }

  /** The hop at a distance, unless it was told. */
  at(distance: number): TracedHop | undefined {
    const hop = this.#hops[distance - this.#plan.firstHop];
    return hop === undefined || this.#isTold(hop) ? undefined : hop;
  }

  /** A new probe to a hop; none if it has had all of its. */
  next(hop: TracedHop): Probe | undefined {
    const number = hop.probes.length;
    if (number === this.#plan.probes) return undefined;
    const state = { sentMs: 0, size: 0, isAlone: false };
    const probe: Probe = { hop, number, fate: "pending", ...state };
    hop.probes.push(probe);
    hop.record.packetsSent++;
    hop.record.startedMs ??= this.#now();
    return probe;
  }

  /** A probe was sent, and is waited for. */
  wait(probe: Probe): void {
    probe.fate = "pending";
    this.#pending.add(probe);
  }

  /**
   * A probe could not leave. It is lost, and takes its time as if it were so on
   * the way: by then the cable may be in again.
   */
  fail(probe: Probe, error: SocketError): void {
    const { hop: { record: { distance } }, number } = probe;
    probe.fate = "failed";
    this.#pending.add(probe);
    probe.hop.record.failure ??= error;
    this.#emit({ type: "failed", distance, probe: number + 1, error });
  }

  /** None could leave at all, so none to a farther hop will. */
  failAll(hop: TracedHop): void {
    if (hop.probes.length < this.#plan.probes) return;
    this.endAt(hop.record.distance);
    this.#pending.clear();
  }

  /** A probe was answered. */
  answer(probe: Probe, answer: HopAnswer, size: number): void {
    const { hop: { record } } = probe;
    const { distance } = record;
    if (distance > this.#end) return;
    const isDuplicate = probe.fate === "answered";
    const isLate = !isDuplicate && this.#isTold(probe.hop);
    const about = { distance, probe: probe.number + 1, isDuplicate, isLate };
    this.#emit({ type: "answer", ...about, answer });
    if (isDuplicate) record.duplicates++;
    else if (isLate) record.lateReplies++;
    else {
      probe.fate = "answered";
      this.#pending.delete(probe);
      record.addAnswer(probe.number, answer, size);
      if (answer.isFinal) this.endAt(distance);
      else this.#passed = Math.max(this.#passed, distance);
    }
  }

  /** Nothing goes on from there, so whatever was sent further is void. */
  endAt(distance: number): void {
    if (distance >= this.#end) return;
    this.#end = distance;
    for (const probe of this.#pending) {
      if (probe.hop.record.distance > distance) this.#pending.delete(probe);
    }
  }

  /**
   * The destination is there, and does not tell how far away. What is on its
   * way is waited for; then probes go out one at a time.
   */
  goAlone(): void {
    const first = [...this.#pending].find((probe) => this.mayReach(probe));
    if (first === undefined) return;
    const ms = this.#now() - first.sentMs;
    this.#replyMs = Math.max(this.#replyMs ?? 0, ms);
  }

  /** Whether a probe is on its way, perhaps as far as the destination. */
  mayReach(probe: Probe): boolean {
    return this.#pending.has(probe) &&
      probe.hop.record.distance > this.#passed;
  }

  /** Whether a probe may have been answered, and has to be sent again, alone. */
  isOwed({ hop, isAlone, fate }: Probe): boolean {
    return this.isAlone && !isAlone && fate === "lost" &&
      hop.record.distance > this.#passed;
  }

  /** When the next probe is given up; `Infinity` if none is waited for. */
  get deadlineMs(): number {
    return Math.min(...this.#deadlines().map(([, deadlineMs]) => deadlineMs));
  }

  /** Gives up what has had its time; its answer counts until its hop is told. */
  giveUp(nowMs: number): void {
    for (const [probe, deadlineMs] of this.#deadlines()) {
      if (deadlineMs > nowMs) continue;
      this.#pending.delete(probe);
      if (probe.fate === "pending") probe.fate = "lost";
    }
  }

  /** Tells the hops that all is known of, in order. */
  tell(): void {
    while (!this.isOver) {
      const hop = this.#hops[this.#told];
      const isKnown = hop.probes.length === this.#plan.probes &&
        hop.probes.every((probe) =>
          !this.#pending.has(probe) && !this.isOwed(probe)
        );
      if (!isKnown) return;
      this.#tellHop(hop);
    }
  }

  /** Tells all that anything was sent to. */
  tellAll(): void {
    while (!this.isOver && this.#hops[this.#told].probes.length > 0) {
      this.#tellHop(this.#hops[this.#told]);
    }
  }

  /** How many hops there are, as far as is known. */
  get #count(): number {
    return this.#end - this.#plan.firstHop + 1;
  }

  #isTold({ record }: TracedHop): boolean {
    return record.distance < this.#plan.firstHop + this.#told;
  }

  /** Until when each of the probes on their way is waited for. */
  #deadlines(): [Probe, number][] {
    const { timeoutMs, firstHop } = this.#plan;
    const hops = this.#hops.slice(this.#told).map(({ record }) => record);
    const waits = patienceWith(hops, this.#replyMs);
    const patience = ({ hop: { record }, isAlone }: Probe) =>
      isAlone
        ? patienceAlone(this.#replyMs!)
        : waits[record.distance - firstHop - this.#told];
    return Array.from(this.#pending, (probe) => [
      probe,
      probe.sentMs + (timeoutMs ?? patience(probe)),
    ]);
  }

  #tellHop({ record, probes }: TracedHop): void {
    const { distance } = record;
    record.endedMs = this.#now();
    for (const { number, fate } of probes) {
      record.fates.push(fate);
      if (fate !== "lost") continue;
      this.#emit({ type: "timeout", distance, probe: number + 1 });
    }
    this.#told++;
    this.#emit({ type: "hop", hop: new Hop(record) });
  }
}
