/**
 * What pinging shows: the lines of iputils' ping, which eyes and scripts know,
 * a table for several hosts, and objects for `--json`.
 *
 * @module
 */

import type { Host } from "../../tools/ping/host.ts";
import type {
  PingAnswered,
  PingEvent,
  PingRefused,
  PingStarted,
} from "../../tools/ping/ping_types.ts";
import { familyOf } from "../../wire/address.ts";
import { isMulticast } from "../../wire/address_scope.ts";
import { withoutZone, zoneOf } from "../../wire/zone.ts";
import type { CSVTable } from "../csv.ts";
import { explainReply } from "./explain_reply.ts";
import { errorText } from "./icmp_error.ts";
import { escapeText } from "../text.ts";
import { timedLine } from "../timestamp.ts";

/** A row for each answer, and each request without one. */
export const PING_TABLE: CSVTable = {
  rows: ["reply", "error", "advice", "refused", "timeout", "failed"],
  columns: [
    ...["type", "name", "address", "sequence", "from", "roundTripMs", "ttl"],
    ...["length", "icmpType", "icmpCode", "isDuplicate", "isLate"],
    ...["description", "reason"],
  ],
};

/** How events are to be shown. */
export interface PingStyle {
  /** Octets of the payload, which the first line tells. */
  readonly payloadSize: number;
  /** The interface that was given to send from. */
  readonly device?: string;
  /** Addresses alone, without the names that were given. */
  readonly numeric?: boolean;
  /** Each answer with the time it came, in seconds since 1970 (UTC). */
  readonly timestamp?: boolean;
  /** Only the first and the last lines. */
  readonly quiet?: boolean;
  /** Each reply explained. */
  readonly explain?: boolean;
  /** One JSON object a line. */
  readonly json?: boolean;
}

/** Octets of the headers that the first line counts. */
const ICMP_HEADER = 8;
const IPV4_HEADER = 20;

/** An event in lines; none if there is nothing to say. */
export function renderPing(event: PingEvent, style: PingStyle): string[] {
  if (style.json) {
    const { time } = event.type === "start"
      ? event
      : "reply" in event
      ? event.reply
      : {};
    return [timedLine(pingToJSON(event), time)];
  }
  switch (event.type) {
    case "start":
      return [firstLine(event, style)];
    case "reply":
    case "error":
    case "advice":
    case "refused":
      return style.quiet ? [] : answerLines(event, style);
    case "failed":
      return [`${escapeText(event.name)}: ${event.error.message}`];
    case "timeout":
      return [];
    case "host":
      return event.host.address === "" ? [] : summaryLines(event.host);
  }
}

/** The hosts side by side, one a line. */
export function renderHosts(hosts: readonly Host[]): string[] {
  const head = [
    "host",
    "sent",
    "recv",
    "loss",
    "min ms",
    "avg ms",
    "max ms",
    "ttl",
  ];
  const rows = hosts.map((host) => [
    escapeText(host.name),
    `${host.packetsSent}`,
    `${host.packetsReceived}`,
    percent(host) ?? "-",
    ...[host.minRttMs, host.avgRttMs, host.maxRttMs]
      .map((ms) => ms?.toFixed(3) ?? "-"),
    `${host.replyTTL ?? "-"}`,
  ]);
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i].length))
  );
  return [head, ...rows].map((row) =>
    row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])
    ).join("  ").trimEnd()
  );
}

function firstLine(
  event: PingStarted,
  style: PingStyle,
): string {
  const { name, source } = event;
  const { payloadSize, device = zoneOf(source ?? "") ?? "" } = style;
  const shown = escapeText(name);
  const address = escapeText(event.address);
  const from = source === undefined
    ? ""
    : `from ${escapeText(source)} ${escapeText(device)}: `;
  return address.includes(":")
    ? `PING ${shown}(${address}) ${from}${payloadSize} data bytes`
    : `PING ${shown} (${address}) ${from}${payloadSize}` +
      `(${payloadSize + ICMP_HEADER + IPV4_HEADER}) bytes of data.`;
}

function answerLines(
  event: PingAnswered | PingRefused,
  style: PingStyle,
): string[] {
  const { reply } = event;
  const isNamed = !style.numeric &&
    familyOf(withoutZone(event.name)) === undefined &&
    reply.source === event.address;
  const source = escapeText(reply.source);
  const from = isNamed ? `${escapeText(event.name)} (${source})` : source;
  // One that was not sent has its number on the wire alone.
  const sequence = `icmp_seq=${event.sequence ?? reply.sequence}`;
  const marks = event.type === "refused"
    ? refusalMark(event)
    : answerMark(event);
  const ttl = reply.ttl === undefined ? "" : ` ttl=${reply.ttl}`;
  const isTimed = reply.roundTripMs !== undefined && marks !== TRUNCATED;
  const time = isTimed ? ` time=${milliseconds(reply.roundTripMs!)} ms` : "";
  const line = reply.isEchoReply
    ? `${reply.bytesReceived} bytes from ${from}: ${sequence}${ttl}${time}`
    // The colon is iputils', too.
    : `From ${from}${reply.isAdvice ? ":" : ""} ${sequence} ` +
      errorText(reply);
  const stamp = style.timestamp ? `[${reply.time.toFixed(6)}] ` : "";
  return [
    ...`${stamp}${line}${marks}`.split("\n"),
    ...(style.explain ? explainReply(reply) : []),
  ];
}

