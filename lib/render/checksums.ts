/**
 * The checksums of a packet, calculated as one would on paper.
 *
 * @module
 */

import { explainChecksum } from "../bytes/checksum.ts";
import { parseIPv4, parseIPv6 } from "../wire/address.ts";
import type {
  DissectedLayer,
  Dissection,
  HeaderLayer,
} from "../wire/dissect.ts";
import { hex } from "../wire/field.ts";
import type { PseudoHeader } from "../wire/pseudo_header.ts";

/** Where the field is, and the protocol's number in a pseudo header. */
const CHECKSUMS: Readonly<
  Record<string, { readonly at: number; readonly protocol?: number }>
> = {
  ipv4: { at: 10 },
  icmpv4: { at: 2 },
  icmpv6: { at: 2, protocol: 58 },
  igmp: { at: 2 },
  gre: { at: 4 },
  udp: { at: 6, protocol: 17 },
  tcp: { at: 16, protocol: 6 },
};

/**
 * Every checksum of a packet: word by word with the running sum, the folding
 * of the carries, the complement, and what the packet says.
 */
export function renderChecksums(
  bytes: Uint8Array,
  { layers }: Dissection,
): string[] {
  return layers.flatMap((layer) =>
    hasChecksum(layer) ? [...renderChecksum(bytes, layer), ""] : []
  ).slice(0, -1);
}

function hasChecksum(layer: DissectedLayer): layer is HeaderLayer {
  return layer.protocol === "gre"
    ? layer.header.hasChecksum
    : layer.protocol in CHECKSUMS;
}

function renderChecksum(bytes: Uint8Array, layer: HeaderLayer): string[] {
  const { protocol, offset, outside } = layer;
  const { at, protocol: number } = CHECKSUMS[protocol];
  if (protocol !== "ipv4" && outside === undefined) {
    return [`Checksum of ${protocol}: not all that it covers is here.`];
  }
  const covered = bytes.slice(offset, offset + coveredLength(layer));
  const held = covered[at] << 8 | covered[at + 1];
  covered.fill(0, at, at + 2);
  const pseudo = number === undefined || outside === undefined
    ? new Uint8Array()
    : pseudoHeader(outside, number, covered.length);
  const { steps, folds, sum, checksum } = explainChecksum(
    Uint8Array.of(...pseudo, ...covered),
  );
  const lines = [
    `Checksum of ${protocol}: 16-bit words, its own field taken as 0`,
    "  octet    word      sum",
  ];
  for (const { offset: from, word, sum } of steps) {
    const isPseudo = from < pseudo.length;
    const place = isPseudo ? "pseudo" : `${offset + from - pseudo.length}`;
    const note = from - pseudo.length === at ? "  its own field" : "";
    lines.push(`${place.padStart(7)}  ${hex(word, 4)}  ${hex(sum, 5)}${note}`);
  }
  for (const { carry, low, sum } of folds) {
    lines.push(
      `  carry: ${hex(carry, 1)} + ${hex(low, 4)} = ${hex(sum, 4)}`,
    );
  }
  lines.push(`  complement: ~${hex(sum, 4)} = ${hex(checksum, 4)}`);
  // RFC 768: 0 is for none at all.
  const isZeroUDP = protocol === "udp" && checksum === 0;
  const wanted = isZeroUDP ? 0xffff : checksum;
  if (isZeroUDP) lines.push("  UDP sends 0x0000 as 0xffff: 0 says none");
  const verdict = held === wanted
    ? "as it should be"
    : held === 0 && protocol === "udp"
    ? "none was calculated"
    : `it should be ${hex(wanted, 4)}`;
  return [...lines, `  in the packet: ${hex(held, 4)}, ${verdict}`];
}

function coveredLength(layer: HeaderLayer): number {
  if (layer.protocol === "ipv4") return layer.length;
  if (layer.protocol === "udp") return layer.header.length;
  return layer.length + layer.payloadLength;
}

/** As RFC 768 and RFC 9293 §3.1 draw it for IPv4, RFC 8200 §8.1 for IPv6. */
function pseudoHeader(
  { source, destination }: PseudoHeader,
  protocol: number,
  length: number,
): Uint8Array {
  const isIPv6 = source.includes(":");
  const pseudo = new Uint8Array(isIPv6 ? 40 : 12);
  const view = new DataView(pseudo.buffer);
  if (isIPv6) {
    pseudo.set(parseIPv6(source));
    pseudo.set(parseIPv6(destination), 16);
    view.setUint32(32, length);
    view.setUint8(39, protocol);
  } else {
    view.setUint32(0, parseIPv4(source));
    view.setUint32(4, parseIPv4(destination));
    view.setUint8(9, protocol);
    view.setUint16(10, length);
  }
  return pseudo;
}
