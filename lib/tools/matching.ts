/**
 * Whether an ICMP error is about a packet of ours: the one place that decides
 * whom to believe, since anybody can send an error about anything.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { unlessMalformed } from "../wire/errors.ts";
import { icmpv4Name } from "../wire/icmp/icmp_names.ts";
import { decodeICMPv4 } from "../wire/icmp/icmpv4.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4/ipv4.ts";
import { type Instant, wasBefore } from "../socket/kernel/clock.ts";

/**
 * An ICMP error message, and the header of the packet it complains about.
 *
 * @category The pair
 */
export interface ICMPErrorMessage {
  /** Who sent it. */
  readonly from: string;
  /** Such as 3, destination unreachable. */
  readonly type: number;
  /** Such as 2, protocol unreachable. */
  readonly code: number;
  /** Both in words. */
  readonly description: string;
  /** The quoted packet's header. */
  readonly quoted: IPv4Header;
  /** What it quotes of what stands behind that header. */
  readonly quotedPayload: Uint8Array;
}

/**
 * Reads a packet as an ICMP error message, if it is a sound one: its checksum
 * is right, and it quotes at least an IP header.
 *
 * @param packet from the IP header on
 */
export function readICMPError(
  packet: Uint8Array,
): ICMPErrorMessage | undefined {
  return unlessMalformed(() => {
    const { header, payload } = decodeIPv4(packet);
    if (
      header.protocol !== IP_PROTOCOL.ICMP || internetChecksum(payload) !== 0
    ) return;
    const message = decodeICMPv4(payload).header;
    if (!("quoted" in message)) return;
    const { type, code } = message;
    const quoted = decodeIPv4(message.quoted).header;
    return {
      from: header.source,
      type,
      code,
      description: icmpv4Name(type, code),
      quoted,
      // Whatever its total length says, which some routers alter.
      quotedPayload: message.quoted.subarray(quoted.headerLength),
    };
  });
}

/** What an error must quote of a packet that was sent. */
export interface QuotablePacket {
  /** The header as it left; what else it has, routers may change. */
  readonly header:
    & Pick<IPv4Header, "source" | "destination" | "protocol">
    & Partial<Pick<IPv4Header, "fragmentOffset">>;
  /** What stands behind the header. */
  readonly payload: Uint8Array;
}

/** When an error was received. */
export interface Reception {
  /** When the kernel received it, in nanoseconds since 1970. */
  readonly receivedNs: bigint;
  /** When it was read, soon afterwards. */
  readonly seen: Instant;
}

/** Octets behind the IP header that every error quotes (RFC 792). */
const LEAST_QUOTED = 8;
/** Packets that are remembered; an error comes soon, or not at all. */
const REMEMBERED = 65_536;
/** Messages that quote a packet which went on all the same: advice (RFC 792). */
const ADVICE = { SOURCE_QUENCH: 4, REDIRECT: 5 } as const;

/**
 * Packets that were sent, for errors to be held against: one counts if it
 * quotes the addresses, the protocol and the first eight octets of one of them,
 * and was received after that was sent. The identification is not asked for:
 * the kernel chooses it, and routers may rewrite it (RFC 6864 §4.3).
 */
export class SentPackets {
  /** When each was sent first, by what an error quotes of it. */
  readonly #sent = new Map<string, Instant>();

  /** Notes a packet, and the time just before it was sent. */
  add({ header, payload }: QuotablePacket, at: Instant): void {
    const key = keyOf(header, payload);
    if (this.#sent.has(key)) return;
    this.#sent.set(key, at);
    if (this.#sent.size <= REMEMBERED) return;
    const [oldest] = this.#sent.keys();
    this.#sent.delete(oldest);
  }

  /** Whether an error is about one of them. */
  isAbout(error: ICMPErrorMessage, { receivedNs, seen }: Reception): boolean {
    const { type, quoted, quotedPayload } = error;
    if (type === ADVICE.SOURCE_QUENCH || type === ADVICE.REDIRECT) return false;
    const at = this.#sent.get(keyOf(quoted, quotedPayload));
    return at !== undefined && !wasBefore(at, receivedNs, seen);
  }
}

/** Quotes are padded with zeros (RFC 4884 §5.1), so that short ones are, too. */
function keyOf(header: QuotablePacket["header"], payload: Uint8Array): string {
  const { source, destination, protocol, fragmentOffset = 0 } = header;
  const octets = payload.subarray(0, LEAST_QUOTED).toHex()
    .padEnd(2 * LEAST_QUOTED, "0");
  return `${source} ${destination} ${protocol} ${fragmentOffset} ${octets}`;
}
