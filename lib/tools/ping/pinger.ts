/**
 * The engine of `ping` and `multiping`: one loop that sends what is due, gives
 * up what is overdue, and matches what arrives.
 *
 * @module
 */

import type { Arrival } from "../../socket/icmp/echo_ledger.ts";
import { SocketError } from "../../socket/errors.ts";
import { checkPayload } from "../../socket/icmp/icmp_request.ts";
import { resolve } from "../../socket/kernel/resolve.ts";
import { readClocks, roundTripInNumbersMs } from "../../socket/kernel/clock.ts";
import type { TakeInPlace } from "../../socket/receiving_socket.ts";
import { addressOctets, type Family, familyOf } from "../../wire/address.ts";
import { withoutZone, zoneOf } from "../../wire/zone.ts";
import { type EchoLink, type EchoWorld, REAL_WORLD } from "./echo_world.ts";
import { Host } from "./host.ts";
import { Judge } from "./ping_judge.ts";
import {
  DEFAULT_CONCURRENCY,
  Probe,
  Schedule,
  Target,
  Waiting,
} from "./ping_target.ts";
import type { MultipingOptions, PingEvent } from "./ping_types.ts";
import { PublicHosts } from "./public_hosts.ts";
import { SentRequests } from "./sent_requests.ts";
import type { RunContext } from "../run.ts";
import { percentile } from "./statistics.ts";
import { nextTurn } from "../../socket/time.ts";

/** Options with their pace fixed. */
export type PacedOptions =
  & MultipingOptions
  & Required<Pick<MultipingOptions, "count" | "intervalMs">>;

const DEFAULT_TIMEOUT_MS = 2000;
/** So long timers, signals and whoever reads the events may have to wait. */
const TURN_MS = 10;
/** Requests that are sent before it is looked for answers. */
const SENT_UNREAD = 32;
/** A reply that is neither late nor a duplicate. */
const FIRST = { isDuplicate: false, isLate: false };
/** Octets of a random payload that nobody guesses. */
const UNGUESSED = 8;

/** Pings hosts, once. */
export class Pinger {
  readonly #options: PacedOptions;
  readonly #context: RunContext<PingEvent>;
  readonly #world: EchoWorld;
  readonly #payload: Uint8Array;
  readonly #timeoutMs: number;
  readonly #targets: Target[];
  readonly #links = new Map<Family, EchoLink>();
  /** The next sequence number on the wire, whomever it is for. */
  #nextSequence: number;
  readonly #sent: SentRequests;
  readonly #judge: Judge;
  readonly #publicHosts: PublicHosts;
  readonly #schedule: Schedule;
  readonly #waiting: Waiting;
  #admitted = 0;
  /** Hosts that are done with, and whose place is not taken. */
  #vacancies = 0;
  #finished = 0;
  /** Replies that were not judged as messages. */
  #plain = 0;
  #failure: unknown;
  #wake = new AbortController();

  constructor(
    names: readonly string[],
    options: PacedOptions,
    context: RunContext<PingEvent>,
    world: EchoWorld = REAL_WORLD,
  ) {
    const { payload, payloadSize = 56 } = options;
    this.#options = options;
    this.#context = context;
    this.#world = world;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#payload = payload ??
      crypto.getRandomValues(new Uint8Array(payloadSize));
    // Where the payload can be guessed the identifier alone is too little.
    this.#nextSequence = payload === undefined && payloadSize >= UNGUESSED
      ? 1
      : crypto.getRandomValues(new Uint16Array(1))[0];
    this.#schedule = new Schedule(options.intervalMs);
    this.#waiting = new Waiting(this.#timeoutMs);
    this.#targets = names.map((name, index) => new Target(index, name));
    this.#sent = new SentRequests(this.#targets, this.#payload);
    this.#judge = new Judge(this.#targets, this.#sent);
    this.#publicHosts = new PublicHosts(options);
  }

