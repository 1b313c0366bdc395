/**
 * Options that several scripts have, in the same words.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { integer, ipProtocol } from "./options.ts";

/** As long as a timer can wait. */
const milliseconds = integer(0, 2 ** 31 - 1);

/** The pair's: 253, for experiments (RFC 3692). */
export const PROTOCOL = new Option(
  "-p, --protocol <name>",
  "IP protocol, name or number",
).argParser(ipProtocol).default(253);

/** Of those that send. */
export const INTERVAL = new Option(
  "-i, --interval <ms>",
  "time between packets",
).argParser(milliseconds).default(0);

/** Of those that listen. */
export const COUNT = new Option("-c, --count <packets>", "end after so many")
  .argParser(integer(1, 1e15));

/** Of those that listen. */
export const TIMEOUT = new Option(
  "-w, --timeout <ms>",
  "end when none came for so long",
).argParser(milliseconds);
