/**
 * What the probes to one hop have shown.
 *
 * @module
 */

import type { MPLSLabel } from "../wire/mpls.ts";
import { Host, HostRecord } from "./host.ts";
import type { HopAnswer } from "./trace_types.ts";

/**
 * One hop of a route: whoever answers to probes of its distance, which may be
 * several routers, and nobody. Its `address` is that of the first answer, empty
 * if there is none. Every answer counts as received; its `errors` are those
 * that say that the destination cannot be reached.
 */
export class Hop extends Host {
  /** How many hops away, 1–255. */
  readonly distance: number;
  /** For each probe its answer, or `undefined` if there was none in time. */
  readonly answers: readonly (HopAnswer | undefined)[];
  /** Octets of the probes that got here. */
  readonly packetSize: number;

  /** Made by the tools. */
  constructor(record: HopRecord) {
    super(record);
    this.distance = record.distance;
    this.answers = [...record.answers];
    this.packetSize = record.packetSize;
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
  packetSize = 0;

  constructor(readonly distance: number, probes: number) {
    super("");
    this.answers = new Array(probes).fill(undefined);
  }

  /** Notes the answer to one of the probes, counted from 0. */
  addAnswer(probe: number, answer: HopAnswer): void {
    this.address ||= answer.from;
    this.answers[probe] = answer;
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
