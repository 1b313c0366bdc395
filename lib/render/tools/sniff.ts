/**
 * What sniffing shows: a line a packet, or its explanation, or JSON.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import type { SniffEvent } from "../../tools/sniffer.ts";
import type { SniffPlace } from "../../tools/sniff_sockets.ts";
import { dissect } from "../../wire/packet/dissect.ts";
import { linkTypeName } from "../../wire/link_types.ts";
import { packetToJSON } from "../../wire/json/packet_json.ts";
import { summarizePacket } from "../packet/packet_line.ts";
import { renderReassembled } from "../packet/dissected.ts";
import { renderReassembly, renderUnfinished } from "./reassembly.ts";
import { escapeText, jsonLine } from "../text.ts";
import { formatTimestamp, timeOfDay } from "../timestamp.ts";
import { renderTree } from "../packet/tree.ts";
import { wrap } from "../wrap.ts";

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
    const { places = [{ device: device ?? undefined }] } = event;
    const line = `listening on ${places.map(placeText).join(", ")}, ` +
      `link-type ${linkTypeName(linkType) ?? linkType}, ` +
      `snapshot length ${snapLength} bytes`;
    return wrap("", line).join("\n");
  }
  if (event.type === "dropped") {
    return `--- ${event.dropped} dropped so far: they come too fast`;
  }
  if (event.type === "summary") {
    const { captured, octets, dropped, reason, reassembly } = event;
    const line = `--- ${captured} captured, ${counted(octets, "octet")}, ` +
      `${dropped ?? "an unknown number"} dropped (${reason})`;
    return reassembly === undefined
      ? line
      : `${line}\n${renderReassembly(reassembly)}`;
  }
  if (event.type === "incomplete" || event.type === "discarded") {
    return renderUnfinished(event, style, "  ");
  }
  if (event.type === "reassembled") {
    return [renderReassembled(event), ...treeOf(event, style)].join("\n");
  }
  const { frame } = event;
  const where = style.allDevices
    ? `${escapeText(event.device).padEnd(5)} ` +
      `${DIRECTION_WORDS[frame.direction].padEnd(3)} `
    : "";
  const line = `${timeOfDay(frame.timestampNs)} ${where}` +
    summarizePacket(frame);
  return [line, ...treeOf(frame, style)].join("\n");
}

function placeText({ device = "any", namespace, name }: SniffPlace): string {
  const host = name ?? namespace;
  return escapeText(host === undefined ? device : `${host}/${device}`);
}

function treeOf(
  { bytes, linkType }: {
    readonly bytes: Uint8Array;
    readonly linkType: number;
  },
  { explain }: SniffStyle,
): string[] {
  if (!explain) return [];
  const dissection = dissect(bytes, { linkType });
  return [...renderTree(bytes, dissection, { indent: "  " }), ""];
}

/** As tcpdump names them. */
const DIRECTION_WORDS = {
  host: "In",
  broadcast: "B",
  multicast: "M",
  otherHost: "P",
  outgoing: "Out",
} as const;

function toJSON(event: SniffEvent) {
  if (event.type !== "packet" && event.type !== "reassembled") return event;
  const isFrame = event.type === "packet";
  const packet = isFrame ? event.frame : event;
  const { timestampNs, linkType, bytes } = packet;
  return {
    type: event.type,
    ...isFrame ? { number: event.number } : { numbers: event.numbers },
    timestamp: timestampNs === undefined ? null : formatTimestamp(timestampNs),
    ...isFrame
      ? { device: event.device, direction: event.frame.direction }
      : {},
    linkType,
    length: packet.originalLength,
    captured: bytes.length,
    summary: summarizePacket(packet),
    ...packetToJSON(bytes, dissect(bytes, { linkType })),
    bytes: bytes.toHex(),
  };
}
