/**
 * How long to wait for an answer, where nobody has said it: as traceroute(8)
 * does at least, which takes what has come from a hop, and from behind it, for a
 * measure.
 *
 * @module
 */

/**
 * The longest wait: Linux takes 3.1 seconds to find that a neighbour is dead,
 * and says so then.
 */
const LONGEST_MS = 5000;
/** Times the slowest answer of the hop itself that another may take. */
const HERE = 3;
/** Times the first answer of the next hop that has answered. */
const NEAR = 10;
/** Where answers take microseconds, a busy machine is later with every other. */
const PRECISION_MS = 1;
/**
 * A router's own answers take longer than what it passes on: up to a fifth of a
 * second where its processor has other things to do. Only where the network is
 * so fast that hosts must be its routers, this is not waited for: then it is so
 * many times the fastest answer.
 */
const SLOW_ROUTER_MS = 300;
const SLOW_ROUTER = 300;
/** A server is a process, which has to be woken and get its turn. */
const LEAST_SERVER_MS = 30;

/** What a hop has answered, in the order of its probes. */
export interface HeardFrom {
  readonly answers: readonly ({ readonly roundTripMs: number } | undefined)[];
}

/**
 * How long probes to hops are waited for, in milliseconds.
 *
 * @param hops in the order of their distances
 * @param serverMs how long a reply of the destination took, of which it is not
 * known what it is to
 */
export function patienceWith(
  hops: readonly HeardFrom[],
  serverMs: number | undefined,
): number[] {
  let nearMs = serverMs === undefined ? undefined : patienceAlone(serverMs);
  let fastestMs = serverMs ?? Infinity;
  const waits = hops.toReversed().map(({ answers }) => {
    const rttsMs = answers.flatMap((answer) => answer?.roundTripMs ?? []);
    if (rttsMs.length === 0) return waitFor(nearMs ?? LONGEST_MS, fastestMs);
    fastestMs = Math.min(fastestMs, ...rttsMs);
    const hereMs = HERE * (Math.max(...rttsMs) + PRECISION_MS);
    const waitMs = waitFor(Math.max(hereMs, nearMs ?? 0), fastestMs);
    nearMs = NEAR * (rttsMs[0] + PRECISION_MS);
    return waitMs;
  });
  return waits.reverse();
}

/** The same for a probe that is on its way alone, while a server answers. */
export function patienceAlone(serverMs: number): number {
  const ms = NEAR * (serverMs + PRECISION_MS);
  return Math.min(LONGEST_MS, Math.max(LEAST_SERVER_MS, ms));
}

function waitFor(ms: number, fastestMs: number): number {
  const slowMs = Math.min(SLOW_ROUTER_MS, SLOW_ROUTER * fastestMs);
  return Math.min(LONGEST_MS, Math.max(ms, slowMs));
}
