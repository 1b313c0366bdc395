/**
 * How long probes are, where the path MTU is looked for: as long as the first
 * link takes, and shorter where a router says so.
 *
 * @module
 */

import { MIN_MTU } from "../../socket/kernel/link_mtu.ts";
import type { Family } from "../../wire/address.ts";

/** MTUs that there are (RFC 1191 §7), for routers that tell none. */
const PLATEAUS = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68];
/** Linux believes no router that tells of less (`min_pmtu`), nor do we. */
const LEAST_BELIEVED = { 4: 552, 6: MIN_MTU[6] } as const;

/**
 * The length to try next, of what was too long for a link.
 *
 * @param length octets of it
 * @param claimed octets that the link takes, as the router says; that may be
 * nonsense: none, or as many, or too few
 * @returns `undefined` if nothing shorter can be tried
 */
export function shorterThan(
  length: number,
  claimed: number,
  family: Family,
): number | undefined {
  if (claimed >= LEAST_BELIEVED[family] && claimed < length) return claimed;
  const least = MIN_MTU[family];
  const plateaus = [...PLATEAUS.filter((plateau) => plateau > least), least];
  return plateaus.find((plateau) => plateau < length);
}
