/**
 * What arrives, as what it is: a reply, an error, advice, or a message that is
 * not to be believed.
 *
 * @module
 */

import {
  answerOf,
  type Arrival,
  replyOf,
} from "../../socket/icmp/echo_ledger.ts";
import { type ICMPMessage, mismatch } from "../../socket/icmp/icmp_message.ts";
import type { Probe, Target } from "./ping_target.ts";
import type { PingAnswered, PingedHost, PingRefused } from "./ping_types.ts";
import { refusalOf } from "./refusal.ts";

/** What was found of a host; of a request, if it is about one. */
export interface Finding {
  readonly target: Target;
  readonly probe: Probe | undefined;
  /** What is told of it, but for the host. */
  readonly event: Told<PingAnswered> | Told<PingRefused>;
}

type Told<Event> = Omit<Event, keyof PingedHost>;

/** Knows what was sent, and judges by that what arrives. */
export class Judge {
  readonly #targets: readonly Target[];
  /**
   * The last request of each sequence number, behind which is the one before: a
   * hundred thousand are remembered, to tell what comes late or twice.
   */
  readonly #latest: (Probe | undefined)[] = [];

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
  }

  /** Notes a request that was sent. */
  note(probe: Probe): void {
    const before = this.#latest[probe.sequence];
    if (before !== undefined) before.before = undefined;
    probe.before = before;
    this.#latest[probe.sequence] = probe;
  }

  /**
   * Judges a message.
   *
   * @param identifier that of all requests
   * @returns `undefined` if it is about none of them
   */
  judge(arrival: Arrival, identifier: number): Finding | undefined {
    const { message } = arrival;
    const probe = this.#answered(message);
    if (probe === undefined) return this.#refused(arrival, identifier);
    const isRepeated = probe.isRepeated(answerOf(message));
    const isOverdue = probe.isOverdue;
    const reply = replyOf(arrival, {
      at: probe.at,
      isDuplicate: isRepeated,
      isLate: isOverdue,
    });
    const { isEchoReply, isAdvice } = reply;
    const isDuplicate = isRepeated || isEchoReply && probe.isAnswered;
    const isLate = isOverdue && !isDuplicate;
    const type = isEchoReply ? "reply" : isAdvice ? "advice" : "error";
    const { target, number: sequence } = probe;
    const event = { type, sequence, reply, isDuplicate, isLate } as const;
    return { target, probe, event };
  }

  #refused(arrival: Arrival, identifier: number): Finding | undefined {
    const { message } = arrival;
    const probe = this.#numbered(message);
    const target = probe?.target ?? this.#targetOf(message, identifier);
    if (target === undefined) return undefined;
    const isFrom = target.isBroadcast ||
      message.source === target.record.address;
    const event = {
      type: "refused",
      sequence: probe?.number,
      ...refusalOf(message, probe?.payload, isFrom),
      reply: replyOf(arrival, { at: probe?.at }),
    } as const;
    return { target, probe, event };
  }

  /** The request that a message answers. */
  #answered(message: ICMPMessage): Probe | undefined {
    const echo = message.reply ?? message.quotedRequest;
    let probe = echo && this.#latest[echo.sequence];
    while (probe !== undefined && mismatch(message, probe) !== undefined) {
      probe = probe.before;
    }
    return probe;
  }

  /** The request whose numbers a message has, and which it does not answer. */
  #numbered(message: ICMPMessage): Probe | undefined {
    const echo = message.reply ?? message.quotedRequest;
    let probe = echo && this.#latest[echo.sequence];
    while (probe !== undefined && probe.id !== echo!.id) probe = probe.before;
    return probe;
  }

  /** The host that a reply with a number which was not sent is from. */
  #targetOf(
    { reply, source }: ICMPMessage,
    identifier: number,
  ): Target | undefined {
    if (reply?.id !== identifier) return undefined;
    return this.#targets.length === 1
      ? this.#targets[0]
      : this.#targets.find(({ record }) => record.address === source);
  }
}
