/**
 * The hosts of a ping, how far each has come, and whose turn it is.
 *
 * @module
 */

import type { Expected } from "../../socket/icmp/icmp_message.ts";
import type { Moment } from "../../socket/kernel/clock.ts";
import type { Family } from "../../wire/address.ts";
import type { EchoLink } from "./echo_world.ts";
import { type Host, HostRecord } from "./host.ts";

/** Hosts that are pinged at the same time, unless another number is given. */
export const DEFAULT_CONCURRENCY = 10_000;

/** A host to be pinged, and how far that has come. */
export class Target {
  readonly record: HostRecord;
  /** The octets of its address, where replies from that alone are meant. */
  octets: Uint8Array | undefined;
  /** Its address as it was given, or found. */
  given = "";
  family: Family = 4;
  link: EchoLink | undefined;
  /** The address of this host that is sent from. */
  source: string | undefined;
  /** Whether many hosts may answer. */
  isBroadcast = false;
  /** When its next request is due. */
  dueMs = 0;
  /** Requests tried so far. */
  tried = 0;
  /** Requests that are neither answered nor given up. */
  pending = 0;
  /** When it is done with, whatever is still on its way. */
  endMs = Infinity;
  /** What was found, once it is done with: nothing more is told of it. */
  host: Host | undefined;

  /** @param index its place in the list that was given */
  constructor(readonly index: number, name: string) {
    this.record = new HostRecord(name);
  }

  /** What every event tells of it. */
  get identity() {
    const { name, address } = this.record;
    return { index: this.index, name, address };
  }
}

/** What is known of a request when it is sent. */
export interface ProbeFields {
  readonly target: Target;
  /** Counted from 1 for each host. */
  readonly number: number;
  readonly id: number;
  /** The sequence number on the wire. */
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Just before it was sent. */
  readonly at: Moment;
  readonly deadlineMs: number;
}

/** A request on its way. */
export class Probe implements ProbeFields, Expected {
  readonly target: Target;
  readonly number: number;
  readonly id: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly at: Moment;
  readonly deadlineMs: number;
  /** Those sent before and after it, while an answer is waited for. */
  previous: Probe | undefined = undefined;
  next: Probe | undefined = undefined;
  isAnswered = false;
  /** Whether an error has come about it. */
  hasError = false;
  /** Whether an answer is late from now on. */
  isOverdue = false;
  isSettled = false;
  /** Who answered first, and then, of few requests, others. */
  #first: string | undefined = undefined;
  #others: Set<string> | undefined = undefined;

  constructor(fields: ProbeFields) {
    this.target = fields.target;
    this.number = fields.number;
    this.id = fields.id;
    this.sequence = fields.sequence;
    this.payload = fields.payload;
    this.at = fields.at;
    this.deadlineMs = fields.deadlineMs;
  }

  get destination(): string {
    return this.target.record.address;
  }

  get source(): string | undefined {
    return this.target.source;
  }

  get isBroadcast(): boolean {
    return this.target.isBroadcast;
  }

  /** When it is to be given up. */
  get endMs(): number {
    return Math.min(this.deadlineMs, this.target.endMs);
  }

  /** Whether anything has become of it. */
  get isTouched(): boolean {
    return this.#first !== undefined || this.isOverdue || this.isSettled;
  }

  /** Whether the same has answered before; notes that it has now. */
  isRepeated(answer: string): boolean {
    if (this.#first === undefined) {
      this.#first = answer;
      return false;
    }
    if (this.#first === answer) return true;
    const others = this.#others ??= new Set();
    const isRepeated = others.has(answer);
    others.add(answer);
    return isRepeated;
  }
}

/**
 * Requests that an answer is waited for, in the order of sending: a list whose
 * links they bear themselves, so that a flood makes nothing to keep them in.
 */
export class Waiting {
  readonly #timeoutMs: number;
  #first: Probe | undefined;
  #last: Probe | undefined;

  /** @param timeoutMs how long each is waited for; may be `Infinity` */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** When the first of them is to be given up. */
  get nextMs(): number {
    let nextMs = Infinity;
    for (let probe = this.#first; probe !== undefined; probe = probe.next) {
      nextMs = Math.min(nextMs, probe.endMs);
      if (this.#areInOrder) break;
    }
    return nextMs;
  }

  /** Adds the one that was sent last. */
  add(probe: Probe): void {
    const last = this.#last;
    probe.previous = last;
    this.#last = probe;
    if (last === undefined) this.#first = probe;
    else last.next = probe;
  }

  /** Nothing is waited for any longer. */
  delete(probe: Probe): void {
    const { previous, next } = probe;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    probe.previous = probe.next = undefined;
  }

  /** Those that are to be given up, the first of them first. */
  overdue(now: number): Probe[] {
    const overdue: Probe[] = [];
    for (let probe = this.#first; probe !== undefined; probe = probe.next) {
      if (probe.endMs <= now) overdue.push(probe);
      else if (this.#areInOrder) break;
    }
    return overdue;
  }

  /** Without a timeout those of each host end together. */
  get #areInOrder(): boolean {
    return this.#timeoutMs < Infinity;
  }
}

/** What is due so soon is sent now, so that many hosts cost few wake-ups. */
const SLACK_MS = 5;
/** What a short interval may be made up for after a pause. */
const CATCH_UP_MS = 20;
const CATCH_UP_REQUESTS = 32;
/** With an interval of 0, from one request to the next if none is answered. */
const UNANSWERED_MS = 10;

/** Hosts in the order in which they are due. */
export class Schedule {
  readonly #intervalMs: number;
  readonly #due: Target[] = [];

  /** @param intervalMs from one request to a host to the next */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** When the first of them is due. */
  get nextMs(): number {
    return this.#due[0]?.dueMs ?? Infinity;
  }

  /** Adds a host, which must know when it is due. */
  add(target: Target): void {
    let [low, high] = [0, this.#due.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#due[middle].dueMs > target.dueMs) high = middle;
      else low = middle + 1;
    }
    if (low === this.#due.length) this.#due.push(target);
    else this.#due.splice(low, 0, target);
  }

  /** Takes the first host that is due by now, or nearly. */
  take(now: number): Target | undefined {
    const slack = Math.min(SLACK_MS, this.#intervalMs / 2);
    return this.nextMs <= now + slack ? this.#due.shift() : undefined;
  }

  /** Adds a host that was just sent to, for the next time. */
  again(target: Target, now: number): void {
    target.dueMs = this.#after(target.dueMs, now);
    this.add(target);
  }

  /**
   * Makes a host due that has answered; only an interval of 0 asks for that. It
   * comes behind those that are due already, which would else wait for ever.
   */
  hasten(target: Target, now: number): boolean {
    if (this.#intervalMs > 0) return false;
    // One that answers soon is near the end.
    const place = this.#due.lastIndexOf(target);
    if (place < 0) return false;
    target.dueMs = now;
    if (this.#due.length > 1) {
      this.#due.splice(place, 1);
      this.add(target);
    }
    return true;
  }

  #after(dueMs: number, now: number): number {
    const intervalMs = this.#intervalMs;
    if (intervalMs === 0) return now + UNANSWERED_MS;
    const next = dueMs + intervalMs;
    if (next >= now) return next;
    // Late by more than a long interval, it goes on from now.
    return intervalMs >= CATCH_UP_MS
      ? now + intervalMs
      : Math.max(next, now - CATCH_UP_MS, now - CATCH_UP_REQUESTS * intervalMs);
  }
}
