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
import {
  type Echo,
  type ICMPMessage,
  mismatch,
} from "../../socket/icmp/icmp_message.ts";
import { isPlainReply } from "../../socket/icmp/plain_reply.ts";
import type { PacketInPlace } from "../../socket/ring/packet_in_place.ts";
import { OFFSET } from "../../wire/icmp/icmp_common.ts";
import { get16 } from "../../wire/octets.ts";
import type { Probe, Target } from "./ping_target.ts";
import type { PingAnswered, PingedHost, PingRefused } from "./ping_types.ts";
import { refusalOf } from "./refusal.ts";
import type { SentRequests } from "./sent_requests.ts";

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
  readonly #sent: SentRequests;

  constructor(targets: readonly Target[], sent: SentRequests) {
    this.#targets = targets;
    this.#sent = sent;
  }

  /**
   * The request that a packet plainly answers: the first time, and in time.
   *
   * @returns `undefined` where it is to be judged as a message
   */
  plainlyAnswered(packet: PacketInPlace): Probe | undefined {
    const sequence = get16(packet.bytes, packet.start + OFFSET.SEQUENCE);
    const probe = this.#sent.last(sequence);
    const octets = probe?.target.octets;
    if (octets === undefined || probe!.isTouched) return undefined;
    return isPlainReply(packet, probe!, octets) ? probe : undefined;
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
    return this.#find(message, (probe) => !mismatch(message, probe));
  }

  /** The request whose numbers a message has, and which it does not answer. */
  #numbered(message: ICMPMessage): Probe | undefined {
    return this.#find(message, (probe, echo) => probe.id === echo.id);
  }

  #find(
    { reply, quotedRequest }: ICMPMessage,
    matches: (probe: Probe, echo: Echo) => boolean,
  ): Probe | undefined {
    const echo = reply ?? quotedRequest;
    if (echo === undefined) return undefined;
    return this.#sent.of(echo.sequence).find((probe) => matches(probe, echo));
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