  /** Runs until every host is done with, or the run is ended. */
  async run(): Promise<Host[]> {
    const { signal } = this.#context;
    const { clock } = this.#world;
    try {
      const { concurrency = DEFAULT_CONCURRENCY, intervalMs } = this.#options;
      const first = Math.min(concurrency, this.#targets.length);
      for (let i = 0; i < first; i++) {
        // Spread over the first interval, and so over all that follow.
        this.#admit(clock.now() + intervalMs * i / first);
      }
      while (!this.#isOver && !signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure;
        while (this.#hasVacancy) {
          this.#vacancies--;
          this.#admit(clock.now());
        }
        this.#sendDue(clock.now());
        await this.#giveUpOverdue();
        if (this.#followAnswers()) await nextTurn();
        else await this.#sleep();
      }
      // Ended early: what has come by now was found.
      if (!this.#isOver) await this.#look();
      return this.#targets.map((target) => target.host ?? this.#finish(target));
    } finally {
      for (const link of this.#links.values()) link.close();
    }
  }

  get #hasVacancy(): boolean {
    return this.#vacancies > 0 && this.#admitted < this.#targets.length;
  }

  /** Takes the next host up: finds its address, and makes it due. */
  #admit(dueMs: number): void {
    const target = this.#targets[this.#admitted++];
    target.dueMs = dueMs;
    const { name } = target.record;
    const literal = familyOf(withoutZone(name));
    const { family = literal } = this.#options;
    if (literal !== undefined && literal === family) {
      target.given = name;
      return this.#schedule.add(target);
    }
    resolve(name, { family }).then(
      ([address]) => {
        target.given = address;
        this.#schedule.add(target);
      },
      (error) => this.#fail(target, error),
    ).finally(() => this.#awaken());
  }

  /** Judges a host's address, when its first request is due. */
  #start(target: Target): void {
    const { given } = target;
    const { source, device } = this.#options;
    target.family = familyOf(withoutZone(given))!;
    const link = this.#linkOf(target);
    if (link === undefined) return;
    try {
      checkPayload(this.#payload.length, target.family);
      const found = link.destinationOf(given);
      this.#publicHosts.add([found.address]);
      target.link = link;
      target.source = source ?? found.source;
      target.isBroadcast = found.isBroadcast;
      target.record.address = found.address;
      if (!found.isBroadcast && zoneOf(found.address) === undefined) {
        target.octets = addressOctets(found.address, target.family);
      }
    } catch (error) {
      return this.#fail(target, error as Error);
    }
    // Where the caller had a say in it.
    const from = source === undefined && device === undefined
      ? undefined
      : { source: target.source };
    const time = Date.now() / 1000;
    this.#context.emit({ type: "start", ...target.identity, ...from, time });
  }

  #sendDue(now: number): void {
    const { count } = this.#options;
    let sent = 0;
    for (let target; (target = this.#schedule.take(now)) !== undefined;) {
      // Their answers, too, have to find room in the receive buffer.
      if (++sent % SENT_UNREAD === 0) this.#takeArrived();
      if (target.tried === 0) this.#start(target);
      if (target.host === undefined) this.#send(target, now);
      if (target.host !== undefined) continue;
      if (target.tried < count) this.#schedule.again(target, now);
      else if (target.pending === 0) this.#finish(target);
      else this.#linger(target);
    }
  }

  #send(target: Target, now: number): void {
    const { record } = target;
    const link = target.link!;
    const sequence = ++target.tried;
    const onWire = this.#nextSequence;
    this.#nextSequence = onWire + 1 & 0xffff;
    record.startedMs ??= now;
    let at;
    try {
      at = link.send(record.address, onWire, this.#payload, now);
      record.packetsSent++;
    } catch (error) {
      // With others it would be a flood of public addresses.
      if (error instanceof RangeError) return this.#fail(target, error);
      if (!(error instanceof SocketError)) throw error;
      // Lost before it left, as others are behind.
      record.packetsSent++;
      record.failure = error;
      const { identity } = target;
      this.#context.emit({ type: "failed", ...identity, sequence, error });
      return;
    }
    target.pending++;
    const probe = new Probe({
      target,
      number: sequence,
      id: link.identifier,
      sequence: onWire,
      payload: this.#payload,
      at,
      deadlineMs: now + this.#timeoutMs,
    });
    this.#sent.add(probe);
    this.#waiting.add(probe);
  }

  async #giveUpOverdue(): Promise<void> {
    const now = this.#world.clock.now();
    if (this.#waiting.nextMs <= now) await this.#look();
    for (const probe of this.#waiting.overdue(now)) {
      const { target: { host, identity }, number: sequence } = probe;
      probe.isOverdue = true;
      if (host === undefined && !probe.isAnswered && !probe.hasError) {
        this.#context.emit({ type: "timeout", ...identity, sequence });
      }
      this.#settle(probe);
    }
  }

  /** What came in time counts, also where there was no time to look at it. */
  async #look(): Promise<void> {
    for (const link of this.#links.values()) await link.look();
  }

  /** Sets an end to waiting for ever, once all is sent and something came. */
  #linger(target: Target): void {
    const { record: { rttsMs, errors }, tried, endMs } = target;
    const { count, intervalMs } = this.#options;
    const hasHeard = rttsMs.length + errors.size > 0;
    if (this.#timeoutMs < Infinity || endMs < Infinity) return;
    if (tried < count || !hasHeard) return;
    const longestMs = percentile(rttsMs, 1) ?? 0;
    target.endMs = this.#world.clock.now() +
      Math.max(2 * longestMs, intervalMs);
    this.#awaken();
  }

  /**
   * With an interval of 0: sends on what answers are there at once, as those of
   * this host and of a near one are, for as long as nobody else has to wait.
   *
   * @returns whether there may be more of them
   */
  #followAnswers(): boolean {
    if (this.#options.intervalMs > 0) return false;
    const { clock } = this.#world;
    const endMs = clock.now() + TURN_MS;
    for (let now = 0; !this.#isOver && now < endMs;) {
      if (!this.#takeArrived()) return false;
      now = clock.now();
      this.#sendDue(now);
    }
    return !this.#isOver;
  }

  /** Takes what is there by now; tells whether anything was. */
  #takeArrived(): boolean {
    const { tellReplies } = this.#options;
    const isTold = tellReplies !== false && this.#context.isHeard;
    const take = isTold ? undefined : this.#takePlain;
    // More than each host's have seldom come by now, and are there next time.
    const most = this.#targets.length;
    const before = this.#plain;
    let judged = 0;
    for (const link of this.#links.values()) {
      const arrivals = link.arrived(most, take);
      for (const arrival of arrivals) this.#take(arrival, link);
      judged += arrivals.length;
    }
    return judged > 0 || this.#plain > before;
  }

  /** Takes what leaves nothing to be told, and no doubt. */
  readonly #takePlain: TakeInPlace = (packet) => {
    const probe = this.#judge.plainlyAnswered(packet);
    if (probe === undefined || probe.target.host !== undefined) return false;
    const roundTripMs = roundTripInNumbersMs(probe.at, packet, readClocks());
    const { ttl } = packet;
    probe.target.record.addReply({ ttl, roundTripMs }, FIRST);
    this.#plain++;
    this.#noteReply(probe);
    this.#sent.shelve(probe);
    return true;
  };

  get #isOver(): boolean {
    return this.#finished === this.#targets.length;
  }

  async #sleep(): Promise<void> {
    if (this.#isOver || this.#hasVacancy || this.#failure !== undefined) return;
    const next = Math.min(this.#schedule.nextMs, this.#waiting.nextMs);
    const ms = next === Infinity
      ? MAX_SLEEP_MS
      : next - this.#world.clock.now();
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#wake.signal, this.#context.signal]);
    await this.#world.clock.sleep(Math.max(0, ms), signal);
  }

  /** Ends the sleep. Without a reason at hand a costly one would be made. */
  #awaken(): void {
    this.#wake.abort(true);
  }

  /** The link to a host; none if there is none, and other hosts have theirs. */
  #linkOf(target: Target): EchoLink | undefined {
    const { family } = target;
    try {
      return this.#links.get(family) ?? this.#open(family);
    } catch (error) {
      if (this.#links.size === 0) throw error;
      this.#fail(target, error as Error);
    }
  }

  #open(family: Family): EchoLink {
    const { source, device, namespace, id = 0 } = this.#options;
    const link = this.#world.open(family, {
      source,
      device,
      namespace,
      privileged: this.#options.privileged ?? true,
      ttl: this.#options.ttl,
      trafficClass: this.#options.trafficClass ?? 0,
      broadcast: this.#options.broadcast ?? false,
      allowPublic: this.#options.allowPublic ?? false,
      identifier: id,
      timeoutMs: this.#timeoutMs,
    });
    this.#links.set(family, link);
    this.#receive(link).catch((error) => {
      this.#failure = error;
      this.#awaken();
    });
    return link;
  }

  async #receive(link: EchoLink): Promise<void> {
    for await (const arrivals of link.arrivals()) {
      for (const arrival of arrivals) this.#take(arrival, link);
    }
  }

  #take(arrival: Arrival, link: EchoLink): void {
    const finding = this.#judge.judge(arrival, link.identifier);
    // Once its last word is said nothing more is.
    if (finding === undefined || finding.target.host !== undefined) return;
    const { target, probe, event } = finding;
    if (event.type !== "reply" || this.#options.tellReplies !== false) {
      this.#context.emit({ ...target.identity, ...event });
    }
    switch (event.type) {
      case "advice":
        return;
      case "refused":
        target.record.refused[event.reason]++;
        return;
      case "reply":
        target.record.addReply(event.reply, event);
        return this.#noteReply(probe!);
      case "error":
        // The true reply may follow it, which somebody else may have sent.
        target.record.addError(event.reply);
        probe!.hasError = true;
        this.#hasten(probe!);
        this.#linger(target);
    }
  }

  #noteReply(probe: Probe): void {
    const { target } = probe;
    probe.isAnswered = true;
    this.#hasten(probe);
    // Of a broadcast, more may answer until the time is over.
    if (!target.isBroadcast) this.#settle(probe);
    this.#linger(target);
  }

  /** The last of a host's requests is answered. */
  #hasten({ target, number }: Probe): void {
    if (number !== target.tried) return;
    const now = this.#world.clock.now();
    if (this.#schedule.hasten(target, now)) this.#awaken();
  }

  #settle(probe: Probe): void {
    if (probe.isSettled) return;
    probe.isSettled = true;
    this.#waiting.delete(probe);
    const { target } = probe;
    target.pending--;
    // One that failed is done with, whatever was on its way.
    if (target.host !== undefined) return;
    if (target.pending === 0 && target.tried >= this.#options.count) {
      this.#finish(target);
    }
  }

  #fail(target: Target, error: Error): void {
    target.record.failure = error;
    this.#context.emit({ type: "failed", ...target.identity, error });
    this.#finish(target);
  }

  #finish(target: Target): Host {
    this.#finished++;
    target.record.endedMs = this.#world.clock.now();
    const host = target.host = new Host(target.record);
    this.#context.emit({ type: "host", ...target.identity, host });
    this.#vacancies++;
    this.#awaken();
    return host;
  }
}

/** With nothing due, as while names are resolved, something else wakes us. */
const MAX_SLEEP_MS = 60_000;
