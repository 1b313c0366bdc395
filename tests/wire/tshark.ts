/**
 * What tshark says of packets. A capture file is written, and nothing sent.
 *
 * @module
 */

import { assert } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";

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
  const fields = names.flatMap((name) => ["-e", name]);
  const shown = ["-T", "json", ...fields];
  const records: { _source: { layers: TsharkFields } }[] = JSON
    .parse(await runTshark(packets, linkType, shown, preferences));
  return records.map(({ _source: { layers } }) => layers);
}

/**
 * The lines with which tshark explains each of some packets.
 *
 * @param preferences such as `ip.defragment:FALSE`
 * @param linkType what they begin with; default an IP header
 */
export async function tsharkTrees(
  packets: readonly Uint8Array[],
  preferences: readonly string[] = [],
  linkType = LINK_TYPE_RAW,
): Promise<string[][]> {
  const shown = await runTshark(packets, linkType, ["-V"], preferences);
  return shown.split(/^Frame /m).slice(1).map((text) => text.split("\n"));
}

async function runTshark(
  packets: readonly Uint8Array[],
  linkType: number,
  shown: readonly string[],
  preferences: readonly string[],
): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    const file = [
      encodePcapHeader(linkType),
      ...packets.map((bytes) => encodePcapRecord({ timestampNs: 0n, bytes })),
    ];
    await Deno.writeFile(path, await new Blob(file).bytes());
    const { success, stdout, stderr } = await new Deno.Command("tshark", {
      args: [
        ...["-n", "-r", path, ...shown],
        ...preferences.flatMap((preference) => ["-o", preference]),
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(path);
  }
}
