/**
 * Echo requests as probes.
 *
 * The sequence number tells them apart. Paris: the identifier and the checksum
 * are the same in all of them, which is what routers look at. Classic: the
 * checksum is another in each.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import {
  releaseIdentifier,
  takeIdentifier,
} from "../../socket/icmp/identifiers.ts";
import { ICMP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { get16, put16 } from "../../wire/octets.ts";
import { pseudoHeaderSum } from "../../wire/pseudo_header.ts";
import {
  changed,
  type EchoReply,
  type Flow,
  type ProbeMethod,
  randomOctets,
  Tokens,
  writeChecksum,
} from "./trace_method.ts";
import {
  isSameFrom,
  isSameOrTranslated,
  type TracedPacket,
} from "./trace_quote.ts";
import type { ProbeChange } from "./hop.ts";

const OFFSET = { TYPE: 0, CHECKSUM: 2, IDENTIFIER: 4, SEQUENCE: 6, PAYLOAD: 8 };
const ECHO_REQUEST = { 4: 8, 6: 128 } as const;

/** Makes echo requests, and recognizes them. */
export class ICMPMethod implements ProbeMethod {
  readonly protocol: number;
  readonly identifier = takeIdentifier();
  readonly #flow: Flow;
  readonly #tokens = new Tokens();
  readonly #checksum = this.#tokens.next();

  constructor(flow: Flow) {
    this.#flow = flow;
    this.protocol = ICMP_PROTOCOL[flow.family];
  }

  segment(length: number): Uint8Array<ArrayBuffer> {
    const { family, isClassic } = this.#flow;
    const segment = randomOctets(length);
    const initial = family === 4
      ? 0
      : pseudoHeaderSum(this.#flow, this.protocol, length);
    put16(segment, OFFSET.TYPE, ECHO_REQUEST[family] << 8);
    put16(segment, OFFSET.IDENTIFIER, this.identifier);
    put16(segment, OFFSET.SEQUENCE, this.#tokens.next());
    const { CHECKSUM: field, PAYLOAD: payload } = OFFSET;
    if (isClassic) {
      put16(segment, field, 0);
      put16(segment, field, internetChecksum(segment, initial));
    } else {
      writeChecksum(segment, this.#checksum, { field, payload, initial });
    }
    return segment;
  }

  isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean {
    const [ours, theirs] = [sent.segment, quoted.segment];
    // A translator may have changed the identifier, and the checksum with it.
    return isSameFrom(OFFSET.TYPE, ours, theirs, OFFSET.CHECKSUM) &&
      isSameFrom(OFFSET.SEQUENCE, ours, theirs) &&
      isSameOrTranslated(sent, quoted, this.#flow.family === 6);
  }

  isEcho({ segment }: TracedPacket, reply: EchoReply): boolean {
    return reply.identifier === get16(segment, OFFSET.IDENTIFIER) &&
      reply.sequence === get16(segment, OFFSET.SEQUENCE) &&
      reply.payload.length === segment.length - OFFSET.PAYLOAD &&
      isSameFrom(0, segment.subarray(OFFSET.PAYLOAD), reply.payload);
  }

  changes(sent: TracedPacket, quoted: TracedPacket): ProbeChange[] {
    const fields = [["identifier", OFFSET.IDENTIFIER]] as const;
    return changed(fields, sent.segment, quoted.segment);
  }

  close(): void {
    releaseIdentifier(this.identifier);
  }
}
