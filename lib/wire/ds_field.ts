/**
 * The Differentiated Services field (RFC 2474) with the ECN bits (RFC 3168),
 * which IPv4 and IPv6 have in common.
 *
 * @module
 */

import { hex } from "./field.ts";
import { type Group, rowsOf } from "./field_table.ts";

/** What both have. */
interface DSField {
  readonly dscp: number;
  readonly ecn: number;
}

const row = rowsOf<DSField>();

/** The eight bits that begin `bit` bits into an octet, with both parts. */
export function dsField(
  name: string,
  label: string,
  octet: number,
  bit: number,
): Group<DSField> {
  return {
    name,
    label,
    octet,
    bit,
    bitWidth: 8,
    value: ({ dscp, ecn }) => dscp << 2 | ecn,
    text: (value, { dscp, ecn }) => {
      const [short] = nameOf(dscp);
      return `${hex(value, 2)} (DSCP: ${short}, ECN: ${ECN[ecn][0]})`;
    },
    parts: [
      row("dscp", "Differentiated Services Codepoint", octet, 6, {
        bit,
        short: "DSCP",
        text: (dscp) => `${nameOf(dscp)[1]} (${dscp})`,
      }),
      row("ecn", "Explicit Congestion Notification", octet, 2, {
        bit: bit + 6,
        short: "ECN",
        text: (ecn) => `${ECN[ecn][1]} (${ecn})`,
      }),
    ],
  };
}

/** A codepoint's name, short and long, as Wireshark words it. */
function nameOf(dscp: number): readonly [short: string, long: string] {
  const group = dscp >>> 3;
  const rest = dscp & 7;
  const named = NAMES[dscp];
  if (named !== undefined) return named;
  if (rest === 0) return [`CS${group}`, `Class Selector ${group}`];
  // RFC 2597 §6: four classes, and of each three drop precedences.
  if (group > 4 || group === 0 || rest % 2 !== 0) return ["Unknown", "Unknown"];
  const precedence = `${group}${rest / 2}`;
  return [`AF${precedence}`, `Assured Forwarding ${precedence}`];
}

/** Those that follow no rule: RFC 2474, 8622, 5865, 3246. */
const NAMES: Readonly<Record<number, readonly [string, string]>> = {
  0: ["CS0", "Default"],
  1: ["LE", "Lower Effort"],
  44: ["VOICE-ADMIT", "Voice Admit"],
  46: ["EF PHB", "Expedited Forwarding"],
};

/** Short and long. */
const ECN: readonly (readonly [string, string])[] = [
  ["Not-ECT", "Not ECN-Capable Transport"],
  ["ECT(1)", "ECN-Capable Transport codepoint '01'"],
  ["ECT(0)", "ECN-Capable Transport codepoint '10'"],
  ["CE", "Congestion Experienced"],
];
