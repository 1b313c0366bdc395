/**
 * What the pair shows: lines for people, and objects for `--json`.
 *
 * @module
 */

import type { ICMPErrorMessage } from "../tools/matching.ts";
import type { ReceiveEvent } from "../tools/receive_messages.ts";
import type { SendEvent } from "../tools/send_messages.ts";
import { type Aftermath, isAftermath, renderAftermath } from "./aftermath.ts";
import { renderExplanation } from "./explain.ts";
import { renderOutgoing } from "./outgoing.ts";
import { jsonLine, printable } from "./text.ts";
import { formatTimestamp } from "./timestamp.ts";
import { wrap } from "./wrap.ts";

/** How events are to be shown. */
export interface MessageStyle {
  /** Explained, instead of in hexadecimal. */
  readonly explain?: boolean;
  /** One JSON object a line. */
  readonly json?: boolean;
}

/** What the receiver did; a packet in hexadecimal or explained, then its text. */
export function renderReceived(
  event: ReceiveEvent,
  { explain, json }: MessageStyle,
): string {
  if (json) return jsonLine(receivedToJSON(event));
  if (event.type === "opened") {
    return `Socket Info = raw IPv4, protocol ${event.protocol}, ` +
      `address ${event.address ?? "any"}`;
  }
  if (event.type === "summary") {
    const { received, octets, dropped, reason } = event;
    return `--- ${received} received, ${octets} octets, ${dropped} dropped ` +
      `(${reason})`;
  }
  const { bytes } = event.datagram;
  return [
    ...(explain ? [...renderExplanation(bytes), ""] : [bytes.toHex()]),
    printable(event.payload),
    ...(explain ? [""] : []),
  ].join("\n");
}

/** What the sender did, and what the network complained about. */
export function renderSent(
  event: SendEvent,
  { explain, json }: MessageStyle,
): string {
  if (isAftermath(event)) return renderAftermath(event, { json });
  if (json) return jsonLine(sentToJSON(event));
  switch (event.type) {
    case "opened":
      return `Socket Info = raw IPv4, protocol ${event.protocol}, ` +
        `${event.source} to ${event.destination}` +
        (event.isLocal ? LOCAL_NOTE : "");
    case "sent":
      return [
        `Sent ${event.payload.length} octets to ${event.destination}`,
        ...(explain ? renderOutgoing(event, event.payload) : []),
      ].join("\n");
    case "refused":
      return renderRefusal(event.error);
    case "summary":
      return `--- ${event.sent} sent, ${event.octets} octets, ` +
        `${event.refused} refused`;
  }
}

const LOCAL_NOTE =
  "\nThat is this host: it cannot be told whether anybody receives there.";

function renderRefusal(error: ICMPErrorMessage): string {
  const { from, type, code, description, quoted } = error;
  return [
    ...wrap("", `${from} answers: ${description}.`),
    ...(type === 3 && code === 2
      ? [`Nobody is listening there for protocol ${quoted.protocol}.`]
      : []),
  ].join("\n");
}

function receivedToJSON(event: ReceiveEvent): unknown {
  if (event.type !== "packet") return event;
  const { type, datagram, header, payload } = event;
  return {
    type,
    timestamp: formatTimestamp(datagram.timestampNs),
    source: header.source,
    destination: header.destination,
    protocol: header.protocol,
    length: datagram.bytes.length,
    header: { ...header, options: header.options.toHex() },
    ...payloadToJSON(payload),
  };
}

function sentToJSON(event: Exclude<SendEvent, Aftermath>): unknown {
  if (event.type === "sent") {
    const { payload, ...rest } = event;
    return { ...rest, length: payload.length, ...payloadToJSON(payload) };
  }
  if (event.type !== "refused") return event;
  const { from, type, code, description, quoted } = event.error;
  return {
    type: event.type,
    from,
    destination: quoted.destination,
    protocol: quoted.protocol,
    icmpType: type,
    icmpCode: code,
    reason: description,
  };
}

/** A payload's octets, and its text; what is not UTF-8 shows as U+FFFD there. */
function payloadToJSON(
  payload: Uint8Array,
): { payloadHex: string; payloadText: string } {
  return {
    payloadHex: payload.toHex(),
    payloadText: new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload),
  };
}
