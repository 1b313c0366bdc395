/**
 * The packet that an ICMP error quotes, as far as it goes: its IP header, and 8
 * octets of what it carries (RFC 792) or more. That it ends early is no fault.
 *
 * @module
 */

import { PacketError } from "./errors.ts";
import { type Field, fieldAt, moveField } from "./field.ts";
import { OFFSET } from "./icmp_common.ts";
import { describeICMPExtensions } from "./icmp_extensions_describe.ts";
import { IP_PROTOCOL } from "./ip_protocols.ts";
import { decodeIPv4 } from "./ipv4.ts";
import { describeIPv4 } from "./ipv4_describe.ts";
import { decodeIPv6 } from "./ipv6.ts";
import { describeIPv6 } from "./ipv6_describe.ts";
import { isLaterFragment } from "./ipv6_extensions.ts";
import { get16 } from "./octets.ts";
import { describeTCPStart } from "./tcp_describe.ts";
import { decodeUDP, describeUDP } from "./udp.ts";

/** The messages of the version that quotes: an error may be about one. */
export interface QuotableMessage {
  /** The number in the IP header. */
  readonly protocol: number;
  /** The protocol's name. */
  readonly name: string;
  /**
   * The fields of one, as far as there are octets of it; not what it quotes
   * itself, so that hostile octets cannot quote without end.
   */
  describeStart(start: Uint8Array): Field[];
}

/** A header of the quoted packet. */
interface QuotedHeader {
  /** What stands behind its size in octets. */
  readonly text: string;
  readonly parts: Field[];
}

/** An IP header, and what it says of the payload. */
interface QuotedIP extends QuotedHeader {
  readonly headerLength: number;
  /** Of the header that the payload begins with, if it begins with one. */
  readonly protocol?: number;
}

/** The quoted packet, its headers as parts, and the extensions behind it. */
export function describeQuoted(
  message: QuotableMessage,
  quoted: Uint8Array,
  extensions: Uint8Array = new Uint8Array(),
): Field[] {
  const fields: Field[] = [];
  if (quoted.length > 0) {
    const field = describePacket(quoted, message);
    fields.push(moveField(field, OFFSET.QUOTED));
  }
  if (extensions.length > 0) {
    const field = describeICMPExtensions(extensions);
    fields.push(moveField(field, OFFSET.QUOTED + quoted.length));
  }
  return fields;
}

function describePacket(
  quoted: Uint8Array,
  message: QuotableMessage,
): Field {
  const octets = octetsAt(0, "quoted", "Quoted packet", quoted);
  const ip = readable(() => describeIP(quoted));
  if (ip === undefined) return { ...octets, parts: [] };
  const { headerLength, protocol, parts } = ip;
  const behind = quoted.subarray(headerLength);
  if (behind.length > 0) {
    const payload = octetsAt(0, "payload", "Payload", behind);
    const upper = readable(() => describeUpper(protocol, behind, message));
    const field = upper === undefined ? payload : {
      ...payload,
      text: payload.text + upper.text,
      parts: withRest(upper.parts, behind),
    };
    parts.push(moveField(field, headerLength));
  }
  return { ...octets, text: octets.text + ip.text, parts };
}

function describeIP(quoted: Uint8Array): QuotedIP {
  if (quoted[0] >>> 4 === 6) {
    const { header, headerLength } = decodeIPv6(quoted);
    return {
      headerLength,
      protocol: isLaterFragment(header.extensionHeaders)
        ? undefined
        : header.protocol,
      parts: describeIPv6(quoted, header),
      text: ` IPv6, Src: ${header.source}, Dst: ${header.destination}`,
    };
  }
  const { header } = decodeIPv4(quoted);
  return {
    headerLength: header.headerLength,
    protocol: header.fragmentOffset > 0 ? undefined : header.protocol,
    parts: describeIPv4(quoted, header),
    text: ` IPv4, Src: ${header.source}, Dst: ${header.destination}`,
  };
}

/** Checksums are not verified: they cover what is not quoted. */
function describeUpper(
  protocol: number | undefined,
  start: Uint8Array,
  message: QuotableMessage,
): QuotedHeader | undefined {
  switch (protocol) {
    case IP_PROTOCOL.UDP:
      return {
        text: ` UDP${portsIn(start)}`,
        parts: describeUDP(start, decodeUDP(start).header),
      };
    case IP_PROTOCOL.TCP:
      return { text: ` TCP${portsIn(start)}`, parts: describeTCPStart(start) };
    case message.protocol:
      return { text: ` ${message.name}`, parts: message.describeStart(start) };
  }
}

/** Where UDP and TCP have them alike, as far as they are there. */
function portsIn(start: Uint8Array): string {
  if (start.length < 4) return "";
  return `, Src Port: ${get16(start, 0)}, Dst Port: ${get16(start, 2)}`;
}

/** The fields of a header, and as one what is behind it. */
function withRest(fields: Field[], octets: Uint8Array): Field[] {
  const last = fields.at(-1);
  const end = last === undefined ? 0 : (last.bitOffset + last.bitWidth) / 8;
  if (end === octets.length) return fields;
  const rest = octetsAt(end, "payload", "Payload", octets.subarray(end));
  return [...fields, rest];
}

function octetsAt(
  octet: number,
  name: string,
  label: string,
  octets: Uint8Array,
): Field {
  const text = `(${octets.length} bytes)`;
  return fieldAt(octet, octets.length * 8, name, label, octets, text);
}

/** Whatever a stranger quotes is shown, if only as octets. */
function readable<Description>(
  describe: () => Description,
): Description | undefined {
  try {
    return describe();
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}
