/**
 * Packets taken apart, for people and for programs.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import type { CaptureFilePacket } from "../../capture/packet.ts";
import { dissect } from "../../wire/packet/dissect.ts";
import { linkTypeName } from "../../wire/link_types.ts";
import { packetToJSON } from "../../wire/json/packet_json.ts";
import { escapeText, jsonLine } from "../text.ts";
import { formatTimestamp, timeOfDay } from "../timestamp.ts";
import { summarizePacket } from "./packet_line.ts";
import { renderTree } from "./tree.ts";
import { wrap } from "../wrap.ts";
import type { PacketReassembled } from "../../tools/frame_reassembler.ts";

/** How packets are shown. */
export interface DissectedStyle {
  /** One line each, instead of a tree. */
  readonly lines?: boolean;
  /** One line of JSON each. */
  readonly json?: boolean;
  /** Where each field stands, too. */
  readonly offsets?: boolean;
}

/** A packet of a file, or one that fragments made. */
type ShownPacket = CaptureFilePacket | PacketReassembled;

/** A packet in lines, the last one ended; behind a tree is an empty line. */
export function renderDissected(
  packet: ShownPacket,
  style: DissectedStyle,
): string {
  if (style.lines) {
    return "number" in packet
      ? `${renderLine(packet)}\n`
      : `${renderReassembled(packet)}\n`;
  }
  const { timestampNs, bytes, originalLength, linkType } = packet;
  const { fcsLength, interfaceName: device, comment } = "number" in packet
    ? packet
    : {};
  const cutOff = Math.max(0, originalLength - bytes.length);
  const dissection = dissect(bytes, {
    linkType,
    fcsLength: Math.max(0, (fcsLength ?? 0) - cutOff),
  });
  const timestamp = timestampNs === undefined
    ? undefined
    : formatTimestamp(timestampNs);
  const { json, offsets } = style;
  if (json) {
    const line = jsonLine({
      ..."number" in packet
        ? { number: packet.number }
        : { type: packet.type, numbers: packet.numbers },
      timestamp: timestamp ?? null,
      length: originalLength,
      captured: bytes.length,
      linkType,
      fcsLength,
      device,
      comment,
      ...packetToJSON(bytes, dissection, { offsets }),
    });
    return `${line}\n`;
  }
  const octets = bytes.length === originalLength
    ? counted(originalLength, "octet")
    : `${bytes.length} of ${originalLength} octets`;
  const link = linkTypeName(linkType) ?? `link type ${linkType}`;
  const name = "number" in packet
    ? `Packet ${packet.number}`
    : `Reassembled from ${packetNumbers(packet.numbers)}`;
  const place = device && `on ${escapeText(device)}`;
  const title = [name, timestamp, octets, link, place]
    .filter((part) => part !== undefined).join(", ");
  const remarks =
    comment?.split("\n").flatMap((line) =>
      wrap("", `[Comment: ${escapeText(line)}]`)
    ) ?? [];
  const tree = renderTree(bytes, dissection, { offsets });
  return [...wrap("", title), ...remarks, ...tree, "", ""].join("\n");
}

/** A packet's line, with its time of day where there is one. */
function renderLine(packet: CaptureFilePacket): string {
  const { timestampNs } = packet;
  const line = summarizePacket(packet);
  return timestampNs === undefined ? line : `${timeOfDay(timestampNs)} ${line}`;
}

/** The line of one that fragments made, below that of the last of them. */
export function renderReassembled(packet: PacketReassembled): string {
  const numbers = packetNumbers(packet.numbers);
  return `  reassembled from ${numbers}: ${summarizePacket(packet)}`;
}

/** Packets by their numbers, such as `packets 1-3, 5`. */
export function packetNumbers(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range?.[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const texts = ranges.map(([first, last]) =>
    first === last ? `${first}` : `${first}-${last}`
  );
  return `packet${numbers.length === 1 ? "" : "s"} ${texts.join(", ")}`;
}
