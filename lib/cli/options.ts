/**
 * Parsers of option values, shared by the scripts.
 *
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { familyOf, isIPv4 } from "../wire/address.ts";

/** More than anybody counts; no limit to be told of. */
const MANY = 1e15;

/** A whole number within a range, decimal or hexadecimal (`0x2e`). */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      max >= MANY
        ? `Wanted: a whole number, ${min} or more.`
        : `Wanted: a whole number from ${min} to ${max}.`,
    );
  };
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
  const number = PROTOCOLS[text.toLowerCase()];
  return number ?? integer(0, 255)(text);
}

/** An IPv4 or IPv6 address. */
export function ipAddress(text: string): string {
  if (familyOf(text) !== undefined) return text;
  throw new InvalidArgumentError(
    "Wanted: an IPv4 or IPv6 address, such as 1.1.1.1.",
  );
}

/** Octets in hexadecimal; blanks and colons between them are allowed. */
export function hexOctets(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/[\s:]/g, "");
  if (!/^[0-9a-f]*$/i.test(digits)) {
    throw new InvalidArgumentError(
      "Wanted: hexadecimal digits, such as 48656c6c6f.",
    );
  }
  if (digits.length % 2 !== 0) {
    throw new InvalidArgumentError(
      `Wanted: two digits an octet, but there are ${digits.length}.`,
    );
  }
  return Uint8Array.fromHex(digits);
}

/** Seconds, also fractions of one. */
export function seconds(text: string): number {
  const value = /^(\d+|\d*\.\d+)$/.test(text) ? Number(text) : NaN;
  if (value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(
    `Wanted: seconds from 0 to ${MAX_SECONDS}, such as 0.2.`,
  );
}

/** As long as a timer can wait. */
const MAX_SECONDS = 2_147_483;

/** Whether it is an address, and not the name of an interface. */
export function isAddress(text: string): boolean {
  return familyOf(text) !== undefined;
}
