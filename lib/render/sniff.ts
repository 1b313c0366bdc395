/**
 * What sniffing shows: a line a packet, or its explanation, or JSON.
 *
 * @module
 */

import type { FrameCaptured, SniffEvent } from "../tools/sniffer.ts";
import { dissect } from "../wire/dissect.ts";
import { linkTypeName } from "../wire/link_types.ts";
import { packetToJSON } from "../wire/packet_json.ts";
import { summarizePacket, timeOfDay } from "./packet_line.ts";
import { escapeText, jsonLine } from "./text.ts";
import { formatTimestamp } from "./timestamp.ts";
import { renderTree } from "./tree.ts";

/** How events are to be shown. */
export interface SniffStyle {
  /** Every field of every packet below its line. */
  readonly explain?: boolean;
  /** One JSON object a line. */
  readonly json?: boolean;
  /** Say which interface a packet crossed, and in which direction. */
  readonly allDevices?: boolean;
}

/** An event, for people or for programs. */
export function renderSniff(event: SniffEvent, style: SniffStyle): string {
  if (style.json) return jsonLine(toJSON(event));
  if (event.type === "opened") {
    const { device, linkType, snapLength } = event;
    return `listening on ${device === null ? "any" : escapeText(device)}, ` +
      `link-type ${linkTypeName(linkType) ?? linkType}, ` +
      `snapshot length ${snapLength} bytes`;
  }
  if (event.type === "summary") {
    const { captured, octets, dropped, reason } = event;
    return `--- ${captured} captured, ${octets} octets, ${dropped} dropped ` +
      `(${reason})`;
  }
  const { frame } = event;
  const where = style.allDevices
    ? `${escapeText(event.device).padEnd(5)} ` +
      `${DIRECTION_WORDS[frame.direction].padEnd(3)} `
    : "";
  const line = `${timeOfDay(frame.timestampNs)} ${where}` +
    summarizePacket(frame);
  if (!style.explain) return line;
  const { bytes, linkType } = frame;
  const tree = renderTree(bytes, dissect(bytes, { linkType }));
  return [line, ...tree.map((text) => `  ${text}`), ""].join("\n");
}

/** As tcpdump names them. */
const DIRECTION_WORDS = {
  host: "In",
  broadcast: "B",
  multicast: "M",
  otherHost: "P",
  outgoing: "Out",
} as const;

function toJSON(event: SniffEvent): unknown {
  return event.type === "packet" ? capturedToJSON(event) : event;
}

function capturedToJSON(
  { type, number, frame, device }: FrameCaptured,
): unknown {
  const { bytes, linkType } = frame;
  return {
    type,
    number,
    timestamp: formatTimestamp(frame.timestampNs),
    device,
    direction: frame.direction,
    linkType: frame.linkType,
    length: frame.originalLength,
    captured: frame.bytes.length,
    summary: summarizePacket(frame),
    ...packetToJSON(bytes, dissect(bytes, { linkType })),
    bytes: frame.bytes.toHex(),
  };
}
