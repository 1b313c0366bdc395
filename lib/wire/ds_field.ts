/**
 * The Differentiated Services field (RFC 2474) with the ECN bits (RFC 3168),
 * which IPv4 and IPv6 have in common.
 *
 * @module
 */

import { type Field, hex } from "./field.ts";

/** Describes the eight bits at `bitOffset`, with both parts. */
export function describeDSField(
  name: string,
  label: string,
  bitOffset: number,
  { dscp, ecn }: { readonly dscp: number; readonly ecn: number },
): Field {
  const value = dscp << 2 | ecn;
  return {
    name,
    label,
    bitOffset,
    bitWidth: 8,
    value,
    text: hex(value, 2),
    parts: [
      {
        name: "dscp",
        label: "Differentiated Services Codepoint",
        abbreviation: "DSCP",
        bitOffset,
        bitWidth: 6,
        value: dscp,
        text: `${DSCP_NAMES[dscp] ?? "Unknown"} (${dscp})`,
      },
      {
        name: "ecn",
        label: "Explicit Congestion Notification",
        abbreviation: "ECN",
        bitOffset: bitOffset + 6,
        bitWidth: 2,
        value: ecn,
        text: `${ECN_NAMES[ecn]} (${ecn})`,
      },
    ],
  };
}

/** Codepoints with a name: RFC 2474, 2597, 3246, 5865, 8622. */
const DSCP_NAMES: Readonly<Record<number, string>> = {
  0: "Default",
  1: "LE",
  8: "CS1",
  10: "AF11",
  12: "AF12",
  14: "AF13",
  16: "CS2",
  18: "AF21",
  20: "AF22",
  22: "AF23",
  24: "CS3",
  26: "AF31",
  28: "AF32",
  30: "AF33",
  32: "CS4",
  34: "AF41",
  36: "AF42",
  38: "AF43",
  40: "CS5",
  44: "VOICE-ADMIT",
  46: "EF",
  48: "CS6",
  56: "CS7",
};

const ECN_NAMES = [
  "Not ECN-Capable Transport",
  "ECN-Capable Transport codepoint '01'",
  "ECN-Capable Transport codepoint '10'",
  "Congestion Experienced",
];
