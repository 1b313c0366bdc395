/**
 * Packets of any protocol as probes. What they carry is random, and tells them
 * apart; a flow is nothing but its addresses.
 *
 * @module
 */

import { type ProbeMethod, randomOctets } from "./trace_method.ts";
import { isSameFrom, type TracedPacket } from "./trace_quote.ts";
import type { ProbeChange } from "./trace_types.ts";

/** Makes packets of a protocol, and recognizes them. */
export class RawMethod implements ProbeMethod {
  constructor(readonly protocol: number) {}

  segment(length: number): Uint8Array<ArrayBuffer> {
    return randomOctets(length);
  }

  isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean {
    return isSameFrom(0, sent.segment, quoted.segment);
  }

  changes(): ProbeChange[] {
    return [];
  }
}
