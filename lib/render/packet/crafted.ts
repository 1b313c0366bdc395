/**
 * Packets that were built, for whoever built them.
 *
 * @module
 */

import { dissect } from "../../wire/packet/dissect.ts";
import { renderChecksums } from "./checksums.ts";
import { renderExplanation } from "./explain.ts";

/** How a packet is shown; by default in hexadecimal. */
export interface CraftedStyle {
  /** Bit by bit. */
  readonly explain?: boolean;
  /** With the calculation of its checksums. */
  readonly explainChecksum?: boolean;
}

/** A packet as text, without the last line's end. */
export function renderCrafted(
  bytes: Uint8Array,
  linkType: number,
  { explain, explainChecksum }: CraftedStyle,
): string {
  if (!explain && !explainChecksum) return bytes.toHex();
  const parts: string[][] = [];
  if (explain) parts.push(renderExplanation(bytes, linkType));
  if (explainChecksum) {
    parts.push(renderChecksums(bytes, dissect(bytes, { linkType })));
  }
  return parts.map((lines) => lines.join("\n")).join("\n\n");
}
