/**
 * Pinging one host or many: echo requests at an even pace, over one socket for
 * each IP version, however many hosts there are.
 *
 * @module
 */

import { releaseIdentifier, takeIdentifier } from "../socket/identifiers.ts";
import { checkMilliseconds } from "../socket/timeout.ts";
import { MAX_ECHO_PAYLOAD } from "../socket/icmp_request.ts";
import { checkRange } from "../wire/errors.ts";
import type { Host } from "./host.ts";
import { type PacedOptions, Pinger } from "./pinger.ts";
import type { MultipingOptions, PingEvent, PingOptions } from "./ping_types.ts";
import { Run, type RunContext } from "./run.ts";
import { sourceFamily } from "./source_family.ts";

/**
 * Pings a host.
 *
 * @returns a run: iterate it for its events, or await its `result`
 * @throws {RangeError} if an option is out of range
 *
 * @example
 * ```ts
 * import { ping } from "raw4";
 * import { assert } from "@std/assert";
 *
 * const host = await ping("127.0.0.1", { count: 2, intervalMs: 10 }).result;
 * assert(host.isAlive && host.avgRttMs > 0);
 * ```
 */
export function ping(
  address: string,
  options: PingOptions = {},
): Run<PingEvent, Host> {
  const checked = checkOptions({ count: 4, intervalMs: 1000, ...options });
  return new Run(
    async (context) => (await pingAll([address], checked, context))[0],
    options.signal,
  );
}

/**
 * Pings many hosts, at an even pace. A name that cannot be resolved is one
 * host's `failure`, and no more.
 *
 * @returns a run: iterate it for its events, or await its `result`, the hosts
 * in the order in which they were given
 * @throws {RangeError} if an option is out of range
 *
 * @example
 * ```ts
 * import { multiping } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const addresses = ["127.0.0.1", "127.0.0.2", "::1"];
 * const hosts = await multiping(addresses, { intervalMs: 10 }).result;
 * assertEquals(hosts.map((host) => host.isAlive), [true, true, true]);
 * ```
 */
export function multiping(
  addresses: readonly string[],
  options: MultipingOptions = {},
): Run<PingEvent, Host[]> {
  const checked = checkOptions({ count: 2, intervalMs: 500, ...options });
  return new Run(
    (context) => pingAll(addresses, checked, context),
    options.signal,
  );
}

function checkOptions(options: PacedOptions): PacedOptions {
  const { count, intervalMs, timeoutMs, payload, payloadSize = 56 } = options;
  if (count !== Infinity) checkRange("count", count, 1, 2 ** 53 - 1);
  checkMilliseconds("intervalMs", intervalMs);
  checkMilliseconds("timeoutMs", timeoutMs);
  const size = payload?.length ?? payloadSize;
  checkRange("payloadSize", size, 0, MAX_ECHO_PAYLOAD);
  checkRange("ttl", options.ttl ?? 64, 1, 255);
  checkRange("trafficClass", options.trafficClass ?? 0, 0, 255);
  checkRange("id", options.id ?? 0, 0, 0xffff);
  checkRange("concurrentTasks", options.concurrentTasks ?? 1, 1, 2 ** 31);
  return { ...options, family: sourceFamily(options.source, options.family) };
}

async function pingAll(
  names: readonly string[],
  options: PacedOptions,
  context: RunContext<PingEvent>,
): Promise<Host[]> {
  const id = options.id ?? takeIdentifier();
  try {
    return await new Pinger(names, { ...options, id }, context).run();
  } finally {
    if (options.id === undefined) releaseIdentifier(id);
  }
}
