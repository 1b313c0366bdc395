/**
 * What pinging shows: the lines of iputils' ping, which eyes and scripts know,
 * a table for several hosts, and objects for `--json`.
 *
 * @module
 */

import type { Host } from "../tools/host.ts";
import type {
  PingAnswered,
  PingedHost,
  PingEvent,
  PingStarted,
} from "../tools/ping_types.ts";
import { withoutZone } from "../wire/zone.ts";
import { explainReply } from "./explain_reply.ts";
import { errorText } from "./icmp_error.ts";
import { escapeText, jsonLine } from "./text.ts";

/** How events are to be shown. */
export interface PingStyle {
  /** Octets of the payload, which the first line tells. */
  readonly payloadSize: number;
  /** The interface that was given to send from. */
  readonly device?: string;
  /** Addresses alone, without the names that were given. */
  readonly numeric?: boolean;
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
  if (style.json) return [jsonLine(pingToJSON(event))];
  switch (event.type) {
    case "start":
      return [firstLine(event, style)];
    case "reply":
    case "error":
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
    percent(host),
    ...(host.isAlive
      ? [host.minRttMs, host.avgRttMs, host.maxRttMs].map((ms) => ms.toFixed(3))
      : ["-", "-", "-"]),
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
  { payloadSize, device = "" }: PingStyle,
): string {
  const { name, source } = event;
  const shown = escapeText(name);
  const address = named(event.address, event);
  const from = source === undefined
    ? ""
    : `from ${named(source, event)} ${escapeText(device)}: `;
  return address.includes(":")
    ? `PING ${shown}(${address}) ${from}${payloadSize} data bytes`
    : `PING ${shown} (${address}) ${from}${payloadSize}` +
      `(${payloadSize + ICMP_HEADER + IPV4_HEADER}) bytes of data.`;
}

function answerLines(event: PingAnswered, style: PingStyle): string[] {
  const { reply, sequence, isDuplicate, isLate } = event;
  const isNamed = !style.numeric &&
    withoutZone(event.name) !== withoutZone(event.address) &&
    reply.source === event.address;
  const source = named(reply.source, event);
  const from = isNamed ? `${escapeText(event.name)} (${source})` : source;
  const line = reply.isEchoReply
    ? `${reply.bytesReceived} bytes from ${from}: icmp_seq=${sequence} ` +
      (reply.ttl === undefined ? "" : `ttl=${reply.ttl} `) +
      `time=${milliseconds(reply.roundTripMs ?? 0)} ms` +
      (isDuplicate ? " (DUP!)" : "") + (isLate ? " (LATE!)" : "")
    : `From ${from} icmp_seq=${sequence} ${errorText(reply)}`;
  return style.explain ? [line, ...explainReply(reply)] : [line];
}

/**
 * An address with its zone as the host's was given, such as `fe80::1%eth0`: the
 * kernel tells a zone by its index alone.
 */
function named(address: string, host: PingedHost): string {
  const [, given] = host.name.split("%");
  const [, index] = host.address.split("%");
  return given !== undefined && address.endsWith(`%${index}`)
    ? `${withoutZone(address)}%${escapeText(given)}`
    : address;
}

function summaryLines(host: Host): string[] {
  const errors = host.errors.reduce((sum, { count }) => sum + count, 0);
  const counts = [
    `${host.packetsSent} packets transmitted`,
    `${host.packetsReceived} received`,
    ...(host.duplicates > 0 ? [`+${host.duplicates} duplicates`] : []),
    ...(host.lateReplies > 0 ? [`+${host.lateReplies} late`] : []),
    ...(errors > 0 ? [`+${errors} errors`] : []),
    `${percent(host)} packet loss`,
    `time ${Math.round(host.durationMs)}ms`,
  ];
  const figures = [host.minRttMs, host.avgRttMs, host.maxRttMs, host.stddevMs];
  return [
    "",
    `--- ${escapeText(host.name)} ping statistics ---`,
    counts.join(", "),
    ...(host.isAlive
      ? [
        "rtt min/avg/max/mdev = " +
        `${figures.map((ms) => ms.toFixed(3)).join("/")} ms`,
      ]
      : []),
  ];
}

/** As iputils: three digits and a point, more where it is shorter than 1 ms. */
function milliseconds(ms: number): string {
  return ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3);
}

/** As C's `%g` writes it: six digits, without trailing zeros. */
function percent(host: Host): string {
  return `${Number((host.packetLoss * 100).toPrecision(6))}%`;
}

function pingToJSON(event: PingEvent): unknown {
  const { type, name, address } = event;
  switch (event.type) {
    case "start":
      return { type, name, address };
    case "reply":
    case "error": {
      const { reply, sequence, isDuplicate, isLate } = event;
      return {
        type,
        name,
        address,
        from: reply.source,
        sequence,
        roundTripMs: reply.roundTripMs,
        ttl: reply.ttl ?? null,
        length: reply.bytesReceived,
        icmpType: reply.type,
        icmpCode: reply.code,
        description: reply.description,
        isDuplicate,
        isLate,
      };
    }
    case "timeout":
      return { type, name, address, sequence: event.sequence };
    case "failed":
      return { type, name, address, reason: event.error.message };
    case "host":
      return { type, ...hostToJSON(event.host) };
  }
}

function hostToJSON(host: Host): Record<string, unknown> {
  return {
    name: host.name,
    address: host.address,
    isAlive: host.isAlive,
    packetsSent: host.packetsSent,
    packetsReceived: host.packetsReceived,
    packetLoss: host.packetLoss,
    duplicates: host.duplicates,
    lateReplies: host.lateReplies,
    minRttMs: host.minRttMs,
    avgRttMs: host.avgRttMs,
    maxRttMs: host.maxRttMs,
    p50Ms: host.p50Ms,
    p95Ms: host.p95Ms,
    stddevMs: host.stddevMs,
    jitterMs: host.jitterMs,
    replyTTL: host.replyTTL ?? null,
    errors: host.errors,
    failure: host.failure?.message ?? null,
  };
}
