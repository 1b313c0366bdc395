/**
 * The echo requests that were sent, so that what arrives can be matched to
 * them: an answer, one more of the same, one that comes too late, or nothing
 * of ours.
 *
 * @module
 */

import { withoutZone } from "../../wire/zone.ts";
import { type Instant, roundTripMs } from "../kernel/clock.ts";
import {
  type Expected,
  type ICMPMessage,
  type Mismatch,
  mismatch,
} from "./icmp_message.ts";
import { ICMPReply } from "./icmp_reply.ts";

/**
 * How many messages were passed over, by reason.
 *
 * @category ICMP sockets
 */
export type IgnoredCounts = Record<
  Mismatch | "malformed" | "late" | "duplicate" | "advice",
  number
>;

/** One time that a request was sent, and what became of it. */
interface Sending {
  /** Just before. */
  readonly at: Instant;
  /** Who has answered so far, and what, if it was no reply. */
  readonly answeredBy: Set<string>;
  /** Whether somebody waited for an answer in vain. */
  isOverdue: boolean;
}

/** A request that was sent, as a rule once. */
export interface SentEcho extends Expected {
  /** In their order; the last at least. */
  readonly sendings: Sending[];
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
    advice: 0,
  };
  readonly #capacity: number;
  /** In the order of sending, the latest last. */
  readonly #sent = new Map<string, SentEcho>();
  /** The last of each identifier and sequence number, whomever it went to. */
  readonly #last = new Map<string, SentEcho>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Notes a request; the oldest is forgotten when there are too many. */
  add(expected: Expected, at: Instant): SentEcho {
    return this.again({ ...expected, sendings: [] }, at);
  }

  /** Notes that a request is sent once more. */
  again(sent: SentEcho, at: Instant): SentEcho {
    const { sendings } = sent;
    sendings.push({ at, answeredBy: new Set(), isOverdue: false });
    if (sendings.length > SENDINGS) sendings.shift();
    const key = keyIn(sent);
    this.#sent.delete(key);
    this.#sent.set(key, sent);
    this.#last.set(numbersOf(sent), sent);
    if (this.#sent.size > this.#capacity) this.#forgetOldest();
    return sent;
  }

  #forgetOldest(): void {
    const [oldest] = this.#sent.values();
    this.#sent.delete(keyIn(oldest));
    const numbers = numbersOf(oldest);
    if (this.#last.get(numbers) === oldest) this.#last.delete(numbers);
  }

  /** Notes that an answer to a request would now be late. */
  giveUp(sent: SentEcho): void {
    for (const sending of sent.sendings) sending.isOverdue = true;
  }

  /** The request that a message answers. */
  find(message: ICMPMessage): SentEcho | undefined {
    const echo = message.reply ?? message.quotedRequest;
    if (echo === undefined) return undefined;
    const host = message.quotedRequest?.destination ?? message.source;
    for (const who of [host, ANYBODY]) {
      const sent = this.#sent.get(`${numbersOf(echo)}/${withoutZone(who)}`);
      if (sent !== undefined && mismatch(message, sent) === undefined) {
        return sent;
      }
    }
  }

  /**
   * The request that a message has the identifier and the sequence number of,
   * and does not answer.
   */
  findRefused(message: ICMPMessage): SentEcho | undefined {
    const echo = message.reply ?? message.quotedRequest;
    return echo && this.#last.get(numbersOf(echo));
  }

  /**
   * Makes a reply of a message, and notes who sent it.
   *
   * @param sent the request that it answers, if it answers one
   */
  reply(arrival: Arrival, sent: SentEcho | undefined): ICMPReply {
    const { message, receivedNs } = arrival;
    const sending = sent && sendingFor(message, receivedNs, sent);
    const isDuplicate = sending?.answeredBy.has(answerOf(message)) ?? false;
    sending?.answeredBy.add(answerOf(message));
    const isLate = sending?.isOverdue ?? false;
    return replyOf(arrival, { at: sending?.at, isDuplicate, isLate });
  }

  /**
   * Counts a message that answers nothing that is waited for.
   *
   * @param wanted the request that was waited for, if it was a single one
   */
  ignore(arrival: Arrival, wanted: SentEcho | undefined): void {
    const { message } = arrival;
    const other = this.find(message);
    if (other === undefined) {
      this.ignored[reasonFor(message, wanted)]++;
    } else {
      const { isDuplicate } = this.reply(arrival, other);
      this.ignored[isDuplicate ? "duplicate" : "late"]++;
    }
  }
}

/** Times that a request was sent which are remembered. */
const SENDINGS = 1024;

/**
 * Which sending a message answers: of those that it has not answered yet the
 * first that is still waited for. (It may have been received before the last of
 * them, and read after it.)
 */
function sendingFor(
  message: ICMPMessage,
  receivedNs: bigint,
  { sendings }: SentEcho,
): Sending {
  if (sendings.length === 1) return sendings[0];
  const answer = answerOf(message);
  const open = sendings.filter(({ answeredBy }) => !answeredBy.has(answer));
  const before = open.filter(({ at }) => at.realtimeNs <= receivedNs);
  return before.find(({ isOverdue }) => !isOverdue) ?? before[0] ?? open[0] ??
    sendings.at(-1)!;
}

/**
 * A message as a reply.
 *
 * @param known of the request that it answers: when that was sent
 */
export function replyOf(
  { message, receivedNs, seen }: Arrival,
  { at, isDuplicate = false, isLate = false }: {
    at?: Instant;
    isDuplicate?: boolean;
    isLate?: boolean;
  },
): ICMPReply {
  const echo = message.reply ?? message.quotedRequest;
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
    gateway: message.gateway,
    pointer: message.pointer,
    roundTripMs: at && roundTripMs(at, receivedNs, seen),
    isDuplicate,
    isLate,
  });
}

/** An error, or a redirect, does not make the reply behind it a duplicate. */
export function answerOf({ source, reply, type, code }: ICMPMessage): string {
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

/** What tells one from the others, but for whom it went to. */
function numbersOf(
  { id, sequence }: Pick<Expected, "id" | "sequence">,
): string {
  return `${id}/${sequence}`;
}

function keyIn(expected: Expected): string {
  const { isBroadcast, destination } = expected;
  const who = isBroadcast ? ANYBODY : withoutZone(destination);
  return `${numbersOf(expected)}/${who}`;
}
