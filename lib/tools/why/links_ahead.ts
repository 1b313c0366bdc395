/**
 * How far it still is through a lab.
 *
 * @module
 */

import { nextHopTo } from "../../socket/kernel/rtnetlink.ts";
import type { PacketWitness, Post } from "../witness/packet_witness.ts";

/**
 * The links between a host of the lab and the one that has the destination, by
 * the routes of those on the way; `undefined` where they do not lead there.
 */
export function linksAhead(
  destination: string,
  from: Post,
  { there, others }: PacketWitness,
): number | undefined {
  if (there === undefined) return undefined;
  let at: Post | undefined = from;
  for (let links = 0; links <= others.length; links++) {
    if (at === undefined) return undefined;
    if (at === there) return links;
    const { type, gateway } = nextHopTo(destination, at);
    if (type !== "unicast") return undefined;
    at = gateway === undefined
      ? there
      : others.find((post) => nextHopTo(gateway, post).type === "local");
  }
}
