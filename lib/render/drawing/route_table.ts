/**
 * A watched route as a table, with mtr's columns, or as JSON.
 *
 * @module
 */

import type {
  WatchedHop,
  WatchedRoute,
} from "../../tools/trace/watch_route.ts";
import { escapeText } from "../text.ts";
import { timedLine } from "../timestamp.ts";

/** What is known of an address: its name. */
type NameOf = (address: string) => string | undefined;

/** Columns of who answers, so that a line has 80. */
const HOST = 35;
const FIGURES = [["loss", 7], ["sent", 6], ["last", 7], ["avg", 7]]
  .concat([["best", 7], ["worst", 7]]) as [string, number][];

/**
 * The hops, one a line; further addresses below it, for which a round may have
 * gone another way. Times are in milliseconds.
 */
export function renderRouteTable(
  { hops }: Pick<WatchedRoute, "hops">,
  nameOf: NameOf = () => undefined,
): string[] {
  const head = FIGURES.map(([name, width]) => name.padStart(width));
  return [
    `hop ${"host".padEnd(HOST)}${head.join("")}`.trimEnd(),
    ...hops.flatMap((hop) => hopLines(hop, nameOf)),
  ];
}

function hopLines(hop: WatchedHop, nameOf: NameOf): string[] {
  const { packetLoss: loss } = hop;
  const figures = [
    loss === undefined ? "-" : `${(loss * 100).toFixed(1)}%`,
    `${hop.packetsSent}`,
    ...[hop.lastRttMs, hop.avgRttMs, hop.minRttMs, hop.maxRttMs].map(timeText),
  ].map((text, i) => text.padStart(FIGURES[i][1])).join("");
  const hosts = hop.addresses
    .map((address) => escapeText(nameOf(address) ?? address));
  const [first = "*", ...others] = hosts;
  const number = `${hop.distance}`.padStart(3);
  return [
    ...first.length < HOST
      ? [`${number} ${first.padEnd(HOST)}${figures}`]
      : [...rowOf(`${number} ${first}`), `${" ".repeat(4 + HOST)}${figures}`],
    ...others.flatMap((host) => rowOf(`    ${host}`)),
  ];
}

/** What is longer than a line goes on in the next. */
function rowOf(text: string): string[] {
  const rows = [text.slice(0, 80)];
  for (let at = 80; at < text.length; at += 76) {
    rows.push(`    ${text.slice(at, at + 76)}`);
  }
  return rows;
}

/** Three digits, more behind the point where it is short. */
function timeText(ms: number | undefined): string {
  if (ms === undefined) return "-";
  return ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3);
}

/** The hops as JSON, one a line, and the whole in the last. */
export function routeToJSON(
  { hops, ...route }: WatchedRoute,
  nameOf: NameOf = () => undefined,
): string[] {
  const told = hops.map((hop) => {
    const { packetLoss = null, lastRttMs = null, minRttMs = null } = hop;
    const { avgRttMs = null, maxRttMs = null, stddevMs = null } = hop;
    const names = hop.addresses.map((address) => nameOf(address) ?? null);
    const times = { lastRttMs, minRttMs, avgRttMs, maxRttMs, stddevMs };
    return { type: "hop", ...hop, names, packetLoss, ...times };
  });
  return [...told, { type: "watch", ...route, hops: hops.length }]
    .map((event) => timedLine(event));
}
