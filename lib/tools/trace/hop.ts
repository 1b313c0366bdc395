/**
 * What the probes to one hop have shown.
 *
 * @module
 */

import type { ICMPExtensionObject } from "../../wire/icmp/icmp_extensions.ts";
import type { MPLSLabel } from "../../wire/icmp/mpls.ts";
import { Host, HostRecord } from "../ping/host.ts";

/**
 * Something that became of a probe on its way, as the quoted packet shows; or
 * that whoever quotes it writes otherwise, which nobody can tell from that.
 *
 * @category Traceroute
 */
export interface ProbeChange {
  /**
   * Address translation (NAT) changes addresses, ports and the identifier of an
   * echo request; others remark `trafficClass`, and what is for routers alone.
   */
  readonly field:
    | "source"
    | "destination"
    | "sourcePort"
    | "destinationPort"
    | "identifier"
    | "trafficClass"
    | "totalLength"
    | "identification"
    | "dontFragment"
    | "options"
    | "flowLabel";
  /** As it was sent; options as hexadecimal digits. */
  readonly sent: number | string | boolean;
  /** As it was quoted. */
  readonly quoted: number | string | boolean;
}

/**
 * What somebody on the way answered to a probe.
 *
 * @category Traceroute
 */
export interface HopAnswer {
  /** Who. */
  readonly from: string;
  /** From the probe's sending until the kernel received it. */
  readonly roundTripMs: number;
  /** When the kernel received it, in seconds since 1970. */
  readonly time: number;
  /** ICMP type, 0–255; absent of a TCP segment or a UDP datagram. */
  readonly type: number | undefined;
  /** ICMP code, 0–255; absent of a TCP segment or a UDP datagram. */
  readonly code: number | undefined;
  /** In words, such as `echo reply`, `TCP RST` or `UDP reply`. */
  readonly description: string;
  /** Whether the probe went no further: reached, or unreachable. */
  readonly isFinal: boolean;
  /** Whether it came from the destination. */
  readonly isReached: boolean;
  /** The TTL, or hop limit, that it arrived with. */
  readonly replyTTL: number | undefined;
  /** The MTU that it tells of, or 0. */
  readonly nextHopMTU: number;
  /** The TTL that the probe had when it was quoted; 1 as a rule. */
  readonly quotedTTL: number | undefined;
  /** What else is no longer as it was sent. */
  readonly changes: readonly ProbeChange[];
  /** What stands behind the quoted packet, such as MPLS labels (RFC 4950). */
  readonly extensions: readonly ICMPExtensionObject[];
}

/**
 * What became of a probe: answered; not answered in time; not even sent, since
 * the system refused; or still on its way when the trace was ended.
 *
 * @category Traceroute
 */
export type ProbeFate = "answered" | "lost" | "failed" | "pending";

/**
 * One hop of a route: whoever answers to probes of its distance, which may be
 * several routers, and nobody. Its `address` is that of the first answer, empty
 * if there is none. Every answer counts as received; its `errors` are those
 * that say that the destination cannot be reached.
 *
 * @category Traceroute
 */
export class Hop extends Host {
  /** How many hops away, 1–255. */
  readonly distance: number;
  /** For each probe its answer, or `undefined` if there was none in time. */
  readonly answers: readonly (HopAnswer | undefined)[];
  /** For each probe what became of it. */
  readonly fates: readonly ProbeFate[];
  /** Octets of the shortest of the probes that got here; of none `undefined`. */
  readonly packetSize: number | undefined;

  /** Made by the tools. */
  constructor(record: HopRecord) {
    super(record);
    this.distance = record.distance;
    this.answers = [...record.answers];
    this.fates = [...record.fates];
    this.packetSize = record.packetSize;
  }

  /**
   * The share of probes without an answer, 0–1, those that are still on their
   * way left aside; of none `undefined`.
   */
  override get packetLoss(): number | undefined {
    const known = this.fates.filter((fate) => fate !== "pending");
    const lost = known.filter((fate) => fate !== "answered");
    return known.length === 0 ? undefined : lost.length / known.length;
  }

  /** Everybody who answered, in the order of the probes, each once. */
  get addresses(): string[] {
    return [...new Set(this.answers.flatMap((answer) => answer?.from ?? []))];
  }

  /** Whether the destination itself has answered. */
  get isReached(): boolean {
    return this.answers.some((answer) => answer?.isReached);
  }

  /** The MPLS labels that the probes carried here (RFC 4950), outermost first. */
  get labels(): readonly MPLSLabel[] {
    const objects = this.answers.flatMap((answer) => answer?.extensions ?? []);
    const stack = objects.find((object) => object.kind === "mplsLabelStack");
    return stack?.labels ?? [];
  }
}

/** What a {@linkcode Hop} is made of, while it is being gathered. */
export class HopRecord extends HostRecord {
  readonly answers: (HopAnswer | undefined)[];
  readonly fates: ProbeFate[] = [];
  packetSize: number | undefined;

  constructor(readonly distance: number, probes: number) {
    super("");
    this.answers = new Array(probes).fill(undefined);
  }

  /**
   * Notes the answer to one of the probes.
   *
   * @param probe counted from 0
   * @param size octets of it
   */
  addAnswer(probe: number, answer: HopAnswer, size: number): void {
    this.address ||= answer.from;
    this.answers[probe] = answer;
    this.packetSize = Math.min(this.packetSize ?? size, size);
    this.replyTTL = answer.replyTTL;
    this.rttsMs.push(answer.roundTripMs);
    if (answer.isFinal && !answer.isReached) this.#addRefusal(answer);
  }

  #addRefusal({ from, type = 0, code = 0, description }: HopAnswer): void {
    const key = `${from}/${type}/${code}`;
    const count = (this.errors.get(key)?.count ?? 0) + 1;
    this.errors.set(key, { from, type, code, description, count });
  }
}
