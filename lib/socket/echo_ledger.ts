/**
 * The echo requests that were sent, so that what arrives can be matched to
 * them: an answer, one more of the same, one that comes too late, or nothing
 * of ours.
 *
 * @module
 */

import { withoutZone } from "../wire/zone.ts";
import { type Instant, roundTripMs } from "./clock.ts";
import {
  type Expected,
  type ICMPMessage,
  type Mismatch,
  mismatch,
} from "./icmp_message.ts";
import { ICMPReply } from "./icmp_reply.ts";

/** How many messages were passed over, by reason. */
export type IgnoredCounts = Record<
  Mismatch | "malformed" | "late" | "duplicate",
  number
>;

/** A request that was sent, and what became of it. */
export interface SentEcho extends Expected {
  /** Just before it was sent. */
  readonly at: Instant;
  /** Who has answered so far, and what, if it was no reply. */
  readonly answeredBy: Set<string>;
  /** Whether somebody waited for an answer in vain. */
  isOverdue: boolean;
}

/** A message that arrived, and when. */
export interface Arrival {
  readonly message: ICMPMessage;
  /** When the kernel received it, by the system's clock. */
  readonly receivedNs: bigint;
  /** When it was read, some time later. */
  readonly seen: Instant;
}

/** Remembers the requests sent, up to a number of them. */
export class EchoLedger {
  /** Messages that were passed over, by reason. */
  readonly ignored: IgnoredCounts = {
    checksum: 0,
    type: 0,
    identifier: 0,
    sequence: 0,
    source: 0,
    payload: 0,
    quoted: 0,
    malformed: 0,
    late: 0,
    duplicate: 0,
  };
  readonly #capacity: number;
  /** In the order of sending, the latest last. */
  readonly #sent = new Map<string, SentEcho>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Notes a request; the oldest is forgotten when there are too many. */
  add(expected: Expected, at: Instant): SentEcho {
    const sent = {
      ...expected,
      at,
      answeredBy: new Set<string>(),
      isOverdue: false,
    };
    const { id, sequence, destination, isBroadcast } = expected;
    const key = keyOf(id, sequence, isBroadcast ? ANYBODY : destination);
    this.#sent.delete(key);
    this.#sent.set(key, sent);
    if (this.#sent.size > this.#capacity) {
      const [oldest] = this.#sent.keys();
      this.#sent.delete(oldest);
    }
    return sent;
  }

  /** The request that a message answers. */
  find(message: ICMPMessage): SentEcho | undefined {
    const echo = message.reply ?? message.quotedRequest;
    if (echo === undefined) return undefined;
    const host = message.quotedRequest?.destination ?? message.source;
    for (const who of [host, ANYBODY]) {
      const sent = this.#sent.get(keyOf(echo.id, echo.sequence, who));
      if (sent !== undefined && mismatch(message, sent) === undefined) {
        return sent;
      }
    }
  }

  /**
   * Makes a reply of a message, and notes who sent it.
   *
   * @param sent the request that it answers, if it answers one
   */
  reply(arrival: Arrival, sent: SentEcho | undefined): ICMPReply {
    const { message, receivedNs, seen } = arrival;
    const echo = message.reply ?? message.quotedRequest;
    const answer = answerOf(message);
    const isDuplicate = sent?.answeredBy.has(answer) ?? false;
    sent?.answeredBy.add(answer);
    return new ICMPReply({
      source: message.source,
      destination: message.destination,
      family: message.family,
      id: echo?.id ?? 0,
      sequence: echo?.sequence ?? 0,
      type: message.type,
      code: message.code,
      bytesReceived: message.length,
      time: Number(receivedNs) / 1e9,
      ttl: message.ttl,
      payload: message.reply?.payload ?? new Uint8Array(),
      options: message.options,
      packet: message.packet,
      quoted: message.quoted ?? new Uint8Array(),
      nextHopMTU: message.nextHopMTU,
      roundTripMs: sent && roundTripMs(sent.at, receivedNs, seen),
      isDuplicate,
      isLate: sent?.isOverdue ?? false,
    });
  }

  /**
   * Counts a message that answers nothing that is waited for.
   *
   * @param wanted the request that was waited for, if it was a single one
   */
  ignore(message: ICMPMessage, wanted: SentEcho | undefined): void {
    const other = this.find(message);
    if (other !== undefined) {
      const answer = answerOf(message);
      const isDuplicate = other.answeredBy.has(answer);
      other.answeredBy.add(answer);
      this.ignored[isDuplicate ? "duplicate" : "late"]++;
    } else {
      this.ignored[reasonFor(message, wanted)]++;
    }
  }
}

/** An error, or a redirect, does not make the reply behind it a duplicate. */
function answerOf({ source, reply, type, code }: ICMPMessage): string {
  return reply === undefined ? `${source} ${type}/${code}` : source;
}

function reasonFor(
  message: ICMPMessage,
  wanted: SentEcho | undefined,
): Mismatch {
  const reason = wanted && mismatch(message, wanted);
  if (reason !== undefined) return reason;
  if (!message.isChecksumRight) return "checksum";
  if (message.quoted !== undefined) return "quoted";
  return message.reply === undefined ? "type" : "source";
}

/** Stands for the hosts behind a broadcast address. */
const ANYBODY = "*";

function keyOf(id: number, sequence: number, host: string): string {
  return `${id}/${sequence}/${withoutZone(host)}`;
}
