/**
 * Watching a route: traced again and again, with figures of each hop.
 *
 * @module
 */

import { SocketError } from "../../socket/errors.ts";
import {
  checkMilliseconds,
  type Clock,
  REAL_CLOCK,
} from "../../socket/time.ts";
import { checkRange } from "../../wire/errors.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { Run, type RunContext } from "../run.ts";
import type { Hop } from "./hop.ts";
import { traceroute, TRACEROUTE_FIELDS } from "./traceroute.ts";
import type {
  Trace,
  TraceFailed,
  TracerouteOptions,
  TraceStarted,
} from "./trace_types.ts";

/**
 * How to watch a route.
 *
 * @category Traceroute
 */
export interface WatchOptions extends TracerouteOptions {
  /** Rounds, 1 or more, `Infinity` for until aborted; default 10. */
  readonly rounds?: number;
  /** Milliseconds from one round to the next, at least; default 1000. */
  readonly intervalMs?: number;
  /** Probes to each hop in a round, 1–10; default 1. */
  readonly probes?: number;
}

/**
 * What all rounds have shown of one hop. Round trips are in milliseconds, and
 * `undefined` as long as there is none.
 *
 * @category Traceroute
 */
export interface WatchedHop {
  /** How many hops away, 1–255. */
  readonly distance: number;
  /** Who has answered, each once, the first ones first; 16 at most. */
  readonly addresses: readonly string[];
  /** Whether the last answer was the destination's. */
  readonly isReached: boolean;
  /** Probes of which is known what has become of them. */
  readonly packetsSent: number;
  /** How many of them were answered. */
  readonly packetsReceived: number;
  /** The share of those that were not, 0–1; of none `undefined`. */
  readonly packetLoss: number | undefined;
  /** The last round trip. */
  readonly lastRttMs: number | undefined;
  /** The shortest one. */
  readonly minRttMs: number | undefined;
  /** Their mean. */
  readonly avgRttMs: number | undefined;
  /** The longest one. */
  readonly maxRttMs: number | undefined;
  /** Their standard deviation. */
  readonly stddevMs: number | undefined;
}

/**
 * What is known of a route that is watched.
 *
 * @category Traceroute
 */
export interface WatchedRoute {
  /** Rounds so far, one that was ended early included. */
  readonly rounds: number;
  /** The hops in order, the silent ones too; none beyond the destination. */
  readonly hops: readonly WatchedHop[];
  /** Whether the destination has answered. */
  readonly isReached: boolean;
}

/**
 * A round is over.
 *
 * @category Traceroute
 */
export interface WatchRound extends WatchedRoute {
  /** Tells it from the other events. */
  readonly type: "round";
}

/**
 * What {@linkcode watchRoute} tells: that it begins, what could not be sent, and
 * what is known after each round.
 *
 * @category Traceroute
 */
export type WatchEvent = TraceStarted | TraceFailed | WatchRound;

/** What rounds are made with. */
export interface WatchWorld extends Clock {
  trace: typeof traceroute;
}

const REAL_WATCH_WORLD: WatchWorld = { ...REAL_CLOCK, trace: traceroute };

const checkNames = namesChecker("watchRoute", {
  fields: {
    ...TRACEROUTE_FIELDS,
    ...{ rounds: "number", intervalMs: "number" },
  } satisfies Record<keyof WatchOptions, ValueType>,
});

/** Beyond the last that answers, so many are asked: one of them may, later. */
const BEYOND = 5;
/** Who answers is not kept without end: somebody may make addresses up. */
const MOST_ADDRESSES = 16;

/**
 * Traces the route to a host again and again, with one probe to each hop a
 * round, and keeps figures of each hop, in constant memory: loss here and not
 * behind it is a router that is slow to answer, loss from here on is the way's.
 *
 * @category Traceroute
 * @param destination an address or a name, which is resolved once
 * @returns a run: iterate it for its events, or await its `result`
 * @throws {RangeError} if an option is out of range
 * @throws {TypeError} if there is no such option
 *
 * @example
 * ```ts
 * import { watchRoute } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { rounds: 3, intervalMs: 10 };
 * const { hops, isReached } = await watchRoute("127.0.0.1", options);
 * assertEquals(isReached, true);
 * assertEquals(hops.map((hop) => hop.packetsSent), [3]);
 * ```
 */
export function watchRoute(
  destination: string,
  options: WatchOptions = {},
): Run<WatchEvent, WatchedRoute> {
  checkNames(options);
  return watchIn(REAL_WATCH_WORLD, destination, options);
}

/** The same, in a world of the caller's. */
export function watchIn(
  world: WatchWorld,
  destination: string,
  options: WatchOptions,
): Run<WatchEvent, WatchedRoute> {
  const { rounds = 10, intervalMs = 1000, probes = 1, ...given } = options;
  if (rounds !== Infinity) checkRange("rounds", rounds, 1, 2 ** 53 - 1);
  checkMilliseconds("intervalMs", intervalMs);
  const tracing = { probes, ...given };
  // It checks the options.
  world.trace(destination, tracing);
  return new Run(
    (context) =>
      watch(world, destination, { ...tracing, rounds, intervalMs }, context),
    options.signal,
  );
}

