/**
 * Parsers of option values, shared by the scripts.
 *
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseHex } from "../../bytes/hex.ts";
import { familyOf, isIPv4 } from "../../wire/address.ts";
import { withoutZone } from "../../wire/zone.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
} from "../../wire/link_types.ts";

/** More than anybody counts; no limit to be told of. */
const MANY = 1e15;

/** A whole number within a range, decimal or hexadecimal (`0x2e`). */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      max >= MANY
        ? `Wanted: a whole number, ${min} or more.`
        : `Wanted: a whole number from ${min} to ${max}.`,
    );
  };
}

/** What one octet holds. */
export const OCTET = integer(0, 0xff);
/** What two octets hold. */
export const TWO_OCTETS = integer(0, 0xffff);

/** Its value, or `NaN`. */
function wholeNumber(text: string): number {
  return /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
}

/** An option that may be given several times, and each time means one more. */
export function several<Value>(
  parse: (text: string) => Value,
): (text: string, earlier?: readonly Value[]) => Value[] {
  return (text, earlier = []) => [...earlier, parse(text)];
}

/** An IPv4 address. */
export function ipv4Address(text: string): string {
  if (isIPv4(text)) return text;
  throw new InvalidArgumentError(
    "Wanted: an IPv4 address, four decimal octets such as 1.1.1.1.",
  );
}

/** IP protocols that have names on the command line. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  icmp6: 58,
  sctp: 132,
};

/** An IP protocol, by its number or one of the commonest names. */
export function ipProtocol(text: string): number {
  const name = text.toLowerCase();
  const value = Object.hasOwn(PROTOCOLS, name)
    ? PROTOCOLS[name]
    : wholeNumber(text);
  if (value <= 255) return value;
  throw new InvalidArgumentError(
    `Wanted: ${Object.keys(PROTOCOLS).join(", ")}, or a number from 0 to 255.`,
  );
}

/** An IPv4 or IPv6 address. */
export function ipAddress(text: string): string {
  if (familyOf(text) !== undefined) return text;
  throw new InvalidArgumentError(
    "Wanted: an IPv4 or IPv6 address, such as 1.1.1.1.",
  );
}

/** Octets in hexadecimal, in any way that {@linkcode parseHex} reads. */
export function hexOctets(text: string): Uint8Array<ArrayBuffer> {
  try {
    return parseHex(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}

/** Link types, by the names that tcpdump and this collection have for them. */
const LINK_TYPES: Readonly<Record<string, number>> = {
  raw: LINK_TYPE_RAW,
  ethernet: LINK_TYPE_ETHERNET,
  "linux-sll": LINK_TYPE_LINUX_SLL,
  "linux-sll2": LINK_TYPE_LINUX_SLL2,
  // In either byte order, which its octets tell.
  loopback: LINK_TYPE_NULL,
  null: LINK_TYPE_NULL,
  loop: LINK_TYPE_LOOP,
  ipv4: LINK_TYPE_IPV4,
  ipv6: LINK_TYPE_IPV6,
};

/** What packets begin with, by name or by the number that files have. */
export function linkType(text: string): number {
  const name = text.toLowerCase();
  if (Object.hasOwn(LINK_TYPES, name)) return LINK_TYPES[name];
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (value <= 0xffff) return value;
  throw new InvalidArgumentError(
    `Wanted: ${Object.keys(LINK_TYPES).join(", ")}, or a link type's number ` +
      "from 0 to 65535.",
  );
}

/** Seconds, also fractions of one; or milliseconds, where it says `ms`. */
export function seconds(text: string): number {
  const [, number, unit] = /^(\d+|\d*\.\d+)(ms|s)?$/.exec(text) ?? [];
  const value = Number(number) / (unit === "ms" ? 1000 : 1);
  if (value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(
    `Wanted: seconds from 0 to ${MAX_SECONDS}, such as 0.2 or 200ms.`,
  );
}

/** As long as a timer can wait. */
const MAX_SECONDS = 2_147_483;

/** Whether it is an address, with a zone or not, and no interface's name. */
export function isAddress(text: string): boolean {
  return familyOf(withoutZone(text)) !== undefined;
}
