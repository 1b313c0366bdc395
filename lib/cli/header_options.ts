/**
 * The fields of an IPv4 header on the command line, for the scripts that let
 * one choose them.
 *
 * @module
 */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { hexOctets, integer } from "./options.ts";

/** Time to live; a router may not send 0, a forger may. */
export const TTL = new Option("-t, --ttl <hops>", "time to live")
  .argParser(integer(0, 255));

/** DSCP and ECN. */
export const TOS = new Option(
  "-Q, --tos <octet>",
  "type of service: DSCP and ECN",
).argParser(integer(0, 255));

/** Identification. */
export const ID = new Option("--id <number>", "identification")
  .argParser(integer(0, 0xffff));

/** The three flags. */
export const FLAGS = new Option(
  "--flags <names>",
  "DF, MF, reserved, joined by commas; or 0 to 7",
).argParser(ipFlags);

/** Options, as octets. */
export const IP_OPTIONS = new Option(
  "--options <digits>",
  "IP options in hexadecimal, 40 octets at most",
).argParser(ipOptions);

/** Protocol. */
export const PROTOCOL = new Option(
  "-p, --protocol <number>",
  "IP protocol number",
).argParser(integer(0, 255));

/** Header checksum. */
export const CHECKSUM = new Option("--checksum <number>", "of the header")
  .argParser(integer(0, 0xffff));

/** Total length. */
export const LENGTH = new Option("--length <octets>", "total length")
  .argParser(integer(0, 0xffff));

/** What stands behind the headers, as text. */
export const PAYLOAD = new Option(
  "--payload <text>",
  "what the packet carries",
);

/** The same as octets. */
export const HEX = new Option("--hex <digits>", "the same in hexadecimal")
  .argParser(hexOctets);

const FLAG_BITS: Readonly<Record<string, number>> = {
  reserved: 4,
  df: 2,
  mf: 1,
};

/** The flags of an IPv4 header, in three bits. */
function ipFlags(text: string): number {
  if (/^[0-7]$/.test(text)) return Number(text);
  const bits = text.split(",").map((name) => FLAG_BITS[name.toLowerCase()]);
  if (bits.every((bit) => bit !== undefined)) {
    return bits.reduce((flags, bit) => flags | bit);
  }
  throw new InvalidArgumentError(
    "Wanted: DF, MF or reserved, joined by commas, or a number from 0 to 7.",
  );
}

function ipOptions(text: string): Uint8Array<ArrayBuffer> {
  const octets = hexOctets(text);
  if (octets.length <= 40) return octets;
  throw new InvalidArgumentError(
    `Wanted: 40 octets at most, and these are ${octets.length}.`,
  );
}
