/**
 * The engine of `traceroute`: one loop that sends what may be on its way, takes
 * what arrives, and gives up what has had its time.
 *
 * @module
 */

import { SocketError } from "../../socket/errors.ts";
import { type Instant, roundTripMs } from "../../socket/kernel/clock.ts";
import type { Family } from "../../wire/address.ts";
import type { RunContext } from "../run.ts";
import type { Hop } from "./hop.ts";
import { type Probe, ProbeBook, type ProbePlan } from "./probe_book.ts";
import { shorterThan } from "./probe_size.ts";
import type { Flow, ProbeMethod } from "./trace_method.ts";
import {
  AnswerReader,
  ProbeMaker,
  type Reading,
  type SentPacket,
} from "./trace_probe.ts";
import type { TraceEvent } from "./trace_types.ts";
import type { TraceArrival, TraceLink, TraceWorld } from "./trace_world.ts";

/** What is to be traced, and how; every default filled in. */
export interface TracePlan extends ProbePlan {
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

/** Traces a route, once. */
export class Tracer {
  readonly #plan: TracePlan;
  readonly #family: Family;
  readonly #context: RunContext<TraceEvent>;
  readonly #now: () => number;
  readonly #link: TraceLink;
  readonly #maker: ProbeMaker;
  readonly #reader: AnswerReader;
  readonly #isSequential: boolean;
  readonly #book: ProbeBook;
  readonly #sent: SentPacket[] = [];
  readonly #probes = new Map<SentPacket, Probe>();
  /** Probes that were too long, and are to be sent again. */
  readonly #again = new Set<Probe>();
  #size: number;

