/**
 * What the pair shows: lines for people, and objects for `--json`.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import type { ICMPErrorMessage } from "../../tools/matching.ts";
import type { ReceiveEvent } from "../../tools/pair/receive_messages.ts";
import type { MessageSent, SendEvent } from "../../tools/pair/send_messages.ts";
import { type Aftermath, isAftermath, renderAftermath } from "./aftermath.ts";
import { renderExplanation } from "../packet/explain.ts";
import { lostInAll, lostToJSON, renderLost } from "./lost.ts";
import { renderFragments, renderOutgoing } from "./outgoing.ts";
import { jsonLine, printable } from "../text.ts";
import { formatTimestamp } from "../timestamp.ts";
import { wrap } from "../wrap.ts";

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
    return `--- ${received} received, ${counted(octets, "octet")}, ${
      dropped ?? "an unknown number"
    } dropped ` +
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
      return sentLines(event, explain).join("\n");
    case "refused":
      return renderRefusal(event.error);
    case "failed":
      return renderLost("Message", event).join("\n");
    case "summary": {
      const { sent, octets, refused, failed } = event;
      return `--- ${sent} sent, ${
        counted(octets, "octet")
      }, ${refused} refused` +
        lostInAll(failed);
    }
  }
}

function sentLines(
  event: MessageSent,
  explain: boolean | undefined,
): string[] {
  const { payload, destination, fragments } = event;
  const count = fragments?.length ?? 1;
  const line = `Sent ${counted(payload.length, "octet")} to ${destination}` +
    (count > 1 ? ` in ${count} fragments` : "");
  if (!explain) return [line];
  return [
    line,
    ...(fragments === undefined
      ? renderOutgoing(event, payload)
      : renderFragments(fragments)),
  ];
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

function receivedToJSON(event: ReceiveEvent) {
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

function sentToJSON(event: Exclude<SendEvent, Aftermath>) {
  if (event.type === "sent") {
    const { payload, fragments, ...rest } = event;
    return {
      ...rest,
      length: payload.length,
      ...payloadToJSON(payload),
      fragments: fragments?.map((fragment) => fragment.toHex()),
    };
  }
  if (event.type === "failed") return lostToJSON(event);
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
