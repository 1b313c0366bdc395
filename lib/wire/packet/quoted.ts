/**
 * The packet that an ICMP error quotes, as far as it goes: its IP header, and 8
 * octets of what it carries (RFC 792) or more. That it ends early is no fault.
 *
 * @module
 */

import { unlessMalformed } from "../errors.ts";
import { endOf, type Field, moveField, octetsAt } from "../field.ts";
import type { IPv4Header } from "../ipv4/ipv4.ts";
import type { IPv6Header } from "../ipv6/ipv6.ts";
import type { Protocol } from "./protocol.ts";
import { announced, protocolOf, PROTOCOLS } from "./registry.ts";

/**
 * Describes a field that holds a packet: its headers become its parts. What a
 * quoted error quotes itself stays octets, so that hostile ones cannot quote
 * without end.
 */
export function describePacketField(field: Field): Field {
  const quoted = field.value as Uint8Array;
  const protocol = quoted[0] >>> 4 === 6 ? "ipv6" : "ipv4";
  // Whatever a stranger quotes is shown, if only as octets.
  const ip = unlessMalformed(() => describeIP(protocol, quoted));
  if (ip === undefined) return { ...field, parts: [] };
  const { title, headerLength, upper } = ip;
  const parts = [...ip.fields];
  const behind = quoted.subarray(headerLength);
  if (behind.length > 0) {
    const payload = octetsAt(0, "payload", "Payload", behind);
    const start = unlessMalformed(() => upper?.describeStart?.(behind));
    parts.push(moveField(
      start === undefined ? payload : {
        ...payload,
        text: `${payload.text} ${upper?.abbreviation}${
          start.title.replace(/^[^,]*/, "")
        }`,
        parts: withRest(start.fields, behind),
      },
      headerLength,
    ));
  }
  return moveField(
    { ...field, bitOffset: 0, text: `${field.text} ${title}`, parts },
    field.bitOffset / 8,
  );
}

function describeIP(protocol: "ipv4" | "ipv6", quoted: Uint8Array) {
  const row: Protocol<IPv4Header | IPv6Header> = PROTOCOLS[protocol];
  const { header, headerLength, payload } = row.decode(quoted);
  const next = row.next?.(header, payload.length);
  const upper = next === undefined ? undefined : announced(next);
  const { source, destination } = header;
  return {
    title: `IPv${header.version}, Src: ${source}, Dst: ${destination}`,
    fields: row.describe(quoted, header),
    headerLength,
    upper: upper === undefined ? undefined : protocolOf(upper),
  };
}

/** The fields of a header, and as one what is behind it. */
export function withRest(
  fields: readonly Field[],
  octets: Uint8Array,
): Field[] {
  const end = endOf(fields);
  if (end === octets.length) return [...fields];
  const rest = octetsAt(end, "payload", "Payload", octets.subarray(end));
  return [...fields, rest];
}
