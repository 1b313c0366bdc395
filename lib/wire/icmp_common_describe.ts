/**
 * What ICMP and ICMPv6 messages have in common where they are described and
 * checked.
 *
 * @module
 */

import { PacketError, type Problem } from "./errors.ts";
import { type Field, fieldAt, hex, moveField } from "./field.ts";
import { OFFSET, type Quoted, type QuotedLength } from "./icmp_common.ts";
import {
  checkICMPExtensions,
  describeICMPExtensions,
} from "./icmp_extensions_describe.ts";
import { decodeIPv4 } from "./ipv4.ts";
import { describeIPv4 } from "./ipv4_describe.ts";
import { decodeIPv6 } from "./ipv6.ts";
import { describeIPv6 } from "./ipv6_describe.ts";

/** Type, code and checksum. */
export function describeTypeCodeChecksum(
  { type, code, checksum }: {
    readonly type: number;
    readonly code: number;
    readonly checksum: number;
  },
  typeName: string,
  codeName: string | undefined,
  checksumText: string,
): Field[] {
  const codeText = codeName === undefined ? "" : ` (${capital(codeName)})`;
  return [
    fieldAt(
      OFFSET.TYPE,
      8,
      "type",
      "Type",
      type,
      `${type} (${capital(typeName)})`,
    ),
    fieldAt(OFFSET.CODE, 8, "code", "Code", code, `${code}${codeText}`),
    fieldAt(
      OFFSET.CHECKSUM,
      16,
      "checksum",
      "Checksum",
      checksum,
      checksumText,
    ),
  ];
}

/** The length of the quoted packet, which its field holds in units. */
export function describeQuotedLength(
  quotedLength: number,
  { offset, unit }: QuotedLength,
): Field {
  const text = `${quotedLength / unit} (${quotedLength} bytes)`;
  return fieldAt(offset, 8, "quotedLength", "Length", quotedLength, text);
}

/** The quoted packet, its IP header as parts, and the extensions behind it. */
export function describeQuoted(
  quoted: Uint8Array,
  extensions: Uint8Array = new Uint8Array(),
): Field[] {
  const fields: Field[] = [];
  if (quoted.length > 0) {
    fields.push(moveField(describePacket(quoted), OFFSET.QUOTED));
  }
  if (extensions.length > 0) {
    const field = describeICMPExtensions(extensions);
    fields.push(moveField(field, OFFSET.QUOTED + quoted.length));
  }
  return fields;
}

/** What is wrong with the length and the extensions of an error. */
export function checkQuoted(
  layer: string,
  { quotedLength, quoted, extensions }: Quoted,
  { offset }: QuotedLength,
): Problem[] {
  if (quotedLength > quoted.length) {
    return [{
      layer,
      field: "quotedLength",
      offset,
      reason: `is ${quotedLength} octets, only ${quoted.length} are there`,
    }];
  }
  if (extensions.length === 0) return [];
  const start = OFFSET.QUOTED + quoted.length;
  return checkICMPExtensions(extensions).map(({ offset, reason }) => ({
    layer,
    field: "extensions",
    offset: start + offset,
    reason,
  }));
}

/** A flag-like field that ought to be zero. */
export function describeUnused(
  octet: number,
  bitWidth: number,
  name: string,
  label: string,
  value: number,
  bitInOctet = 0,
): Field {
  const text = hex(value, Math.ceil(bitWidth / 4));
  return fieldAt(octet, bitWidth, name, label, value, text, bitInOctet);
}

function describePacket(quoted: Uint8Array): Field {
  const { headerLength, parts, text } = describeHeader(quoted) ??
    { headerLength: 0, parts: [], text: "" };
  const behind = quoted.subarray(headerLength);
  if (headerLength > 0 && behind.length > 0) {
    parts.push(
      fieldAt(
        headerLength,
        behind.length * 8,
        "payload",
        "Payload",
        behind,
        `(${behind.length} bytes)`,
      ),
    );
  }
  return {
    ...fieldAt(
      0,
      quoted.length * 8,
      "quoted",
      "Quoted packet",
      quoted,
      `(${quoted.length} bytes)${text}`,
    ),
    parts,
  };
}

/** The header that quoted octets begin with, or nothing if they hold none. */
function describeHeader(
  quoted: Uint8Array,
): { headerLength: number; parts: Field[]; text: string } | undefined {
  try {
    if (quoted[0] >>> 4 === 6) {
      const { header, headerLength } = decodeIPv6(quoted);
      return {
        headerLength,
        parts: describeIPv6(quoted, header),
        text: ` IPv6, Src: ${header.source}, Dst: ${header.destination}`,
      };
    }
    const { header } = decodeIPv4(quoted);
    return {
      headerLength: header.headerLength,
      parts: describeIPv4(quoted, header),
      text: ` IPv4, Src: ${header.source}, Dst: ${header.destination}`,
    };
  } catch (error) {
    // Whatever a stranger quotes is shown, if only as octets.
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
