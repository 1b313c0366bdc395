/**
 * The checksums of a packet, calculated as one would on paper.
 *
 * @module
 */

import {
  type CRC32CSteps,
  explainChecksums,
  type InternetChecksumSteps,
  type PacketChecksum,
} from "../../wire/packet/checksum_steps.ts";
import type { Dissection } from "../../wire/packet/dissect.ts";
import { hex } from "../../wire/field.ts";

/**
 * Every checksum of a packet: word by word with the running sum, the folding
 * of the carries, the complement, and what the packet says.
 */
export function renderChecksums(
  bytes: Uint8Array,
  dissection: Dissection,
): string[] {
  return explainChecksums(bytes, dissection).flatMap((checksum) => [
    ...renderChecksum(checksum),
    "",
  ]).slice(0, -1);
}

function renderChecksum(checksum: PacketChecksum): string[] {
  switch (checksum.kind) {
    case "internet":
      return renderSteps(checksum);
    case "crc32c":
      return renderCRC32C(checksum);
    case "uncovered":
      return [
        `Checksum of ${checksum.protocol}: not all that it covers is here.`,
      ];
  }
}

function renderSteps(steps: InternetChecksumSteps): string[] {
  const { protocol, words, folds, sum, checksum, wanted, held } = steps;
  const lines = [
    `Checksum of ${protocol}: 16-bit words, its own field taken as 0`,
    "  octet    word      sum",
  ];
  for (const { offset = "pseudo", word, sum, isOwn } of words) {
    const note = isOwn ? "  its own field" : "";
    const place = `${offset}`.padStart(7);
    lines.push(`${place}  ${hex(word, 4)}  ${hex(sum, 5)}${note}`);
  }
  for (const { carry, low, sum } of folds) {
    lines.push(
      `  carry: ${hex(carry, 1)} + ${hex(low, 4)} = ${hex(sum, 4)}`,
    );
  }
  lines.push(`  complement: ~${hex(sum, 4)} = ${hex(checksum, 4)}`);
  if (wanted !== checksum) {
    lines.push("  UDP sends 0x0000 as 0xffff: 0 says none");
  }
  const verdict = {
    right: held === wanted
      ? "as it should be"
      : `as good as ${hex(wanted, 4)} in one's complement`,
    wrong: `it should be ${hex(wanted, 4)}`,
    none: "none was calculated",
  }[steps.verdict];
  return [...lines, `  in the packet: ${hex(held, 4)}, ${verdict}`];
}

function renderCRC32C(steps: CRC32CSteps): string[] {
  const { protocol, covered, crc, held, wanted, verdict } = steps;
  return [
    `Checksum of ${protocol}: CRC-32C, its own field taken as 0`,
    `  of ${covered} octets: ${hex(crc, 8)}, sent lowest octet first`,
    `  in the packet: 0x${held}, ${
      verdict === "right" ? "as it should be" : `it should be 0x${wanted}`
    }`,
  ];
}
