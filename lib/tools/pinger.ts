/**
 * The engine of `ping` and `multiping`: one loop that sends what is due, gives
 * up what is overdue, and matches what arrives.
 *
 * @module
 */

import {
  type Arrival,
  EchoLedger,
  type SentEcho,
} from "../socket/echo_ledger.ts";
import { SocketError } from "../socket/errors.ts";
import type { ICMPReply } from "../socket/icmp_reply.ts";
import { resolve } from "../socket/resolve.ts";
import { routeTo } from "../socket/route.ts";
import { canonicalAddress, isMulticast } from "../socket/sockaddr.ts";
import { type Family, familyOf } from "../wire/address.ts";
import { withoutZone } from "../wire/zone.ts";
import { type EchoWire, type EchoWorld, REAL_WORLD } from "./echo_wire.ts";
import { Host, HostRecord } from "./host.ts";
import type { MultipingOptions, PingEvent } from "./ping_types.ts";
import { checkFlood } from "./public_guard.ts";
import type { RunContext } from "./run.ts";

/** Options with their pace fixed. */
export type PacedOptions =
  & MultipingOptions
  & Required<Pick<MultipingOptions, "count" | "intervalMs">>;

const DEFAULT_TIMEOUT_MS = 2000;
const DEFAULT_CONCURRENCY = 1000;
/** Requests that are remembered, to tell what comes late or twice. */
const REMEMBERED = 100_000;
/** What is due so soon is sent now, so that many hosts cost few wake-ups. */
const SLACK_MS = 5;

/** A host to be pinged, and how far that has come. */
interface Target {
  readonly index: number;
  readonly record: HostRecord;
  family: Family;
  isBroadcast: boolean;
  /** When its next request is due. */
  dueMs: number;
  /** Requests tried so far. */
  tried: number;
  /** Requests that are neither answered nor given up. */
  pending: number;
}

/** A request on its way. */
interface Probe {
  readonly target: Target;
  readonly sent: SentEcho;
  /** Counted from 1. */
  readonly sequence: number;
  readonly deadlineMs: number;
  isAnswered: boolean;
  isSettled: boolean;
}

/** Pings hosts, once. */
export class Pinger {
  readonly #options: PacedOptions;
  readonly #context: RunContext<PingEvent>;
  readonly #world: EchoWorld;
  readonly #payload: Uint8Array;
  readonly #timeoutMs: number;
  readonly #targets: Target[];
  readonly #wires = new Map<Family, EchoWire>();
  /** Whether anybody may answer, also somebody who is listed, too. */
  readonly #hasGroups: boolean;
  /** The last sequence number on the wire, by address. */
  readonly #sequences = new Map<string, number>();
  readonly #ledger = new EchoLedger(REMEMBERED);
  readonly #probes = new WeakMap<SentEcho, Probe>();
  /** Targets in the order in which they are due. */
  readonly #due: Target[] = [];
  /** Requests in the order of sending, so of giving up. */
  #outstanding: Probe[] = [];
  #admitted = 0;
  /** Hosts that are done with, and whose place is not taken. */
  #vacancies = 0;
  #finished = 0;
  #failure: unknown;
  #wake = new AbortController();

