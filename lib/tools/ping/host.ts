/**
 * What pinging a host has shown.
 *
 * @module
 */

import { Shown } from "../../bytes/shown.ts";
import type { ICMPReply } from "../../socket/icmp/icmp_reply.ts";
import { NONE_REFUSED, type RefusalReason } from "./refusal.ts";
import { jitter, mean, percentile, standardDeviation } from "./statistics.ts";

/**
 * An ICMP error that came instead of a reply, and how often.
 *
 * @category Ping
 */
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

/**
 * What pinging a host has shown. Round trips are in milliseconds; without any,
 * figures of them are `undefined`.
 *
 * @category Ping
 */
export class Host extends Shown {
  /** As it was given: an address or a name. */
  readonly name: string;
  /** Its address; empty if it has none, or no way leads there. */
  readonly address: string;
  /** Every round trip, in the order of arrival. */
  readonly rttsMs: readonly number[];
  /** Requests sent, those included that could not leave this host. */
  readonly packetsSent: number;
  /** Replies that came in time, each request counted once. */
  readonly packetsReceived: number;
  /** Replies beyond the first to a request. */
  readonly duplicates: number;
  /** Replies that came after the time to wait for them. */
  readonly lateReplies: number;
  /** ICMP errors that came instead. */
  readonly errors: readonly HostError[];
  /** Messages that were not believed, by what is wrong with them. */
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** The TTL, or hop limit, that the last reply arrived with. */
  readonly replyTTL: number | undefined;
  /** From the first request until it was done with, in milliseconds. */
  readonly durationMs: number;
  /** Why it, or its last request that could not leave, was not sent to. */
  readonly failure: Error | undefined;

  /** Made by the tools. */
  constructor(record: HostRecord) {
    super();
    this.name = record.name;
    this.address = record.address;
    this.rttsMs = [...record.rttsMs];
    this.packetsSent = record.packetsSent;
    this.packetsReceived = record.rttsMs.length;
    this.duplicates = record.duplicates;
    this.lateReplies = record.lateReplies;
    this.errors = [...record.errors.values()];
    this.refused = { ...record.refused };
    this.replyTTL = record.replyTTL;
    this.failure = record.failure;
    const { startedMs = 0, endedMs = startedMs } = record;
    this.durationMs = endedMs - startedMs;
  }

  /** Whether it has answered at all. */
  get isAlive(): boolean {
    return this.packetsReceived > 0;
  }

  /** The share of requests without a reply, 0–1; of none `undefined`. */
  get packetLoss(): number | undefined {
    return this.packetsSent === 0
      ? undefined
      : 1 - this.packetsReceived / this.packetsSent;
  }

  /** The shortest round trip. */
  get minRttMs(): number | undefined {
    return percentile(this.rttsMs, 0);
  }

  /** The mean. */
  get avgRttMs(): number | undefined {
    return mean(this.rttsMs);
  }

  /** The longest. */
  get maxRttMs(): number | undefined {
    return percentile(this.rttsMs, 1);
  }

  /** Half of them are no longer. */
  get p50Ms(): number | undefined {
    return percentile(this.rttsMs, 0.5);
  }

  /** 95 of 100 are no longer. */
  get p95Ms(): number | undefined {
    return percentile(this.rttsMs, 0.95);
  }

  /** The standard deviation. */
  get stddevMs(): number | undefined {
    return standardDeviation(this.rttsMs);
  }

  /** The mean difference from one to the next. */
  get jitterMs(): number | undefined {
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
  readonly refused: Record<RefusalReason, number> = { ...NONE_REFUSED };

  constructor(readonly name: string) {}

  /** Notes an echo reply. */
  addReply(
    { ttl, roundTripMs = 0 }: Pick<ICMPReply, "ttl" | "roundTripMs">,
    { isDuplicate, isLate }: { isDuplicate: boolean; isLate: boolean },
  ): void {
    this.replyTTL = ttl;
    if (isDuplicate) this.duplicates++;
    else if (isLate) this.lateReplies++;
    else this.rttsMs.push(roundTripMs);
  }

  /** Notes an ICMP error. */
  addError({ source: from, type, code, description }: ICMPReply): void {
    const key = `${from}/${type}/${code}`;
    const count = (this.errors.get(key)?.count ?? 0) + 1;
    this.errors.set(key, { from, type, code, description, count });
  }
}
