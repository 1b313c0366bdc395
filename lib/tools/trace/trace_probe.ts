/**
 * Probes as they go out, and which of them something that arrived answers.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import type { Instant } from "../../socket/kernel/clock.ts";
import type { Datagram } from "../../socket/datagram.ts";
import { unlessMalformed } from "../../wire/errors.ts";
import { decodeICMPExtensions } from "../../wire/icmp/icmp_extensions.ts";
import { icmpName } from "../../wire/icmp/icmp_names.ts";
import { decodeICMPv4 } from "../../wire/icmp/icmpv4.ts";
import type { ICMPv4Message } from "../../wire/icmp/icmpv4_messages.ts";
import { decodeICMPv6 } from "../../wire/icmp/icmpv6.ts";
import type { ICMPv6Message } from "../../wire/icmp/icmpv6_messages.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { decodeIPv4, encodeIPv4 } from "../../wire/ipv4/ipv4.ts";
import { encodeIPv6 } from "../../wire/ipv6/ipv6.ts";
import { pseudoHeaderSum } from "../../wire/pseudo_header.ts";
import { decodeTCP } from "../../wire/transport/tcp.ts";
import { decodeUDP } from "../../wire/transport/udp.ts";
import { withoutZone } from "../../wire/zone.ts";
import {
  type EchoReply,
  type Flow,
  type ProbeMethod,
  randomBits,
  Tokens,
} from "./trace_method.ts";
import {
  changesBetween,
  LEAST_QUOTED,
  readTraced,
  type TracedPacket,
} from "./trace_quote.ts";
import type { HopAnswer } from "./hop.ts";
import type { TraceArrival } from "./trace_world.ts";

/** Octets of an IP header. */
export const IP_HEADER = { 4: 20, 6: 40 } as const;

/** A packet on its way. */
export interface SentPacket {
  readonly bytes: Uint8Array;
  /** The same, read. */
  readonly traced: TracedPacket;
  /** Just before it was sent. */
  readonly at: Instant;
}

/** An answer, without what only the sender knows. */
export type Reading = Omit<HopAnswer, "roundTripMs" | "time"> & {
  /** The packet that it answers, the last of those that it may answer. */
  readonly sent: SentPacket;
  /** Whether it can answer no other. */
  readonly isCertain: boolean;
  /** Whether the packet was too long for the next link. */
  readonly isTooLong: boolean;
};

/** Who sent something that arrived, and the TTL that it arrived with. */
interface Sender {
  readonly source: string;
  readonly ttl: number | undefined;
}

/** An error of either version. */
type QuotingMessage = Extract<
  ICMPv4Message | ICMPv6Message,
  { readonly quoted: Uint8Array }
>;

/** Makes the packets of a trace. */
export class ProbeMaker {
  readonly #flow: Flow;
  readonly #method: ProbeMethod;
  readonly #trafficClass: number;
  readonly #dontFragment: boolean;
  readonly #identifications = new Tokens();
  readonly #flowLabel = randomBits(20);

  constructor(
    flow: Flow,
    method: ProbeMethod,
    options: { trafficClass: number; dontFragment: boolean },
  ) {
    this.#flow = flow;
    this.#method = method;
    this.#trafficClass = options.trafficClass;
    this.#dontFragment = options.dontFragment;
  }

  /** @param size octets, the IP header included */
  make(distance: number, size: number): Omit<SentPacket, "at"> {
    const { family, source, destination } = this.#flow;
    const { protocol } = this.#method;
    const segment = this.#method.segment(size - IP_HEADER[family]);
    const [dscp, ecn] = [this.#trafficClass >> 2, this.#trafficClass & 3];
    const shared = { source, destination, protocol, dscp, ecn };
    const bytes = family === 4
      ? encodeIPv4({
        ...shared,
        ttl: distance,
        identification: this.#identifications.next(),
        dontFragment: this.#dontFragment,
      }, segment)
      : encodeIPv6({
        ...shared,
        hopLimit: distance,
        flowLabel: this.#flowLabel,
      }, segment);
    return { bytes, traced: readTraced(bytes, family)! };
  }
}

/** Types of the errors that tell something of a probe's end, by family. */
const TIME_EXCEEDED = { 4: 11, 6: 3 } as const;
const ERRORS = { 4: [3, 11, 12], 6: [1, 2, 3, 4] } as const;

/** Reads what arrives as answers to packets that were sent. */
export class AnswerReader {
  readonly #flow: Flow;
  readonly #method: ProbeMethod;

  constructor(flow: Flow, method: ProbeMethod) {
    this.#flow = flow;
    this.#method = method;
  }

  /** The answer that it is to one of some packets; `undefined` if to none. */
  read(
    { protocol, datagram }: TraceArrival,
    packets: readonly SentPacket[],
  ): Reading | undefined {
    return unlessMalformed(() => {
      const { source, ttl, segment } = this.#open(datagram);
      if (protocol === IP_PROTOCOL.TCP) {
        return this.#readSegment({ source, ttl }, segment, packets);
      }
      if (protocol === IP_PROTOCOL.UDP) {
        return this.#readDatagram({ source, ttl }, segment, packets);
      }
      const { family } = this.#flow;
      if (family === 4 && internetChecksum(segment) !== 0) return undefined;
      const message = family === 4
        ? decodeICMPv4(segment).header
        : decodeICMPv6(segment).header;
      const from = { source, ttl };
      if (message.kind === "echoReply") {
        return this.#readEcho(message, from, packets);
      }
      return "quoted" in message
        ? this.#readError(message, from, packets)
        : undefined;
    });
  }