  constructor(
    names: readonly string[],
    options: PacedOptions,
    context: RunContext<PingEvent>,
    world: EchoWorld = REAL_WORLD,
  ) {
    this.#options = options;
    this.#context = context;
    this.#world = world;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#payload = options.payload ??
      crypto.getRandomValues(new Uint8Array(options.payloadSize ?? 56));
    this.#hasGroups = options.broadcast === true || names.some(isMulticast);
    this.#targets = names.map((name, index) => ({
      index,
      record: new HostRecord(name),
      family: 4,
      isBroadcast: false,
      dueMs: 0,
      tried: 0,
      pending: 0,
    }));
  }

  /** Runs until every host is done with, or the run is ended. */
  async run(): Promise<Host[]> {
    const { signal } = this.#context;
    const { clock } = this.#world;
    try {
      const { concurrentTasks = DEFAULT_CONCURRENCY, intervalMs } =
        this.#options;
      const first = Math.min(concurrentTasks, this.#targets.length);
      for (let i = 0; i < first; i++) {
        // Spread over the first interval, and so over all that follow.
        this.#admit(clock.now() + intervalMs * i / first);
      }
      while (this.#finished < this.#targets.length && !signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure;
        while (this.#hasVacancy) {
          this.#vacancies--;
          this.#admit(clock.now());
        }
        this.#sendDue();
        this.#giveUpOverdue();
        await this.#sleep();
      }
      for (const target of this.#targets) {
        // Ended early: what was found by now is what was found.
        if (target.record.endedMs === undefined) this.#finish(target);
      }
      return this.#targets.map(({ record }) => new Host(record));
    } finally {
      for (const wire of this.#wires.values()) wire.close();
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
      return this.#start(target, name, literal);
    }
    resolve(name, { family }).then(
      ([address]) => this.#start(target, address, familyOf(address)!),
      (error) => this.#fail(target, error),
    ).finally(() => this.#wake.abort());
  }

  #start(target: Target, address: string, family: Family): void {
    const { record } = target;
    let from;
    try {
      const { namespace, broadcast } = this.#options;
      const canonical = canonicalAddress(address, family, namespace);
      this.#checkFlood(canonical);
      from = this.#sourceTo(canonical);
      record.address = canonical;
      target.family = family;
      target.isBroadcast = isMulticast(record.address) ||
        (broadcast === true &&
          routeTo(record.address, { namespace }).isBroadcast);
    } catch (error) {
      return this.#fail(target, error as Error);
    }
    this.#context.emit({ type: "start", ...this.#of(target), ...from });
    this.#schedule(target);
  }

  #checkFlood(address: string): void {
    const { count, intervalMs } = this.#options;
    const plain = withoutZone(address);
    const perSecond = Math.min(count, 1000 / intervalMs);
    checkFlood([[plain, plain]], perSecond, this.#options);
  }

  /** The address to send from, where the caller had a say in it. */
  #sourceTo(address: string): { source: string } | undefined {
    const { source, device, namespace } = this.#options;
    if (source !== undefined) return { source };
    if (device === undefined) return undefined;
    return { source: routeTo(address, { device, namespace }).source };
  }

  #schedule(target: Target): void {
    let place = this.#due.length;
    while (place > 0 && this.#due[place - 1].dueMs > target.dueMs) place--;
    this.#due.splice(place, 0, target);
  }

  #sendDue(): void {
    const { count, intervalMs } = this.#options;
    const now = this.#world.clock.now();
    const later = this.#due.findIndex(({ dueMs }) => dueMs > now + SLACK_MS);
    // Each once, however short the interval is: no burst.
    for (const target of this.#due.splice(0, later < 0 ? Infinity : later)) {
      this.#send(target, now);
      if (target.tried < count) {
        // Late by more than an interval, it goes on from now.
        const dueMs = target.dueMs + intervalMs;
        target.dueMs = dueMs < now ? now + intervalMs : dueMs;
        this.#schedule(target);
      } else if (target.pending === 0) {
        this.#finish(target);
      }
    }
  }

  #send(target: Target, now: number): void {
    const { record, isBroadcast } = target;
    const sequence = ++target.tried;
    const wire = this.#wireFor(target.family);
    const onWire = this.#nextSequence(target);
    let at;
    try {
      at = wire.send(record.address, onWire, this.#payload);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      record.failure = error;
      this.#context.emit({ type: "failed", ...this.#of(target), error });
      return;
    }
    record.packetsSent++;
    record.startedMs ??= now;
    target.pending++;
    const sent = this.#ledger.add({
      destination: record.address,
      isBroadcast,
      id: wire.identifier,
      sequence: onWire,
      payload: this.#payload,
    }, at);
    const probe: Probe = {
      target,
      sent,
      sequence,
      deadlineMs: now + this.#timeoutMs,
      isAnswered: false,
      isSettled: false,
    };
    this.#probes.set(sent, probe);
    this.#outstanding.push(probe);
  }

  /**
   * The sequence number for the wire, counted from 1 for each address, so that
   * a host that is listed twice has its replies told apart.
   */
  #nextSequence({ record: { address } }: Target): number {
    const key = this.#hasGroups ? "" : withoutZone(address);
    const sequence = (this.#sequences.get(key) ?? 0) + 1 & 0xffff;
    this.#sequences.set(key, sequence);
    return sequence;
  }

  #giveUpOverdue(): void {
    const now = this.#world.clock.now();
    let count = 0;
    for (const probe of this.#outstanding) {
      if (!probe.isSettled && probe.deadlineMs > now) break;
      count++;
      if (probe.isSettled) continue;
      probe.sent.isOverdue = true;
      if (!probe.isAnswered) {
        const { target, sequence } = probe;
        this.#context.emit({ type: "timeout", ...this.#of(target), sequence });
      }
      this.#settle(probe);
    }
    if (count > 0) this.#outstanding = this.#outstanding.slice(count);
  }

  async #sleep(): Promise<void> {
    const isOver = this.#finished === this.#targets.length;
    if (isOver || this.#hasVacancy || this.#failure !== undefined) return;
    const next = Math.min(
      this.#due[0]?.dueMs ?? Infinity,
      this.#outstanding[0]?.deadlineMs ?? Infinity,
    );
    const ms = next === Infinity
      ? MAX_SLEEP_MS
      : next - this.#world.clock.now();
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#wake.signal, this.#context.signal]);
    await this.#world.clock.sleep(Math.max(0, ms), signal);
  }

  #wireFor(family: Family): EchoWire {
    const known = this.#wires.get(family);
    if (known !== undefined) return known;
    const { source, device, namespace, id = 0 } = this.#options;
    const wire = this.#world.open(family, {
      source,
      device,
      namespace,
      privileged: this.#options.privileged ?? true,
      ttl: this.#options.ttl ?? 64,
      trafficClass: this.#options.trafficClass ?? 0,
      broadcast: this.#options.broadcast ?? false,
      identifier: id,
    });
    this.#wires.set(family, wire);
    this.#receive(wire).catch((error) => {
      this.#failure = error;
      this.#wake.abort();
    });
    return wire;
  }

  async #receive(wire: EchoWire): Promise<void> {
    for await (const arrivals of wire.arrivals()) {
      const finished = this.#finished;
      for (const arrival of arrivals) this.#take(arrival);
      if (this.#finished > finished) this.#wake.abort();
    }
  }

  #take(arrival: Arrival): void {
    const sent = this.#ledger.find(arrival.message);
    const probe = sent && this.#probes.get(sent);
    if (sent === undefined || probe === undefined) {
      return this.#ledger.ignore(arrival.message, undefined);
    }
    const { target, sequence } = probe;
    const reply = this.#ledger.reply(arrival, sent);
    const isReply = reply.isEchoReply;
    const isDuplicate = reply.isDuplicate || (isReply && probe.isAnswered);
    const isLate = reply.isLate && !isDuplicate;
    if (!isReply) target.record.addError(reply);
    else target.record.addReply(reply, { isDuplicate, isLate });
    this.#context.emit({
      type: isReply ? "reply" : "error",
      ...this.#of(target),
      sequence,
      reply,
      isDuplicate,
      isLate,
    });
    if (isReply) probe.isAnswered = true;
    // Of a broadcast, more may answer until the time is over.
    if (!target.isBroadcast && !isAdvice(reply)) this.#settle(probe);
  }

  #settle(probe: Probe): void {
    if (probe.isSettled) return;
    probe.isSettled = true;
    const { target } = probe;
    target.pending--;
    if (target.pending === 0 && target.tried >= this.#options.count) {
      this.#finish(target);
    }
  }

  #fail(target: Target, error: Error): void {
    target.record.failure = error;
    this.#context.emit({ type: "failed", ...this.#of(target), error });
    this.#finish(target);
  }

  #finish(target: Target): void {
    this.#finished++;
    target.record.endedMs = this.#world.clock.now();
    const host = new Host(target.record);
    this.#context.emit({ type: "host", ...this.#of(target), host });
    this.#vacancies++;
  }

  #of({ index, record: { name, address } }: Target) {
    return { index, name, address };
  }
}

/** Whether the request went on nevertheless: source quench and redirects. */
function isAdvice({ family, type }: ICMPReply): boolean {
  return family === 4 && (type === 4 || type === 5);
}

/** With nothing due, as while names are resolved, something else wakes us. */
const MAX_SLEEP_MS = 60_000;
