/**
 * The packets of every protocol, found by the names of their files: whoever
 * adds a protocol adds such a file, and touches nothing else.
 *
 * @module
 */

import type { ProtocolName } from "../../lib/wire/packet/registry.ts";
import type { ProtocolPackets } from "./protocol_packets.ts";

/** Of one protocol, whichever it is. */
type AnyPackets = {
  [Name in ProtocolName]: ProtocolPackets<Name>;
}[ProtocolName];

/** What there is, in the order of the files' names. */
export const FOUND: readonly AnyPackets[] = await Promise.all(
  [...files(new URL("./", import.meta.url))].sort().map(async (file) =>
    (await import(file) as { readonly PACKETS: AnyPackets }).PACKETS
  ),
);

function* files(folder: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (!isDirectory) continue;
    for (const file of Deno.readDirSync(new URL(`${name}/`, folder))) {
      if (!file.name.endsWith("_packets.ts")) continue;
      yield new URL(`${name}/${file.name}`, folder).href;
    }
  }
}

/** Those of a protocol, if it has any. */
export function packetsOf(name: string): AnyPackets | undefined {
  return FOUND.find(({ protocol }) => protocol === name);
}
