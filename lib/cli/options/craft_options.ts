/**
 * The options of `craft`, and the common packet that they describe.
 *
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import { checkFile } from "../files/capture_file.ts";
import { usageError } from "../exit.ts";
import { headerOptions } from "./header_options.ts";
import { payloadOf } from "../messages.ts";
import { ipv4Address, OCTET } from "./options.ts";
import { MTU, WRITE } from "./shared_options.ts";
import { DIFF, WHY } from "./wire_options.ts";

/** For experiments (RFC 3692), as the pair's. */
const DEFAULT_PROTOCOL = 253;
/** What an ICMP header has behind its checksum, such as identifier and sequence. */
const ICMP_REST = "00000000";

/** Adds them to a command. */
export function craftOptions(command: Command) {
  return headerOptions(command, { ttl: 64, protocol: DEFAULT_PROTOCOL })
    .argument("[destination]", "IPv4 destination", ipv4Address)
    .option("-s, --source <address>", "IPv4 source", ipv4Address)
    .option("-d, --destination <address>", "the same", ipv4Address)
    .option(
      "--icmp-type <number>",
      "an ICMP message of this type, protocol 1",
      OCTET,
    )
    .option(
      "--json <description>",
      "a file, -, or JSON itself, instead of these",
    )
    .option("--explain", "explain each packet, bit by bit")
    .option("--explain-checksum", "show how its checksums come about")
    .addOption(MTU)
    .addOption(WRITE)
    .option("--send", "send to the packet's own destination (IPv4)")
    .option("--broadcast", "allow broadcast addresses as destinations")
    .addOption(DIFF)
    .addOption(WHY)
    .option("--allow-public", "send to public addresses, of hosts of your own");
}

/** What the command line says. */
type CraftFlags = ReturnType<ReturnType<typeof craftOptions>["opts"]>;

/**
 * The flags by what they are for: where packets come `from`, their `fields`, a
 * `style` to show them in, where to `write` them, in fragments of which `mtu` and
 * `how` to send them, and what to find out `after`.
 *
 * @param destination that of the packet, if it is given by its place
 * @throws {ScriptError} if two of them do not go together
 */
export function craftingOf(given: CraftFlags, destination?: string) {
  if (destination !== undefined && given.destination !== undefined) {
    throw usageError("the destination is given twice");
  }
  const flags = destination === undefined ? given : { ...given, destination };
  const { json, explain, explainChecksum, write, send, ...others } = flags;
  const { mtu, broadcast, diff, why, allowPublic, ...fields } = others;
  if (json !== undefined && Object.keys(fields).length > 0) {
    throw usageError("--json excludes the packet's flags");
  }
  if ((diff || why) && !send) {
    throw usageError("--diff and --why go with --send");
  }
  checkFile(write);
  return {
    from: json,
    fields: mtu === undefined ? fields : { id: anyIdentification(), ...fields },
    style: { explain, explainChecksum },
    write,
    send,
    mtu,
    how: { broadcast, allowPublic },
    after: { diff, why },
  };
}

/** What tells a packet's fragments from those of others; 0 does not. */
function anyIdentification(): number {
  return crypto.getRandomValues(new Uint16Array(1))[0] || 1;
}

type CraftedFields = ReturnType<typeof craftingOf>["fields"];

/**
 * An IPv4 packet's description, as `packetFromJSON` takes it. What is not given
 * is left out.
 *
 * @throws {ScriptError} without a destination, or if two flags exclude each
 * other
 */
export function describedBy(flags: CraftedFields): unknown {
  const { source, destination, ttl, tos, id, icmpType, checksum } = flags;
  const bits = flags.flags;
  if (destination === undefined) {
    throw usageError(
      "a packet needs a destination, or a description by --json",
    );
  }
  const protocol = flags.protocol ??
    (icmpType === undefined ? DEFAULT_PROTOCOL : undefined);
  const ipv4 = {
    ...{ source, destination, ttl, identification: id, protocol, checksum },
    ...(tos === undefined ? {} : { dscp: tos >> 2, ecn: tos & 3 }),
    ...(bits === undefined ? {} : {
      reserved: (bits & 4) !== 0,
      dontFragment: (bits & 2) !== 0,
      moreFragments: (bits & 1) !== 0,
    }),
    totalLength: flags.length,
    options: flags.options?.toHex(),
  };
  const data = { hex: payloadOf(flags)?.toHex() ?? "" };
  const given = Object.entries(ipv4).filter(([, value]) => value !== undefined);
  return {
    layers: [
      { ipv4: Object.fromEntries(given) },
      ...(icmpType === undefined ? [] : [
        { icmpv4: { kind: "unknown", type: icmpType } },
        { data: ICMP_REST },
      ]),
      { data },
    ],
  };
}
