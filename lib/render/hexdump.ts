/**
 * Octets as the hexdump that Wireshark and hexdump(1) show.
 *
 * @module
 */

const PER_LINE = 16;

/**
 * Sixteen octets a line: offset, hexadecimal, and ASCII with a dot for what is
 * none. No line is wider than 73 columns.
 */
export function hexdump(octets: Uint8Array): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < octets.length; offset += PER_LINE) {
    const line = [...octets.subarray(offset, offset + PER_LINE)];
    const hex = line.map((octet) => octet.toString(16).padStart(2, "0"));
    const ascii = line.map((octet) =>
      octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "."
    );
    lines.push(
      `${offset.toString(16).padStart(4, "0")}  ` +
        `${hex.join(" ").padEnd(3 * PER_LINE)}  ${ascii.join("")}`,
    );
  }
  return lines;
}
