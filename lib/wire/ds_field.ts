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
  const [dscpShort, dscpLong] = CODEPOINTS[dscp] ?? UNKNOWN;
  const [ecnShort, ecnLong] = ECN[ecn];
  return {
    name,
    label,
    bitOffset,
    bitWidth: 8,
    value,
    text: `${hex(value, 2)} (DSCP: ${dscpShort}, ECN: ${ecnShort})`,
    parts: [
      {
        name: "dscp",
        label: "Differentiated Services Codepoint",
        abbreviation: "DSCP",
        bitOffset,
        bitWidth: 6,
        value: dscp,
        text: `${dscpLong} (${dscp})`,
      },
      {
        name: "ecn",
        label: "Explicit Congestion Notification",
        abbreviation: "ECN",
        bitOffset: bitOffset + 6,
        bitWidth: 2,
        value: ecn,
        text: `${ecnLong} (${ecn})`,
      },
    ],
  };
}

const UNKNOWN = ["Unknown", "Unknown"];

/**
 * Codepoints with a name, short and long: RFC 2474, 2597, 3246, 5865, 8622, as
 * Wireshark words them.
 */
const CODEPOINTS: Readonly<Record<number, readonly [string, string]>> = {
  0: ["CS0", "Default"],
  1: ["LE", "Lower Effort"],
  8: ["CS1", "Class Selector 1"],
  10: ["AF11", "Assured Forwarding 11"],
  12: ["AF12", "Assured Forwarding 12"],
  14: ["AF13", "Assured Forwarding 13"],
  16: ["CS2", "Class Selector 2"],
  18: ["AF21", "Assured Forwarding 21"],
  20: ["AF22", "Assured Forwarding 22"],
  22: ["AF23", "Assured Forwarding 23"],
  24: ["CS3", "Class Selector 3"],
  26: ["AF31", "Assured Forwarding 31"],
  28: ["AF32", "Assured Forwarding 32"],
  30: ["AF33", "Assured Forwarding 33"],
  32: ["CS4", "Class Selector 4"],
  34: ["AF41", "Assured Forwarding 41"],
  36: ["AF42", "Assured Forwarding 42"],
  38: ["AF43", "Assured Forwarding 43"],
  40: ["CS5", "Class Selector 5"],
  44: ["VOICE-ADMIT", "Voice Admit"],
  46: ["EF PHB", "Expedited Forwarding"],
  48: ["CS6", "Class Selector 6"],
  56: ["CS7", "Class Selector 7"],
};

/** Short and long. */
const ECN: readonly (readonly [string, string])[] = [
  ["Not-ECT", "Not ECN-Capable Transport"],
  ["ECT(1)", "ECN-Capable Transport codepoint '01'"],
  ["ECT(0)", "ECN-Capable Transport codepoint '10'"],
  ["CE", "Congestion Experienced"],
];
