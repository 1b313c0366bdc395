/**
 * What became of fragments, but for the packets that they made.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import type {
  FragmentDiscarded,
  PacketIncomplete,
  ReassemblySummary,
} from "../../tools/frame_reassembler.ts";
import { packetNumbers } from "../packet/dissected.ts";
import { wordFor } from "../packet/packet_line.ts";
import { jsonLine } from "../text.ts";
import { wrap } from "../wrap.ts";

/** Why it is waited for no more. */
const CAUSES: Readonly<Record<PacketIncomplete["cause"], string>> = {
  timedOut: "after 30 s",
  evicted: "and given up for newer ones",
  ended: "at the end",
};

/**
 * What was not put together, and why, without the last line's end: at most 80
 * columns wide, or JSON.
 */
export function renderUnfinished(
  event: PacketIncomplete | FragmentDiscarded,
  { json }: { readonly json?: boolean },
  indent = "",
): string {
  return json ? jsonLine(event) : wrap(indent, sentence(event)).join("\n");
}

function sentence(event: PacketIncomplete | FragmentDiscarded): string {
  if (event.type === "discarded") {
    const { number, problem } = event;
    return `discarded packet ${number}: its fragment ${problem.reason}`;
  }
  const { layer, source, destination, protocol, identification } = event;
  const { octets, length, numbers, cause } = event;
  const version = layer === "ipv4" ? "IP" : "IP6";
  const known = length === null
    ? `${counted(octets, "octet")}, and not the last ones,`
    : `${octets} of ${length} octets`;
  return `incomplete ${
    CAUSES[cause]
  }: ${version} ${source} > ${destination}: ` +
    `${wordFor(protocol)}, id ${identification}: ${known} came in ` +
    packetNumbers(numbers);
}

/** What became of all of them, in a line. */
export function renderReassembly(
  reassembly: ReassemblySummary,
  { json }: { readonly json?: boolean } = {},
): string {
  if (json) return jsonLine({ type: "summary", reassembly });
  const { reassembled, incomplete, discarded } = reassembly;
  return `--- ${reassembled} reassembled, ${incomplete} incomplete, ` +
    `${discarded} discarded`;
}
