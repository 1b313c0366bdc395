/**
 * Traces in a chain of routers, and the program that they are compared with.
 *
 * @module
 */

import type { Lab } from "../../../lib/lab/lab.ts";
import {
  type Family,
  type Trace,
  traceroute,
  type TracerouteOptions,
} from "../../../mod.ts";
import { inHost } from "../hosts.ts";

/** The farther end of a cable of a chain, counted from 1. */
export function chainAddress(cable: number, family: Family): string {
  return family === 4 ? `10.9.${cable}.2` : `2001:db8:9:${cable}::2`;
}

/** Who is at each hop of a chain, the target last. */
export function chainHops(routers: number, family: Family): string[] {
  return Array.from(
    { length: routers + 1 },
    (_, hop) => chainAddress(hop + 1, family),
  );
}

/**
 * Longer than any answer takes: by default it would be waited for as long as
 * others took, which tells nothing on a machine that is busy.
 */
export const PATIENT_MS = 60_000;
/** The same where somebody is silent, which each time costs that much. */
export const SILENT_MS = 1500;

/** Traces from the lab's first host. */
export function traceFrom(
  lab: Lab,
  target: string,
  options: TracerouteOptions = {},
): Promise<Trace> {
  const namespace = lab.namespace("host");
  const all = { namespace, timeoutMs: PATIENT_MS, ...options };
  return traceroute(target, all).result;
}

/** How long the program waits, whatever others took. */
export function waiting(ms: number): string[] {
  return ["-w", `${ms / 1000},0,0`];
}

/** Everybody at each hop, sorted; nobody is `*`. */
export function hopsOf({ hops }: Trace): string[] {
  return hops.map(({ addresses }) => addresses.toSorted().join(" ") || "*");
}

/** The same, as the program `traceroute` finds it; it is patient, too. */
export async function theirHops(
  lab: Lab,
  target: string,
  ...options: string[]
): Promise<string[]> {
  const six = target.includes(":") ? ["-6"] : ["-4"];
  const wait = options.includes("-w") ? [] : waiting(PATIENT_MS);
  const args = [...six, "-n", ...wait, ...options, target];
  const screen = await inHost(lab, "host", "traceroute", ...args);
  return screen.trim().split("\n").slice(1).map((line) => {
    const words = line.trim().split(/\s+/).slice(1);
    const addresses = words.filter((word) => /[0-9a-f]*[.:]\w+[.:]/.test(word));
    return [...new Set(addresses)].sort().join(" ") || "*";
  });
}