  /** An IPv4 raw socket gives the header, too; an IPv6 one does not. */
  #open({ bytes, source, hopLimit }: Datagram): Sender & {
    readonly segment: Uint8Array;
  } {
    if (this.#flow.family === 6) {
      return { source, ttl: hopLimit, segment: bytes };
    }
    const { header, payload } = decodeIPv4(bytes);
    return { source: header.source, ttl: header.ttl, segment: payload };
  }

  #readError(
    message: QuotingMessage,
    { source: from, ttl: replyTTL }: Sender,
    packets: readonly SentPacket[],
  ): Reading | undefined {
    const { family } = this.#flow;
    const { type, code } = message;
    if (!(ERRORS[family] as readonly number[]).includes(type)) return undefined;
    const whole = readTraced(message.quoted, family);
    if (whole === undefined) return undefined;
    const extensions = "extensions" in message ? message.extensions : NOTHING;
    const quoted = extensions.length > 0 ? withoutPadding(whole) : whole;
    // As a rule it is one of the last.
    const sent = packets.findLast(({ traced }) =>
      this.#isQuoted(traced, quoted)
    );
    if (sent === undefined) return undefined;
    const isFinal = type !== TIME_EXCEEDED[family];
    return {
      sent,
      isCertain: true,
      from,
      type,
      code,
      description: icmpName(family, type, code),
      isFinal,
      isReached: isFinal && this.#isTarget(from),
      isTooLong: family === 4 ? type === 3 && code === 4 : type === 2,
      replyTTL,
      nextHopMTU: "nextHopMTU" in message
        ? message.nextHopMTU
        : "mtu" in message
        ? message.mtu
        : 0,
      quotedTTL: quoted.ttl,
      changes: [
        ...changesBetween(sent.traced, quoted),
        ...this.#method.changes(sent.traced, quoted),
      ],
      extensions: extensions.length === 0
        ? []
        : decodeICMPExtensions(extensions).objects.map(({ object }) => object),
    };
  }

  #isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean {
    return quoted.protocol === sent.protocol &&
      quoted.segment.length >= LEAST_QUOTED &&
      this.#method.isQuoted(sent, quoted);
  }

  #readEcho(
    reply: EchoReply,
    { source: from, ttl: replyTTL }: Sender,
    packets: readonly SentPacket[],
  ): Reading | undefined {
    if (!this.#isTarget(from)) return undefined;
    const sent = packets.findLast(({ traced }) =>
      this.#method.isEcho?.(traced, reply)
    );
    const { type, code } = reply;
    const description = "echo reply";
    return sent &&
      { ...REACHED, sent, from, type, code, description, replyTTL };
  }

  #readSegment(
    { source: from, ttl: replyTTL }: Sender,
    segment: Uint8Array,
    packets: readonly SentPacket[],
  ): Reading | undefined {
    if (!this.#isTarget(from)) return undefined;
    const { header } = decodeTCP(segment);
    const sent = packets.findLast(({ traced }) =>
      this.#method.isSegment?.(traced, header)
    );
    return sent && {
      ...REACHED,
      sent,
      from,
      type: undefined,
      code: undefined,
      description: header.rst ? "TCP RST" : "TCP SYN-ACK",
      replyTTL,
    };
  }

  #readDatagram(
    { source: from, ttl: replyTTL }: Sender,
    segment: Uint8Array,
    packets: readonly SentPacket[],
  ): Reading | undefined {
    if (!this.#isTarget(from) || !this.#isSound(segment)) return undefined;
    const { header } = decodeUDP(segment);
    const answered = packets.filter(({ traced }) =>
      this.#method.isDatagram?.(traced, header)
    );
    const sent = answered.at(-1);
    return sent && {
      ...REACHED,
      sent,
      isCertain: answered.length === 1,
      from,
      type: undefined,
      code: undefined,
      description: "UDP reply",
      replyTTL,
    };
  }

  /**
   * Whether the checksum of a UDP datagram is right. What no cable has carried
   * has that of the pseudo header alone: the rest is left to a network card.
   */
  #isSound(segment: Uint8Array): boolean {
    const { header: { length, checksum } } = decodeUDP(segment);
    if (length > segment.length) return false;
    if (checksum === 0) return this.#flow.family === 4;
    const outside = pseudoHeaderSum(this.#flow, IP_PROTOCOL.UDP, length);
    return checksum === outside ||
      internetChecksum(segment, outside, length) === 0;
  }

  #isTarget(source: string): boolean {
    return withoutZone(source) === this.#flow.destination;
  }
}

const NOTHING = new Uint8Array();

/** What the destination's own answers have in common. */
const REACHED = {
  isCertain: true,
  isFinal: true,
  isReached: true,
  isTooLong: false,
  nextHopMTU: 0,
  quotedTTL: undefined,
  changes: [],
  extensions: [],
} as const;

/**
 * Before extensions, a short quote is filled up with zeros (RFC 4884 §3), which
 * nothing tells from the probe's own octets.
 */
function withoutPadding(quoted: TracedPacket): TracedPacket {
  const { segment } = quoted;
  let end = segment.length;
  while (end > LEAST_QUOTED && segment[end - 1] === 0) end--;
  return { ...quoted, segment: segment.subarray(0, end) };
}
