/**
 * TCP SYNs as probes, as short as they can be.
 *
 * Paris: both ports are the same in all of them; the sequence number tells
 * them apart. Classic: each comes from a port of its own.
 *
 * Sequence numbers begin at random, and get smaller, a little each time: so
 * firewalls and translators that watch the flow let the answers to all of them
 * through, and a server that has answered one does not reset it for the next.
 *
 * @module
 */

import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { get16, get32 } from "../../wire/octets.ts";
import {
  encodeTCP,
  TCP_MIN_HEADER_LENGTH,
  type TCPHeader,
} from "../../wire/transport/tcp.ts";
import {
  changed,
  type Flow,
  type ProbeMethod,
  randomBits,
  randomPort,
} from "./trace_method.ts";
import { isSameFrom, type TracedPacket } from "./trace_quote.ts";
import type { ProbeChange } from "./hop.ts";

const OFFSET = { SOURCE_PORT: 0, DESTINATION_PORT: 2, SEQUENCE: 4, END: 8 };
const PORTS = [
  ["sourcePort", OFFSET.SOURCE_PORT],
  ["destinationPort", OFFSET.DESTINATION_PORT],
] as const;

/** All probes that a trace can have are within a window of 65,535. */
const STEP = 16;

/** Makes SYNs, and recognizes them. */
export class TCPMethod implements ProbeMethod {
  readonly protocol = IP_PROTOCOL.TCP;
  readonly fixedLength = TCP_MIN_HEADER_LENGTH;
  /**
   * A server answers the first SYN of a flow, and the next one only when the
   * kernel here, which knows nothing of it, has sent its RST.
   */
  readonly isSequential: boolean;
  readonly tcpPort: number;
  readonly #flow: Flow;
  readonly #localPort = randomPort();
  #sequence = randomBits(32);

  constructor(flow: Flow) {
    this.#flow = flow;
    this.isSequential = !flow.isClassic;
    this.tcpPort = flow.port;
  }

  segment(): Uint8Array<ArrayBuffer> {
    const { port, isClassic } = this.#flow;
    this.#sequence = (this.#sequence - STEP) >>> 0;
    const fields = {
      sourcePort: isClassic ? randomPort() : this.#localPort,
      destinationPort: port,
      sequence: this.#sequence,
      window: 5840,
      syn: true,
    };
    return encodeTCP(fields, new Uint8Array(), this.#flow);
  }

  /**
   * By the sequence number, of which nobody can guess 32 bits. What stands
   * behind it middleboxes rewrite as they like.
   */
  isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean {
    const [ours, theirs] = [sent.segment, quoted.segment];
    const isTranslated = sent.source !== quoted.source ||
      sent.destination !== quoted.destination;
    const from = isTranslated ? OFFSET.SEQUENCE : OFFSET.SOURCE_PORT;
    return isSameFrom(from, ours, theirs, OFFSET.END);
  }

  isSegment({ segment }: TracedPacket, header: TCPHeader): boolean {
    const { sourcePort, destinationPort, acknowledgment, ack } = header;
    const sequence = get32(segment, OFFSET.SEQUENCE);
    return ack && (header.rst || header.syn) &&
      sourcePort === get16(segment, OFFSET.DESTINATION_PORT) &&
      destinationPort === get16(segment, OFFSET.SOURCE_PORT) &&
      acknowledgment === (sequence + 1) % 2 ** 32;
  }

  changes(sent: TracedPacket, quoted: TracedPacket): ProbeChange[] {
    return changed(PORTS, sent.segment, quoted.segment);
  }
}
