/**
 * Packets taken apart, for people and for programs.
 *
 * @module
 */

import type { CaptureFilePacket } from "../capture/packet.ts";
import { dissect } from "../wire/dissect.ts";
import { linkTypeName } from "../wire/link_types.ts";
import { packetToJSON } from "../wire/packet_json.ts";
import { jsonLine } from "./text.ts";
import { formatTimestamp } from "./timestamp.ts";
import { renderTree } from "./tree.ts";

/** How packets are shown. */
export interface DissectedStyle {
  /** One line of JSON each, instead of a tree. */
  readonly json?: boolean;
  /** Where each field stands, too. */
  readonly offsets?: boolean;
}

/** A packet in lines, the last one ended; behind a tree is an empty line. */
export function renderDissected(
  packet: CaptureFilePacket,
  { json, offsets }: DissectedStyle,
): string {
  const { number, timestampNs, bytes, originalLength, linkType } = packet;
  const dissection = dissect(bytes, { linkType });
  const timestamp = timestampNs === undefined
    ? undefined
    : formatTimestamp(timestampNs);
  if (json) {
    const line = jsonLine({
      number,
      timestamp: timestamp ?? null,
      length: originalLength,
      captured: bytes.length,
      linkType,
      ...packetToJSON(bytes, dissection, { offsets }),
    });
    return `${line}\n`;
  }
  const octets = bytes.length === originalLength
    ? `${originalLength} octets`
    : `${bytes.length} of ${originalLength} octets`;
  const link = linkTypeName(linkType) ?? `link type ${linkType}`;
  const title = [`Packet ${number}`, timestamp, octets, link]
    .filter((part) => part !== undefined).join(", ");
  const tree = renderTree(bytes, dissection, { offsets });
  return [title, ...tree, "", ""].join("\n");
}
