/**
 * A packet as one row of the list.
 *
 * @module
 */

import { summarizePacket } from "../../render/packet/packet_line.ts";
import { dissect, type Dissection } from "../../wire/packet/dissect.ts";
import type { Packet } from "../state/store.ts";

/** What a packet is, by colour and by letter. */
export type Letter = "A" | "I" | "U" | "T" | "G" | "D" | "X" | "·";

const LETTERS: Readonly<Record<string, Letter>> = {
  arp: "A",
  icmpv4: "I",
  icmpv6: "I",
  udp: "U",
  tcp: "T",
  igmp: "G",
  dns: "D",
  dhcp: "D",
};

/** What a row shows beside the packet's number, place and time. */
export interface Row {
  readonly letter: Letter;
  /** The innermost protocol's name. */
  readonly protocol: string;
  readonly summary: string;
}

const rows = new WeakMap<Packet, Row>();

/** A packet's row, which is made once. */
export function rowOf(packet: Packet): Row {
  const known = rows.get(packet);
  if (known !== undefined) return known;
  const { bytes, linkType } = packet;
  const protocol = innermost(dissect(bytes, { linkType }));
  const row = {
    letter: letterOf(protocol),
    protocol,
    summary: summarizePacket(packet),
  };
  rows.set(packet, row);
  return row;
}

/** The letter of a protocol; IP with something unknown in it has an X. */
export function letterOf(protocol: string): Letter {
  return LETTERS[protocol] ?? (protocol.startsWith("ip") ? "X" : "·");
}

/** The last protocol that was recognized. */
export function innermost({ layers }: Dissection): string {
  return layers.findLast(({ protocol }) => protocol !== "data")?.protocol ??
    "data";
}

/**
 * Whether a packet is of those that hosts send by themselves when they are
 * wired: groups they join, routers and doubles they look for.
 */
export function isNoise({ layers }: Dissection): boolean {
  const ip = layers.find(({ protocol }) => protocol === "ipv6");
  for (const layer of layers) {
    if (layer.protocol === "igmp") return true;
    if (layer.protocol !== "icmpv6") continue;
    const { type } = layer.header;
    if (NOISE.has(type)) return true;
    const isDouble = type === NEIGHBOR_SOLICITATION &&
      ip?.protocol === "ipv6" && ip.header.source === "::";
    if (isDouble) return true;
  }
  return false;
}

/** Multicast listener query, report, done; router solicitation; report, v2. */
const NOISE: ReadonlySet<number> = new Set([130, 131, 132, 133, 143]);
const NEIGHBOR_SOLICITATION = 135;