/** That a multicast is answered by many goes without saying, as in iputils. */
function answerMark({ isDuplicate, isLate, address }: PingAnswered): string {
  if (isDuplicate) return isMulticast(address) ? "" : " (DUP!)";
  return isLate ? " (LATE!)" : "";
}

const TRUNCATED = " (truncated)";

/** Why it is not believed, in the words of iputils where it has them. */
function refusalMark({ reason, altered }: PingRefused): string {
  switch (reason) {
    case "checksum":
      return " (BAD CHECKSUM!)";
    case "source":
      return " (DIFFERENT ADDRESS!)";
    case "sequence":
      return " (NEVER SENT!)";
    case "quoted":
      return " (ABOUT ANOTHER PACKET!)";
    case "truncated":
      return TRUNCATED;
    case "payload": {
      const { offset, sent, received } = altered!;
      const hex = (octet: number) => `0x${octet.toString(16)}`;
      return `\nwrong data byte #${offset} should ` +
        (sent === undefined ? "not be there" : `be ${hex(sent)}`) +
        ` but was ${hex(received)}`;
    }
  }
}

/** What the summary calls messages that are not believed. */
const REFUSED: Readonly<Record<keyof Host["refused"], string>> = {
  checksum: "corrupted",
  source: "from different addresses",
  truncated: "truncated",
  payload: "altered",
  sequence: "never sent",
  quoted: "errors about other packets",
};

function summaryLines(host: Host): string[] {
  const errors = host.errors.reduce((sum, { count }) => sum + count, 0);
  const more: [count: number, what: string][] = [
    [host.duplicates, "duplicates"],
    [host.lateReplies, "late"],
    ...Object.entries(REFUSED).map(([reason, what]): [number, string] => [
      host.refused[reason as keyof Host["refused"]],
      what,
    ]),
    [errors, "errors"],
  ];
  const counts = [
    `${host.packetsSent} packets transmitted`,
    `${host.packetsReceived} received`,
    ...more.filter(([count]) => count > 0)
      .map(([count, what]) => `+${count} ${what}`),
    ...(host.packetsSent === 0 ? [] : [
      `${percent(host)} packet loss`,
      `time ${Math.round(host.durationMs)}ms`,
    ]),
  ];
  const figures = [host.minRttMs, host.avgRttMs, host.maxRttMs, host.stddevMs];
  return [
    "",
    `--- ${escapeText(host.name)} ping statistics ---`,
    counts.join(", "),
    ...(host.isAlive
      ? [
        "rtt min/avg/max/mdev = " +
        `${figures.map((ms) => ms!.toFixed(3)).join("/")} ms`,
      ]
      : []),
  ];
}

/** As iputils: three digits and a point, more where it is shorter than 1 ms. */
function milliseconds(ms: number): string {
  return ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3);
}

/** As C's `%g` writes it: six digits, without trailing zeros. */
function percent({ packetLoss }: Host): string | undefined {
  return packetLoss === undefined
    ? undefined
    : `${Number((packetLoss * 100).toPrecision(6))}%`;
}

function pingToJSON(event: PingEvent) {
  const { name, address } = event;
  switch (event.type) {
    case "start":
      return { type: event.type, name, address };
    case "reply":
    case "error":
    case "advice": {
      const { isDuplicate, isLate, reply } = event;
      const more = { isDuplicate, isLate };
      const answer = { name, address, ...answerToJSON(event), ...more };
      if (event.type === "reply") return { type: event.type, ...answer };
      const { type } = event;
      const { nextHopMTU, gateway = null, pointer = null } = reply;
      const told = { nextHopMTU: nextHopMTU || null, gateway, pointer };
      return { type, ...answer, ...told };
    }
    case "refused": {
      const { type, reason, altered = null } = event;
      const more = { reason, altered };
      return { type, name, address, ...answerToJSON(event), ...more };
    }
    case "timeout":
      return { type: event.type, name, address, sequence: event.sequence };
    case "failed": {
      const { type, sequence = null, error: { message: reason } } = event;
      return { type, name, address, sequence, reason };
    }
    case "host":
      return { type: event.type, ...hostToJSON(event.host) };
  }
}

function answerToJSON({ reply, sequence }: PingAnswered | PingRefused) {
  return {
    from: reply.source,
    sequence: sequence ?? null,
    wireSequence: reply.sequence,
    roundTripMs: reply.roundTripMs ?? null,
    ttl: reply.ttl ?? null,
    length: reply.bytesReceived,
    icmpType: reply.type,
    icmpCode: reply.code,
    description: reply.description,
  };
}

function hostToJSON(host: Host) {
  return {
    name: host.name,
    address: host.address,
    isAlive: host.isAlive,
    packetsSent: host.packetsSent,
    packetsReceived: host.packetsReceived,
    packetLoss: host.packetLoss ?? null,
    duplicates: host.duplicates,
    lateReplies: host.lateReplies,
    minRttMs: host.minRttMs ?? null,
    avgRttMs: host.avgRttMs ?? null,
    maxRttMs: host.maxRttMs ?? null,
    p50Ms: host.p50Ms ?? null,
    p95Ms: host.p95Ms ?? null,
    stddevMs: host.stddevMs ?? null,
    jitterMs: host.jitterMs ?? null,
    replyTTL: host.replyTTL ?? null,
    errors: host.errors,
    refused: host.refused,
    failure: host.failure?.message ?? null,
  };
}
