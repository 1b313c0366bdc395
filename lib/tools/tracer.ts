/**
 * The engine of `traceroute`: one loop that sends what may be on its way, takes
 * what arrives, and gives up what has had its time.
 *
 * @module
 */

import { type Instant, roundTripMs } from "../socket/clock.ts";
import { MIN_MTU } from "../socket/link_mtu.ts";
import type { Family } from "../wire/address.ts";
import { Hop, HopRecord } from "./hop.ts";
import type { RunContext } from "./run.ts";
import type { Flow, ProbeMethod } from "./trace_method.ts";
import {
  AnswerReader,
  ProbeMaker,
  type Reading,
  type SentPacket,
} from "./trace_probe.ts";
import type { HopAnswer, TraceEvent } from "./trace_types.ts";
import type { TraceArrival, TraceWire, TraceWorld } from "./trace_wire.ts";

/** What is to be traced, and how; every default filled in. */
export interface TracePlan {
  readonly firstHop: number;
  readonly maxHops: number;
  readonly probes: number;
  readonly waitMs: number;
  readonly concurrency: number;
  /** Octets of a probe, at first. */
  readonly packetSize: number;
  readonly discoverMTU: boolean;
  readonly trafficClass: number;
}

/** What was found. */
export interface Traced {
  readonly hops: readonly Hop[];
  readonly isReached: boolean;
  readonly pathMTU: number | undefined;
  readonly durationMs: number;
}

/** One of the probes to a hop. */
interface Probe {
  readonly hop: TracedHop;
  /** Counted from 0. */
  readonly number: number;
  /** When it was sent, the last time. */
  sentMs: number;
  size: number;
  isAnswered: boolean;
  /** Whether no other was on its way while it was. */
  isAlone: boolean;
}

/** A hop, and how far its probing has come. */
interface TracedHop {
  readonly record: HopRecord;
  readonly probes: Probe[];
}

/** Times the slowest answer seen, from a hop or beyond it, that it may take. */
const PATIENCE = 3;
/**
 * No wait is shorter than this. Where answers take microseconds a machine that
 * is busy, this one or a router, would be late with every other.
 */
const LEAST_WAIT_MS = 3;
/** Nor is one for a server, a process that has to be woken and get its turn. */
const LEAST_SERVER_WAIT_MS = 30;

/** MTUs that there are (RFC 1191 §7), for routers that tell none. */
const PLATEAUS = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68];

/** Traces a route, once. */
export class Tracer {
  readonly #plan: TracePlan;
  readonly #family: Family;
  readonly #context: RunContext<TraceEvent>;
  readonly #now: () => number;
  readonly #wire: TraceWire;
  readonly #maker: ProbeMaker;
  readonly #reader: AnswerReader;
  readonly #isSequential: boolean;
  readonly #hops: TracedHop[];
  readonly #sent: SentPacket[] = [];
  readonly #probes = new Map<SentPacket, Probe>();
  /** Probes that are neither answered nor overdue. */
  readonly #pending = new Set<Probe>();
  /** Hops that were told. */
  #told = 0;
  /** The least distance known from which nothing goes on. */
  #end: number;
  #size: number;
  /** The greatest distance known from which something goes on. */
  #passed = 0;
  /**
   * Milliseconds that a reply of the destination took at most, of which it is
   * not known what probe it is to. Since there is one, probes go out alone.
   */
  #replyMs: number | undefined;

