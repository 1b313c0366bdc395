/**
 * Options that several scripts have, in the same words.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import { complain } from "../output.ts";
import { integer, ipProtocol, seconds } from "./options.ts";

/** More seconds than anybody waits, who may mean milliseconds as once they were. */
const MANY_SECONDS = 60;

/** A time in milliseconds, given in seconds: once they were not. */
function milliseconds(text: string): number {
  const value = seconds(text);
  if (value > MANY_SECONDS && /\d$/.test(text)) {
    complain(
      `${text} are seconds now, not milliseconds: for those, ${text}ms.`,
    );
  }
  return value * 1000;
}

/** The pair's: 253, for experiments (RFC 3692). */
export const PROTOCOL = new Option(
  "-p, --protocol <name>",
  "IP protocol, name or number",
).argParser(ipProtocol).default(253);

/** Of those that send. */
export const INTERVAL = new Option(
  "-i, --interval <s>",
  "seconds between packets, such as 0.2 or 200ms",
).argParser(milliseconds).default(0);

/**
 * Of those that measure.
 *
 * @param row what a row is for
 */
export function csvOption(row: string) {
  return new Option("--csv", `a table for spreadsheets, a row for each ${row}`)
    .conflicts(["json", "explain"]);
}

/**
 * Asserts that those that listen show packets to people, or to programs.
 *
 * @throws {ScriptError} if both is wanted
 */
export function checkStyle(
  { explain, json }: { readonly explain?: boolean; readonly json?: boolean },
): void {
  if (explain && json) {
    throw usageError("--explain and --json exclude each other");
  }
}

/** Of those that listen. */
export const COUNT = new Option("-c, --count <packets>", "end after so many")
  .argParser(integer(1, 1e15));

/** Of those that listen. */
export const TIMEOUT = new Option(
  "-w, --timeout <s>",
  "end when none came for so many seconds",
).argParser(milliseconds);

/** Of those that write what they see. */
export const WRITE = new Option(
  "--write <file>",
  "write a capture file: pcap, or pcapng if it is named .pcapng",
);

/** Of those that send; 68 octets are what every link carries (RFC 791 §3.2). */
export const MTU = new Option(
  "--mtu <octets>",
  "in fragments of at most so many octets, 68 or more",
).argParser(integer(68, 65_535));