async function watch(
  world: WatchWorld,
  destination: string,
  { rounds, intervalMs, ...options }:
    & TracerouteOptions
    & Required<Pick<WatchOptions, "rounds" | "intervalMs">>,
  { emit, signal }: RunContext<WatchEvent>,
): Promise<WatchedRoute> {
  const book = new WatchBook(options);
  let name = destination;
  for (let round = 1;; round++) {
    const beganMs = world.now();
    const { maxHops } = book;
    const tracing = world.trace(name, { ...options, maxHops, signal });
    try {
      for await (const event of tracing) {
        if (event.type === "failed") emit(event);
        if (event.type === "start" && round === 1) emit(event);
      }
      const trace = await tracing;
      name = trace.address;
      book.add(trace);
    } catch (error) {
      // A route that was there may come again, as a cable does.
      if (round === 1 || !(error instanceof SocketError)) throw error;
      const { firstHop = 1 } = options;
      emit({ type: "failed", distance: firstHop, probe: 1, error });
      book.lose();
    }
    const { hops } = book;
    const isReached = hops.at(-1)?.isReached ?? false;
    const route = { rounds: round, hops, isReached };
    emit({ type: "round", ...route });
    const leftMs = beganMs + intervalMs - world.now();
    if (round < rounds && leftMs > 0) await world.sleep(leftMs, signal);
    if (round >= rounds || signal.aborted) return route;
  }
}

/** The figures of all hops. */
class WatchBook {
  readonly #options: TracerouteOptions;
  /** How far the next round is to go; `undefined` for as far as it may. */
  maxHops: number | undefined;
  #hops: HopFigures[] = [];

  constructor(options: TracerouteOptions) {
    this.#options = options;
    this.maxHops = options.maxHops;
  }

  get hops(): WatchedHop[] {
    return this.#hops.map((hop) => hop.read());
  }

  /** Adds a round of which nothing could leave. */
  lose(): void {
    const { probes = 1 } = this.#options;
    for (const hop of this.#hops) hop.lose(probes);
  }

  add({ hops }: Trace): void {
    for (const hop of hops) {
      const known = this.#hops.find((it) => it.distance === hop.distance);
      if (known) known.add(hop);
      else this.#hops.push(new HopFigures(hop));
    }
    this.#hops.sort((a, b) => a.distance - b.distance);
    // The nearest at which it answers: where its answer was lost, or was not
    // there yet, probes that could go on were answered, too.
    const end = this.#hops.find(({ isReached }) => isReached);
    const last = this.#hops.findLast(({ addresses }) => addresses.size > 0);
    const { firstHop = 1, maxHops = 30 } = this.#options;
    this.maxHops = end?.distance ??
      Math.min(maxHops, (last?.distance ?? firstHop - 1) + BEYOND);
    const limit = this.maxHops;
    this.#hops = this.#hops.filter(({ distance }) => distance <= limit);
  }
}

/** Of one hop. */
class HopFigures {
  readonly distance: number;
  readonly addresses = new Set<string>();
  /** Whether the last answer was the destination's. */
  isReached = false;
  #sent = 0;
  #received = 0;
  #lastMs: number | undefined;
  #min = Infinity;
  #max = -Infinity;
  #mean = 0;
  /** Of the squares of what lies between them and the mean. */
  #sum = 0;

  constructor(hop: Hop) {
    this.distance = hop.distance;
    this.add(hop);
  }

  add({ fates, answers }: Hop): void {
    this.#sent += fates.filter((fate) => fate !== "pending").length;
    for (const answer of answers) {
      if (answer === undefined) continue;
      const { from, roundTripMs, isReached } = answer;
      if (this.addresses.size < MOST_ADDRESSES) this.addresses.add(from);
      this.isReached = isReached;
      this.#lastMs = roundTripMs;
      this.#min = Math.min(this.#min, roundTripMs);
      this.#max = Math.max(this.#max, roundTripMs);
      // As Welford has it, which forgets no digits.
      const before = roundTripMs - this.#mean;
      this.#mean += before / ++this.#received;
      this.#sum += before * (roundTripMs - this.#mean);
    }
  }

  lose(probes: number): void {
    this.#sent += probes;
  }

  read(): WatchedHop {
    const [sent, received] = [this.#sent, this.#received];
    const timed = <Value>(value: Value) => received > 0 ? value : undefined;
    return {
      distance: this.distance,
      addresses: [...this.addresses],
      isReached: this.isReached,
      packetsSent: sent,
      packetsReceived: received,
      packetLoss: sent > 0 ? (sent - received) / sent : undefined,
      lastRttMs: this.#lastMs,
      minRttMs: timed(this.#min),
      avgRttMs: timed(this.#mean),
      maxRttMs: timed(this.#max),
      stddevMs: timed(Math.sqrt(this.#sum / received)),
    };
  }
}
