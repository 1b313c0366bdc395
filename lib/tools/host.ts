/**
 * What pinging a host has shown.
 *
 * @module
 */

import type { ICMPReply } from "../socket/icmp_reply.ts";
import { jitter, mean, percentile, standardDeviation } from "./statistics.ts";

/** An ICMP error that came instead of a reply, and how often. */
export interface HostError {
  /** Who sent it. */
  readonly from: string;
  /** ICMP type, 0–255. */
  readonly type: number;
  /** ICMP code, 0–255. */
  readonly code: number;
  /** In words: `destination unreachable: host unreachable`. */
  readonly description: string;
  /** How often it came. */
  readonly count: number;
}

/** What pinging a host has shown. Round trips are in milliseconds. */
export class Host {
  /** As it was given: an address or a name. */
  readonly name: string;
  /** Its address; empty if it has none, or no way leads there. */
  readonly address: string;
  /** Every round trip, in the order of arrival. */
  readonly rttsMs: readonly number[];
  /** Requests sent. */
  readonly packetsSent: number;
  /** Replies that came in time, each request counted once. */
  readonly packetsReceived: number;
  /** Replies beyond the first to a request. */
  readonly duplicates: number;
  /** Replies that came after the time to wait for them. */
  readonly lateReplies: number;
  /** ICMP errors that came instead. */
  readonly errors: readonly HostError[];
  /** The TTL, or hop limit, that the last reply arrived with. */
  readonly replyTTL: number | undefined;
  /** From the first request until it was done with, in milliseconds. */
  readonly durationMs: number;
  /** Why it could not be pinged at all: its name, or the system's refusal. */
  readonly failure: Error | undefined;

  /** Made by the tools. */
  constructor(record: HostRecord) {
    this.name = record.name;
    this.address = record.address;
    this.rttsMs = [...record.rttsMs];
    this.packetsSent = record.packetsSent;
    this.packetsReceived = record.rttsMs.length;
    this.duplicates = record.duplicates;
    this.lateReplies = record.lateReplies;
    this.errors = [...record.errors.values()];
    this.replyTTL = record.replyTTL;
    this.failure = record.failure;
    const { startedMs = 0, endedMs = startedMs } = record;
    this.durationMs = endedMs - startedMs;
  }

  /** Whether it has answered at all. */
  get isAlive(): boolean {
    return this.packetsReceived > 0;
  }

  /** The share of requests without a reply, 0–1. */
  get packetLoss(): number {
    return this.packetsSent === 0
      ? 0
      : 1 - this.packetsReceived / this.packetsSent;
  }

  /** The shortest round trip; 0 without any, as all these figures. */
  get minRttMs(): number {
    return percentile(this.rttsMs, 0);
  }

  /** The mean. */
  get avgRttMs(): number {
    return mean(this.rttsMs);
  }

  /** The longest. */
  get maxRttMs(): number {
    return percentile(this.rttsMs, 1);
  }

  /** Half of them are no longer. */
  get p50Ms(): number {
    return percentile(this.rttsMs, 0.5);
  }

  /** 95 of 100 are no longer. */
  get p95Ms(): number {
    return percentile(this.rttsMs, 0.95);
  }

  /** The standard deviation. */
  get stddevMs(): number {
    return standardDeviation(this.rttsMs);
  }

  /** The mean difference from one to the next. */
  get jitterMs(): number {
    return jitter(this.rttsMs);
  }
}

/** What a {@linkcode Host} is made of, while it is being gathered. */
export class HostRecord {
  address = "";
  packetsSent = 0;
  duplicates = 0;
  lateReplies = 0;
  replyTTL: number | undefined;
  startedMs: number | undefined;
  endedMs: number | undefined;
  failure: Error | undefined;
  readonly rttsMs: number[] = [];
  readonly errors: Map<string, HostError> = new Map();

  constructor(readonly name: string) {}

  /** Notes an echo reply. */
  addReply(
    reply: ICMPReply,
    { isDuplicate, isLate }: { isDuplicate: boolean; isLate: boolean },
  ): void {
    this.replyTTL = reply.ttl;
    if (isDuplicate) this.duplicates++;
    else if (isLate) this.lateReplies++;
    else this.rttsMs.push(reply.roundTripMs ?? 0);
  }

  /** Notes an ICMP error. */
  addError({ source: from, type, code, description }: ICMPReply): void {
    const key = `${from}/${type}/${code}`;
    const count = (this.errors.get(key)?.count ?? 0) + 1;
    this.errors.set(key, { from, type, code, description, count });
  }
}
