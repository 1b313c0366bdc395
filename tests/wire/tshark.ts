/**
 * What tshark says of packets.
 *
 * @module
 */

import { assert } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";

/** A packet's fields, every value that each has. */
export type TsharkFields = Readonly<Record<string, readonly string[]>>;

/**
 * Has tshark read a capture file of packets.
 *
 * @param names the fields wanted
 * @param preferences such as `ip.defragment:FALSE`
 */
export async function readWithTshark(
  packets: readonly Uint8Array[],
  linkType: number,
  names: readonly string[],
  preferences: readonly string[],
): Promise<TsharkFields[]> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    const file = [
      encodePcapHeader(linkType),
      ...packets.map((bytes) => encodePcapRecord({ timestampNs: 0n, bytes })),
    ];
    await Deno.writeFile(path, await new Blob(file).bytes());
    const { success, stdout, stderr } = await new Deno.Command("tshark", {
      args: [
        ...["-n", "-r", path, "-T", "json"],
        ...preferences.flatMap((preference) => ["-o", preference]),
        ...names.flatMap((name) => ["-e", name]),
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const records: { _source: { layers: TsharkFields } }[] = JSON
      .parse(new TextDecoder().decode(stdout));
    return records.map(({ _source: { layers } }) => layers);
  } finally {
    await Deno.remove(path);
  }
}
