/**
 * UDP datagrams as probes.
 *
 * Paris: both ports are the same in all of them; the checksum tells them apart.
 * Classic: each goes to the port after the last one's.
 *
 * A server's own datagram tells nothing but the ports: of Paris probes, that it
 * is to one of them.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { get16, put16 } from "../../wire/octets.ts";
import { pseudoHeaderSum } from "../../wire/pseudo_header.ts";
import type { UDPHeader } from "../../wire/transport/udp.ts";
import {
  changed,
  type Flow,
  type ProbeMethod,
  randomOctets,
  Tokens,
  writeChecksum,
} from "./trace_method.ts";
import {
  isSameFrom,
  isSameOrTranslated,
  quotesPayload,
  type TracedPacket,
} from "./trace_quote.ts";
import type { ProbeChange } from "./hop.ts";
import type { TakenPort } from "./trace_world.ts";

const OFFSET = {
  SOURCE_PORT: 0,
  DESTINATION_PORT: 2,
  LENGTH: 4,
  CHECKSUM: 6,
  PAYLOAD: 8,
  DNS_FLAGS: 10,
};
/** A name server answers queries only: what has this bit unset (RFC 1035 §4.1.1). */
const DNS_RESPONSE = 0x80;
const PORTS = [
  ["sourcePort", OFFSET.SOURCE_PORT],
  ["destinationPort", OFFSET.DESTINATION_PORT],
] as const;

/** Makes UDP datagrams, and recognizes them. */
export class UDPMethod implements ProbeMethod {
  readonly protocol = IP_PROTOCOL.UDP;
  readonly udpPort: number;
  readonly #flow: Flow;
  readonly #port: TakenPort;
  readonly #tokens = new Tokens();
  #count = 0;

  /** @param port where probes come from; given back at the end */
  constructor(flow: Flow, port: TakenPort) {
    this.#flow = flow;
    this.#port = port;
    this.udpPort = port.number;
  }

  segment(length: number): Uint8Array<ArrayBuffer> {
    const { port, isClassic } = this.#flow;
    const segment = randomOctets(length);
    segment[OFFSET.DNS_FLAGS] &= ~DNS_RESPONSE;
    const remotePort = isClassic ? port + this.#count++ & 0xffff : port;
    put16(segment, OFFSET.SOURCE_PORT, this.udpPort);
    put16(segment, OFFSET.DESTINATION_PORT, remotePort);
    put16(segment, OFFSET.LENGTH, length);
    const initial = pseudoHeaderSum(this.#flow, this.protocol, length);
    const { CHECKSUM: field, PAYLOAD: payload } = OFFSET;
    if (isClassic) {
      put16(segment, field, 0);
      // 0 would say that there is none (RFC 768).
      put16(segment, field, internetChecksum(segment, initial) || 0xffff);
    } else {
      const place = { field, payload, initial };
      writeChecksum(segment, this.#tokens.next(), place);
    }
    return segment;
  }

  /**
   * By source port and checksum, of which nobody can guess 30 bits; and by the
   * payload, as far as it is quoted. IPv6 routers have to quote it (RFC 4443
   * §2.4).
   */
  isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean {
    const [ours, theirs] = [sent.segment, quoted.segment];
    return isSameFrom(OFFSET.LENGTH, ours, theirs, OFFSET.CHECKSUM) &&
      isSameFrom(OFFSET.PAYLOAD, ours, theirs) &&
      isSameOrTranslated(sent, quoted, true) &&
      (this.#flow.family === 4 || quotesPayload(quoted));
  }

  isDatagram({ segment }: TracedPacket, header: UDPHeader): boolean {
    return header.sourcePort === get16(segment, OFFSET.DESTINATION_PORT) &&
      header.destinationPort === get16(segment, OFFSET.SOURCE_PORT);
  }

  changes(sent: TracedPacket, quoted: TracedPacket): ProbeChange[] {
    return changed(PORTS, sent.segment, quoted.segment);
  }

  close(): void {
    this.#port[Symbol.dispose]();
  }
}
