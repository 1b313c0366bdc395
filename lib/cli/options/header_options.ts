/**
 * The fields of an IPv4 header on the command line, for the scripts that let
 * one choose them.
 *
 * @module
 */

import {
  type Command,
  InvalidArgumentError,
} from "@commander-js/extra-typings";
import { hexOctets, ipProtocol, OCTET, TWO_OCTETS } from "./options.ts";

/**
 * Adds them to a command; what is not given is left out.
 *
 * @param defaults what some of them are then, to be shown
 */
export function headerOptions(
  command: Command,
  defaults: { readonly ttl: number; readonly protocol: number },
) {
  const shown = (name: keyof typeof defaults) => `(default: ${defaults[name]})`;
  return command
    .option("-t, --ttl <hops>", `time to live ${shown("ttl")}`, OCTET)
    .option("-Q, --tos <octet>", "type of service: DSCP and ECN", OCTET)
    .option("--id <number>", "identification", TWO_OCTETS)
    .option(
      "--flags <names>",
      "DF, MF, reserved, joined by commas; or 0 to 7",
      ipFlags,
    )
    .option(
      "--options <digits>",
      "IP options in hexadecimal, 40 octets at most",
      ipOptions,
    )
    .option(
      "-p, --protocol <name>",
      `IP protocol, name or number ${shown("protocol")}`,
      ipProtocol,
    )
    .option("--checksum <number>", "header checksum", TWO_OCTETS)
    .option("--length <octets>", "total length", TWO_OCTETS)
    .option("--payload <text>", "what the packet carries")
    .option("--hex <digits>", "the same in hexadecimal", hexOctets);
}

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