  constructor(
    plan: TracePlan,
    flow: Flow,
    method: ProbeMethod,
    context: RunContext<TraceEvent>,
    link: TraceLink,
    world: Pick<TraceWorld, "now">,
  ) {
    this.#plan = plan;
    this.#family = flow.family;
    this.#context = context;
    this.#now = world.now;
    this.#link = link;
    this.#size = plan.packetSize;
    this.#isSequential = method.isSequential ?? false;
    this.#maker = new ProbeMaker(flow, method, {
      trafficClass: plan.trafficClass,
      dontFragment: plan.discoverMTU,
    });
    this.#reader = new AnswerReader(flow, method);
    this.#book = new ProbeBook(plan, context.emit, world.now);
  }

  /** Runs until the end of the route, or of the run. */
  async run(): Promise<Traced> {
    const { signal } = this.#context;
    const book = this.#book;
    const startedMs = this.#now();
    for (;;) {
      this.#send();
      book.tell();
      if (book.isOver || signal.aborted) break;
      const beganMs = this.#now();
      const waitMs = Math.max(0, this.#wakeMs - beganMs);
      const arrivals = await this.#link.receive(Math.ceil(waitMs), signal);
      for (const arrival of arrivals) this.#take(arrival);
      // What arrived before `beganMs` was taken: what is not here now is late.
      book.giveUp(beganMs);
    }
    // Ended early, the hops that something is known of count.
    if (signal.aborted) book.tellAll();
    const hops = book.told;
    return {
      hops,
      isReached: hops.at(-1)?.isReached ?? false,
      pathMTU: this.#plan.discoverMTU ? pathMTU(hops) : undefined,
      durationMs: this.#now() - startedMs,
    };
  }

  /** Sends as many as may be on their way, the nearest hops first. */
  #send(): void {
    const book = this.#book;
    const { pending } = book;
    this.#sendAgain();
    if (book.isAlone) return this.#sendAlone();
    for (const hop of book.left()) {
      // What is near may have answered by now, and that there is no further.
      for (const arrival of this.#link.receiveNow()) this.#take(arrival);
      this.#sendAgain();
      while (hop.record.distance <= book.end && !book.isAlone) {
        if (pending.size >= this.#plan.concurrency || !this.#isAllowed) return;
        const last = hop.probes.at(-1);
        if (this.#isSequential && last?.fate === "pending") break;
        const probe = book.next(hop);
        if (probe === undefined) break;
        this.#sendProbe(probe);
      }
    }
  }

  /** Sends what was too long, before anything that goes farther. */
  #sendAgain(): void {
    for (const probe of this.#again) {
      if (!this.#isAllowed) return;
      this.#again.delete(probe);
      if (this.#book.pending.has(probe)) this.#sendProbe(probe);
    }
  }

  /** Sends the next one, as soon as none is on its way. */
  #sendAlone(): void {
    const book = this.#book;
    if (book.pending.size > 0 || !this.#isAllowed) return;
    for (const hop of book.left()) {
      const probe = hop.probes.find((probe) => book.isOwed(probe)) ??
        book.next(hop);
      if (probe === undefined) continue;
      probe.isAlone = true;
      return this.#sendProbe(probe);
    }
  }

  #sendProbe(probe: Probe): void {
    const { hop } = probe;
    const packet = this.#maker.make(hop.record.distance, this.#size);
    probe.size = this.#size;
    probe.sentMs = this.#now();
    let at: Instant;
    try {
      at = this.#link.send(packet.bytes);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      this.#book.fail(probe, error);
      if (this.#sent.length === 0) this.#book.failAll(hop);
      return;
    }
    const sent = { ...packet, at };
    this.#sent.push(sent);
    this.#probes.set(sent, probe);
    this.#book.wait(probe);
  }

  get #isAllowed(): boolean {
    return this.#link.roomMs === 0;
  }

  /** When the next probe is given up, or more can be sent. */
  get #wakeMs(): number {
    const { pending, deadlineMs } = this.#book;
    const isHeldUp = !this.#isAllowed || this.#again.size > 0;
    return isHeldUp || pending.size === 0
      ? Math.min(deadlineMs, this.#now() + this.#link.roomMs)
      : deadlineMs;
  }

  #take(arrival: TraceArrival): void {
    const reading = this.#reader.read(arrival, this.#sent);
    if (reading === undefined) return;
    const { sent, isCertain, isTooLong, ...facts } = reading;
    if (isTooLong && this.#plan.discoverMTU && this.#shorten(reading)) return;
    if (!isCertain && !this.#isOnlyFor(sent)) return this.#book.goAlone();
    const { datagram, seen } = arrival;
    const receivedNs = datagram.timestampNs || seen.realtimeNs;
    const answer = {
      ...facts,
      roundTripMs: roundTripMs(sent.at, receivedNs, seen),
      time: Number(receivedNs) / 1e9,
    };
    const probe = this.#probeFor(reading);
    if (probe) this.#book.answer(probe, answer, sent.bytes.length);
  }

  /** Whether nothing else is on its way that the destination may answer. */
  #isOnlyFor(sent: SentPacket): boolean {
    const probe = this.#probes.get(sent)!;
    return probe.isAlone && this.#book.mayReach(probe);
  }

  /**
   * The probe that an answer belongs to: the one it is to, unless it went too
   * far. The destination quotes the TTL that was left, and thereby tells how
   * far away it is, even if it does not answer as often as it is asked.
   */
  #probeFor({ sent, isReached, quotedTTL = 1 }: Reading): Probe | undefined {
    const probe = this.#probes.get(sent)!;
    const distance = sent.traced.ttl - quotedTTL + 1;
    const hop = this.#book.at(distance);
    const isFar = isReached && distance < sent.traced.ttl;
    if (!isFar || hop === undefined) return probe;
    this.#book.endAt(distance);
    return hop.probes.find(({ fate }) => fate !== "answered");
  }

  /**
   * Sends what was too long for a link again, as long as that takes; tells
   * whether there is anything shorter to send.
   */
  #shorten({ from, sent, nextHopMTU, quotedTTL = 1 }: Reading): boolean {
    const { length } = sent.bytes;
    // Somebody else was too long before, and it was sent again.
    if (length > this.#size) return true;
    const mtu = shorterThan(length, nextHopMTU, this.#family);
    if (mtu === undefined) return false;
    this.#size = mtu;
    // It arrived there with the TTL that it was quoted with.
    const distance = Math.max(0, sent.traced.ttl - quotedTTL) + 1;
    const claimedMTU = nextHopMTU;
    this.#context.emit({ type: "mtu", from, distance, mtu, claimedMTU });
    for (const probe of this.#book.pending) {
      if (probe.size > mtu) this.#again.add(probe);
    }
    return true;
  }
}

/** Octets that all of the path takes, as far as what came to its end tells. */
function pathMTU(hops: readonly Hop[]): number | undefined {
  const last = hops.at(-1);
  const isFragmented = hops.some(({ answers }) =>
    answers.some((answer) =>
      answer?.changes.some(({ field }) => field === "dontFragment")
    )
  );
  return last?.isReached && !isFragmented ? last.packetSize : undefined;
}
