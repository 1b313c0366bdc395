/**
 * What ICMP and ICMPv6 messages have in common where they are described and
 * checked.
 *
 * @module
 */

import type { Problem } from "./errors.ts";
import { type Field, fieldAt, hex } from "./field.ts";
import { OFFSET, type Quoted, type QuotedLength } from "./icmp_common.ts";
import { checkICMPExtensions } from "./icmp_extensions_describe.ts";

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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
