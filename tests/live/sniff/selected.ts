/**
 * Which frames a filter lets through, by us and by tcpdump.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  type CaptureFilter,
  ethernet,
  LINK_TYPE_ETHERNET,
} from "../../../mod.ts";
import { run } from "../live.ts";
import { SOON } from "../socket/socket_support.ts";
import { packetSocketIn, readPackets } from "./sniff_support.ts";

const MARK = 0x88b5;
/** A frame that every filter lets through which ends with `or ether proto`. */
export const LAST = buildPacket(
  ethernet({ typeOrLength: MARK }),
  "the last one",
);

/** The frames that a packet socket with the filter receives, of those sent. */
export async function selected(
  lab: Lab,
  frames: readonly Uint8Array<ArrayBuffer>[],
  filter: CaptureFilter,
  cooked: boolean,
): Promise<string[]> {
  using sender = packetSocketIn(lab, "sender");
  using socket = packetSocketIn(lab, "receiver", { filter, cooked });
  // Unfiltered, and opened later: when it has the last, the other has all.
  using all = packetSocketIn(lab, "receiver");
  for (const frame of frames) sender.send(frame);
  sender.send(LAST);
  while ((await all.receive(SOON)).protocol !== MARK);
  // Hosts say things by themselves, too.
  const sent = new Set(
    [...frames, LAST].map((frame) => frame.subarray(14).toHex()),
  );
  const seen: string[] = [];
  try {
    for (;;) {
      for (const frame of await socket.receiveBatch({ timeoutMs: 0 })) {
        const { bytes, direction } = frame;
        if (direction === "outgoing") continue;
        const octets = bytes.subarray(cooked ? 20 : 14).toHex();
        if (sent.has(octets)) seen.push(octets);
      }
    }
  } catch {
    return seen;
  }
}

/** Those that tcpdump selects from a file of them. */
export async function selectedByTcpdump(
  frames: readonly Uint8Array<ArrayBuffer>[],
  expression: string,
): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    const records = [encodePcapHeader(LINK_TYPE_ETHERNET)];
    for (const bytes of [...frames, LAST]) {
      records.push(encodePcapRecord({ timestampNs: 0n, bytes }));
    }
    await Deno.writeFile(
      `${folder}/all.pcap`,
      Uint8Array.from(records.flatMap((record) => [...record])),
    );
    const { code, stderr } = await run([
      ...["tcpdump", "-Z", "root", "-r", `${folder}/all.pcap`],
      ...["-w", `${folder}/some.pcap`, expression],
    ]);
    assertEquals(code, 0, stderr);
    return (await readPackets(`${folder}/some.pcap`))
      .map(({ bytes }) => bytes.subarray(14).toHex());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
