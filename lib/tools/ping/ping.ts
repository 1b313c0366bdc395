/**
 * Pinging one host or many: echo requests at an even pace, over one socket for
 * each IP version, however many hosts there are.
 *
 * @module
 */

import {
  releaseIdentifier,
  takeIdentifier,
} from "../../socket/icmp/identifiers.ts";
import { checkDestination, localAddress } from "../../socket/destination.ts";
import { checkHost } from "../../socket/kernel/resolve.ts";
import { checkMilliseconds } from "../../socket/time.ts";
import {
  checkPayload,
  MAX_ECHO_PAYLOAD,
} from "../../socket/icmp/icmp_request.ts";
import { type Family, familyOf, isIPv6 } from "../../wire/address.ts";
import { checkRange } from "../../wire/errors.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { withoutZone } from "../../wire/zone.ts";
import type { Host } from "./host.ts";
import { type PacedOptions, Pinger } from "./pinger.ts";
import type { MultipingOptions, PingEvent, PingOptions } from "./ping_types.ts";
import { PublicHosts } from "./public_hosts.ts";
import { Run, type RunContext } from "../run.ts";

/** Their names, by which a misspelt one is refused. */
const FIELDS = {
  ...{ count: "number", intervalMs: "number", timeoutMs: "number" },
  ...{ id: "number", source: "text", device: "text", family: "number" },
  ...{ privileged: "flag", payload: "octets", payloadSize: "number" },
  ...{ ttl: "number", trafficClass: "number", broadcast: "flag" },
  ...{ allowPublic: "flag", namespace: "text", signal: "flag" },
  ...{ tellReplies: "flag" },
} as const satisfies Record<keyof PingOptions, ValueType>;

const checkNames = namesChecker("ping", { fields: FIELDS });
const checkManyNames = namesChecker("multiping", {
  fields: { ...FIELDS, concurrency: "number" } satisfies Record<
    keyof MultipingOptions,
    ValueType
  >,
});

/**
 * Pings a host.
 *
 * @category Ping
 * @returns a run: iterate it for its events, or await its `result`
 * @throws {RangeError} if an option is out of range
 * @throws {TypeError} if there is no such option
 *
 * @example
 * ```ts
 * import { ping } from "raw4";
 * import { assert } from "@std/assert";
 *
 * const host = await ping("127.0.0.1", { count: 2, intervalMs: 10 }).result;
 * assert(host.isAlive && host.avgRttMs! > 0);
 * ```
 */
export function ping(
  address: string,
  options: PingOptions = {},
): Run<PingEvent, Host> {
  checkNames(options);
  const { count = 4, intervalMs = 1000 } = options;
  const checked = checkOptions({ ...options, count, intervalMs });
  return new Run(
    async (context) => (await pingAll([address], checked, context))[0],
    options.signal,
  );
}

/**
 * Pings many hosts, at an even pace. A name that cannot be resolved is one
 * host's `failure`, and no more.
 *
 * @category Ping
 * @returns a run: iterate it for its events, or await its `result`, the hosts
 * in the order in which they were given
 * @throws {RangeError} if an option is out of range
 * @throws {TypeError} if there is no such option
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
  checkManyNames(options);
  const { count = 2, intervalMs = 500 } = options;
  const checked = checkOptions({ ...options, count, intervalMs });
  return new Run(
    (context) => pingAll(addresses, checked, context),
    options.signal,
  );
}

function checkOptions(options: PacedOptions): PacedOptions {
  const { count, intervalMs, timeoutMs, payload, payloadSize = 56 } = options;
  const { source, family } = options;
  if (count !== Infinity) checkRange("count", count, 1, 2 ** 53 - 1);
  checkMilliseconds("intervalMs", intervalMs);
  if (timeoutMs !== Infinity) checkMilliseconds("timeoutMs", timeoutMs);
  const size = payload?.length ?? payloadSize;
  checkRange("payloadSize", size, 0, MAX_ECHO_PAYLOAD[6]);
  checkRange("ttl", options.ttl ?? 64, 1, 255);
  checkRange("trafficClass", options.trafficClass ?? 0, 0, 255);
  checkRange("id", options.id ?? 0, 0, 0xffff);
  checkRange("concurrency", options.concurrency ?? 1, 1, 2 ** 31);
  return { ...options, family: sourceFamily(source, family) };
}

/**
 * Asserts that no host is known beforehand not to be pinged as it is given, so
 * that nothing is sent to the others either. What only the system can refuse,
 * such as a route that is missing, is that host's failure.
 *
 * @throws {RangeError} if one is neither an address nor a name, or an address
 * that cannot be sent to
 * @throws {SocketBroadcastError} if one is a broadcast address, and none is meant
 */
export function checkHosts(
  hosts: readonly string[],
  options: MultipingOptions,
): void {
  const { payload, payloadSize = 56, source: given } = options;
  const { count = Infinity, intervalMs = 1000 } = options;
  const wanted = sourceFamily(given, options.family);
  const source = given && localAddress(given, wanted!, options);
  for (const host of hosts) checkHost(host, wanted);
  const addresses = hosts.map(withoutZone).filter(familyOf);
  new PublicHosts({ ...options, count, intervalMs }).add(addresses);
  for (const host of hosts) {
    const family = familyOf(withoutZone(host));
    if (family === undefined) continue;
    checkPayload(payload?.length ?? payloadSize, family);
    checkDestination(host, family, { ...options, source });
  }
}

async function pingAll(
  names: readonly string[],
  options: PacedOptions,
  context: RunContext<PingEvent>,
): Promise<Host[]> {
  const { source: given, family } = options;
  const source = given && localAddress(given, family!, options);
  const addresses = names.map(withoutZone).filter(familyOf);
  new PublicHosts(options).add(addresses);
  const id = options.id ?? takeIdentifier();
  try {
    return await new Pinger(names, { ...options, source, id }, context).run();
  } finally {
    if (options.id === undefined) releaseIdentifier(id);
  }
}

/**
 * The family that hosts must be of: that of the address to send from.
 *
 * @param source an address of this host, if it is to be a certain one
 * @param family the family that was asked for, if any
 * @returns `undefined` if either will do
 * @throws {RangeError} if `source` is no address, or of another family
 */
export function sourceFamily(
  source: string | undefined,
  family?: Family,
): Family | undefined {
  if (source === undefined) return family;
  const own = isIPv6(withoutZone(source)) ? 6 : familyOf(source);
  if (own === undefined) {
    throw new RangeError(`source is no address: ${JSON.stringify(source)}`);
  }
  if (family === undefined || family === own) return own;
  throw new RangeError(`cannot send from ${source} over IPv${family}`);
}