  constructor(
    plan: TracePlan,
    flow: Flow,
    method: ProbeMethod,
    context: RunContext<TraceEvent>,
    wire: TraceWire,
    world: Pick<TraceWorld, "now">,
  ) {
    this.#plan = plan;
    this.#family = flow.family;
    this.#context = context;
    this.#now = world.now;
    this.#wire = wire;
    this.#size = plan.packetSize;
    this.#end = plan.maxHops;
    this.#isSequential = method.isSequential ?? false;
    this.#maker = new ProbeMaker(flow, method, {
      trafficClass: plan.trafficClass,
      dontFragment: plan.discoverMTU,
    });
    this.#reader = new AnswerReader(flow, method);
    const { firstHop, maxHops, probes } = plan;
    this.#hops = Array.from({ length: maxHops - firstHop + 1 }, (_, i) => ({
      record: new HopRecord(firstHop + i, probes),
      probes: [],
    }));
  }

  /** Runs until the end of the route, or of the run. */
  async run(): Promise<Traced> {
    const { signal } = this.#context;
    const startedMs = this.#now();
    for (;;) {
      this.#send();
      this.#tell();
      if (this.#isOver || signal.aborted) break;
      const beganMs = this.#now();
      const waitMs = Math.max(0, this.#nextDeadline() - beganMs);
      const arrivals = await this.#wire.receive(Math.ceil(waitMs), signal);
      for (const arrival of arrivals) this.#take(arrival);
      // What arrived before `beganMs` was taken: what is not here now is late.
      this.#giveUp(beganMs);
    }
    // Ended early, the hops that something is known of count.
    if (signal.aborted) this.#tellAll();
    const hops = this.#hops.slice(0, this.#told)
      .map(({ record }) => new Hop(record));
    return {
      hops,
      isReached: hops.at(-1)?.isReached ?? false,
      pathMTU: this.#plan.discoverMTU ? this.#size : undefined,
      durationMs: this.#now() - startedMs,
    };
  }

  /** How many hops there are, as far as is known. */
  get #count(): number {
    return this.#end - this.#plan.firstHop + 1;
  }

  get #isOver(): boolean {
    return this.#told === this.#count;
  }

  /** Sends as many as may be on their way, the nearest hops first. */
  #send(): void {
    if (this.#replyMs !== undefined) return this.#sendAlone();
    const { probes, concurrency } = this.#plan;
    for (const hop of this.#hops.slice(this.#told)) {
      // What is near may have answered by now, and that there is no further.
      for (const arrival of this.#wire.receiveNow()) this.#take(arrival);
      if (hop.record.distance > this.#end || this.#replyMs !== undefined) {
        return;
      }
      while (hop.probes.length < probes) {
        if (this.#pending.size >= concurrency) return;
        const last = hop.probes.at(-1);
        if (this.#isSequential && last && this.#pending.has(last)) break;
        this.#sendProbe(this.#newProbe(hop));
      }
    }
  }

  /** Sends the next one, as soon as none is on its way. */
  #sendAlone(): void {
    if (this.#pending.size > 0) return;
    for (const hop of this.#hops.slice(this.#told, this.#count)) {
      const probe = hop.probes.find((probe) => this.#isOwed(probe)) ??
        (hop.probes.length < this.#plan.probes && this.#newProbe(hop));
      if (!probe) continue;
      probe.isAlone = true;
      return this.#sendProbe(probe);
    }
  }

  /** Whether a probe may have been answered, and has to be sent again, alone. */
  #isOwed({ hop, isAlone, isAnswered }: Probe): boolean {
    return this.#replyMs !== undefined && !isAlone && !isAnswered &&
      hop.record.distance > this.#passed;
  }

  #newProbe(hop: TracedHop): Probe {
    const number = hop.probes.length;
    const state = { sentMs: 0, size: 0, isAnswered: false, isAlone: false };
    const probe = { hop, number, ...state };
    hop.probes.push(probe);
    hop.record.packetsSent++;
    hop.record.startedMs ??= this.#now();
    return probe;
  }

  #sendProbe(probe: Probe): void {
    const packet = this.#maker.make(probe.hop.record.distance, this.#size);
    probe.size = this.#size;
    probe.sentMs = this.#now();
    const at: Instant = this.#wire.send(packet.bytes);
    const sent = { ...packet, at };
    this.#sent.push(sent);
    this.#probes.set(sent, probe);
    this.#pending.add(probe);
  }

  #take(arrival: TraceArrival): void {
    const reading = this.#reader.read(arrival, this.#sent);
    if (reading === undefined) return;
    if (reading.isTooLong && this.#plan.discoverMTU) {
      return this.#shorten(reading);
    }
    const { sent, isCertain, isTooLong: _, ...facts } = reading;
    if (!isCertain && !this.#isOnlyFor(sent)) return this.#goAlone();
    const { datagram, seen } = arrival;
    const receivedNs = datagram.timestampNs || seen.realtimeNs;
    const ms = roundTripMs(sent.at, receivedNs, seen);
    const probe = this.#probeFor(reading);
    if (probe) this.#note(probe, { ...facts, roundTripMs: ms }, sent);
  }

  /** Whether nothing else is on its way that the destination may answer. */
  #isOnlyFor(sent: SentPacket): boolean {
    const probe = this.#probes.get(sent)!;
    return probe.isAlone && this.#mayReach(probe);
  }

  /** Whether a probe is on its way, perhaps as far as the destination. */
  #mayReach(probe: Probe): boolean {
    return this.#pending.has(probe) &&
      probe.hop.record.distance > this.#passed;
  }

  /**
   * The destination is there, and does not tell how far away. What is on its
   * way is waited for; then probes go out one at a time, so that a reply can be
   * to one of them only.
   */
  #goAlone(): void {
    const first = [...this.#pending].find((probe) => this.#mayReach(probe));
    if (first === undefined) return;
    const ms = this.#now() - first.sentMs;
    this.#replyMs = Math.max(this.#replyMs ?? 0, ms);
  }

  /**
   * The probe that an answer belongs to: the one it is to, unless it went too
   * far. The destination quotes the TTL that was left, and thereby tells how
   * far away it is, even if it does not answer as often as it is asked.
   */
  #probeFor({ sent, isReached, quotedTTL = 1 }: Reading): Probe | undefined {
    const probe = this.#probes.get(sent)!;
    const distance = sent.traced.ttl - quotedTTL + 1;
    const hop = this.#hops[distance - this.#plan.firstHop];
    const isFar = isReached && distance < sent.traced.ttl;
    if (!isFar || hop === undefined || this.#isTold(hop)) return probe;
    this.#endAt(distance);
    return hop.probes.find(({ isAnswered }) => !isAnswered);
  }

  #note(probe: Probe, answer: HopAnswer, sent: SentPacket): void {
    const { record } = probe.hop;
    if (record.distance > this.#end) return;
    const isDuplicate = probe.isAnswered;
    const isLate = !isDuplicate && this.#isTold(probe.hop);
    this.#context.emit({
      type: "answer",
      distance: record.distance,
      probe: probe.number + 1,
      answer,
      isDuplicate,
      isLate,
    });
    if (isDuplicate) record.duplicates++;
    else if (isLate) record.lateReplies++;
    else {
      probe.isAnswered = true;
      this.#pending.delete(probe);
      record.addAnswer(probe.number, answer);
      record.packetSize = sent.bytes.length;
      if (answer.isFinal) this.#endAt(record.distance);
      else this.#passed = Math.max(this.#passed, record.distance);
    }
  }

  #isTold({ record }: TracedHop): boolean {
    return record.distance < this.#plan.firstHop + this.#told;
  }

  /** Nothing goes on from there, so whatever was sent further is void. */
  #endAt(distance: number): void {
    if (distance >= this.#end) return;
    this.#end = distance;
    for (const probe of this.#pending) {
      if (probe.hop.record.distance > distance) this.#pending.delete(probe);
    }
  }

  /** Sends what was too long for a link again, as long as that takes. */
  #shorten({ from, sent, nextHopMTU, quotedTTL = 1 }: Reading): void {
    const length = sent.bytes.length;
    const mtu = Math.max(
      nextHopMTU || PLATEAUS.find((plateau) => plateau < length) || 0,
      MIN_MTU[this.#family],
    );
    if (mtu >= this.#size) return;
    this.#size = mtu;
    // It arrived there with the TTL that it was quoted with.
    const distance = Math.max(0, sent.traced.ttl - quotedTTL) + 1;
    this.#context.emit({ type: "mtu", from, distance, mtu });
    for (const probe of this.#pending) {
      if (probe.size > mtu) this.#sendProbe(probe);
    }
  }

  /** When the next probe is given up; at once if more can be sent. */
  #nextDeadline(): number {
    if (this.#pending.size === 0) return 0;
    const waits = this.#waits();
    let next = Infinity;
    for (const { hop, sentMs } of this.#pending) {
      next = Math.min(next, sentMs + waits.get(hop)!);
    }
    return next;
  }

  #giveUp(nowMs: number): void {
    const waits = this.#waits();
    for (const probe of this.#pending) {
      if (probe.sentMs + waits.get(probe.hop)! > nowMs) continue;
      // Its answer still counts until its hop is told.
      this.#pending.delete(probe);
    }
  }

  /** How long the probes of each hop are waited for. */
  #waits(): Map<TracedHop, number> {
    const waits = new Map<TracedHop, number>();
    let patienceMs = this.#replyMs === undefined
      ? Infinity
      : Math.max(LEAST_SERVER_WAIT_MS, PATIENCE * this.#replyMs);
    for (const hop of this.#hops.slice(this.#told).reverse()) {
      for (const ms of hop.record.rttsMs) {
        const slowestMs = patienceMs === Infinity ? 0 : patienceMs;
        patienceMs = Math.max(slowestMs, LEAST_WAIT_MS, PATIENCE * ms);
      }
      waits.set(hop, Math.min(this.#plan.waitMs, patienceMs));
    }
    return waits;
  }

  /** Tells the hops that all is known of, in order. */
  #tell(): void {
    const { probes } = this.#plan;
    while (!this.#isOver) {
      const hop = this.#hops[this.#told];
      const isKnown = hop.probes.length === probes &&
        hop.probes.every((probe) =>
          !this.#pending.has(probe) && !this.#isOwed(probe)
        );
      if (!isKnown) return;
      this.#tellHop(hop);
    }
  }

  /** Tells all that anything was sent to. */
  #tellAll(): void {
    while (!this.#isOver && this.#hops[this.#told].probes.length > 0) {
      this.#tellHop(this.#hops[this.#told]);
    }
  }

  #tellHop({ record, probes }: TracedHop): void {
    const { distance } = record;
    record.endedMs = this.#now();
    for (const { number, isAnswered } of probes) {
      if (isAnswered) continue;
      const probe = number + 1;
      this.#context.emit({ type: "timeout", distance, probe });
    }
    this.#told++;
    this.#context.emit({ type: "hop", hop: new Hop(record) });
  }
}
