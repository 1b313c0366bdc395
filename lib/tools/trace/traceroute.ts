/**
 * Tracing the route to a host: all hops at once, over one socket.
 *
 * @module
 */

import { checkHost, resolve } from "../../socket/kernel/resolve.ts";
import { localAddress, remoteAddress } from "../../socket/destination.ts";
import { requireSupport } from "../../socket/system/support.ts";
import { checkMilliseconds } from "../../socket/time.ts";
import { type Family, familyOf } from "../../wire/address.ts";
import { checkRange } from "../../wire/errors.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { withoutZone } from "../../wire/zone.ts";
import { Run, type RunContext } from "../run.ts";
import { ICMPMethod } from "./trace_icmp.ts";
import { type Flow, type ProbeMethod, RawMethod } from "./trace_method.ts";
import { IP_HEADER } from "./trace_probe.ts";
import { TCPMethod } from "./trace_tcp.ts";
import { UDPMethod } from "./trace_udp.ts";
import type { Trace, TraceEvent, TracerouteOptions } from "./trace_types.ts";
import { REAL_TRACE_WORLD, type TraceWorld } from "./trace_world.ts";
import { type TracePlan, Tracer } from "./tracer.ts";

/** Their names, by which a misspelt one is refused. */
export const TRACEROUTE_FIELDS = {
  ...{ method: "text", protocol: "number", port: "number", flow: "text" },
  ...{ firstHop: "number", maxHops: "number", probes: "number" },
  ...{ timeoutMs: "number", concurrency: "number", packetSize: "number" },
  ...{ discoverMTU: "flag", trafficClass: "number", source: "text" },
  ...{ device: "text", family: "number", namespace: "text", signal: "flag" },
} as const satisfies Record<keyof TracerouteOptions, ValueType>;

const checkNames = namesChecker("traceroute", { fields: TRACEROUTE_FIELDS });

/**
 * Traces the route to a host: probes that may go so many hops and no further,
 * and who says that they went no further.
 *
 * An answer counts only if it quotes a probe, random values that nobody else
 * knows included, or if it is the destination's own reply to one. A UDP server's
 * holds no such value: it counts if it is between the probes' ports.
 *
 * @category Traceroute
 * @param destination an address or a name
 * @returns a run: iterate it for its events, or await its `result`
 * @throws {RangeError} if an option is out of range
 * @throws {TypeError} if there is no such option
 *
 * @example
 * ```ts
 * import { traceroute } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { hops, isReached } = await traceroute("127.0.0.1").result;
 * assert(isReached);
 * assertEquals(hops.map((hop) => [hop.distance, hop.address]), [
 *   [1, "127.0.0.1"],
 * ]);
 * ```
 */
export function traceroute(
  destination: string,
  options: TracerouteOptions = {},
): Run<TraceEvent, Trace> {
  checkNames(options);
  if (options.method === "tcp") {
    requireSupport("tcpRaw");
    requireSupport("tcpReplies");
  }
  if (options.discoverMTU) requireSupport("linkMTU");
  return traceIn(REAL_TRACE_WORLD, destination, options);
}

/** The same, in a world of the caller's. */
export function traceIn(
  world: TraceWorld,
  destination: string,
  options: TracerouteOptions,
): Run<TraceEvent, Trace> {
  checkOptions(options);
  return new Run(
    (context) => trace(world, destination, options, context),
    options.signal,
  );
}

const METHODS = ["icmp", "udp", "tcp", "raw"];
const FLOWS = ["paris", "classic"];
const DEFAULT_PORTS = { icmp: 0, udp: 33_434, tcp: 80, raw: 0 } as const;
/** RFC 3692: for experiments. */
const DEFAULT_PROTOCOL = 253;
/** Behind an IP header: eight octets that are quoted, and some to be random. */
const LEAST_SEGMENT = 12;
const DEFAULT_SEGMENT = 40;
const MAX_PACKET = 65_535;
const MAX_HOPS = 30;
const CONCURRENCY = 64;
/** Of the longest packets fewer, so that they fit into routers' queues. */
const LONG_CONCURRENCY = 16;

function checkOptions(options: TracerouteOptions): void {
  const { method = "icmp", flow = "paris", firstHop = 1, maxHops = MAX_HOPS } =
    options;
  for (
    const [name, value, all] of [
      ["method", method, METHODS],
      ["flow", flow, FLOWS],
    ] as const
  ) {
    if (all.includes(value)) continue;
    throw new RangeError(
      `${name} must be one of ${all.join(", ")}, but is ${value}`,
    );
  }
  checkRange("firstHop", firstHop, 1, 255);
  checkRange("maxHops", maxHops, firstHop, 255);
  checkRange("probes", options.probes ?? 1, 1, 10);
  checkRange("concurrency", options.concurrency ?? 1, 1, 1024);
  checkRange("port", options.port ?? 0, 0, 0xffff);
  checkRange("protocol", options.protocol ?? 0, 0, 255);
  checkRange("trafficClass", options.trafficClass ?? 0, 0, 255);
  const { packetSize, discoverMTU } = options;
  checkMilliseconds("timeoutMs", options.timeoutMs);
  const least = IP_HEADER[4] + LEAST_SEGMENT;
  checkRange("packetSize", packetSize ?? least, least, MAX_PACKET);
  if (method === "tcp" && (packetSize !== undefined || discoverMTU)) {
    throw new RangeError(
      "a SYN carries nothing: packetSize and discoverMTU are for the other methods",
    );
  }
  if (packetSize !== undefined && discoverMTU) {
    throw new RangeError(
      "packetSize and discoverMTU exclude each other: the link tells the size",
    );
  }
}

async function trace(
  world: TraceWorld,
  name: string,
  options: TracerouteOptions,
  context: RunContext<TraceEvent>,
): Promise<Trace> {
  const ends = await endsOf(world, name, options);
  const { family, address, source } = ends;
  const flow = flowBetween(ends, options);
  const { namespace, device } = options;
  const method = methodFor(world, flow, options);
  try {
    const packetSize = sizeOf(method, flow, options) ??
      world.linkMTU(address, family, { namespace, device });
    using link = world.open({
      family,
      destination: address,
      source: options.source && source,
      device,
      namespace,
      identifier: method.identifier,
      tcpPort: method.tcpPort,
      udpPort: method.udpPort,
    });
    const plan = planFor(packetSize, options);
    const { maxHops, discoverMTU } = plan;
    const facts = { name, address, source, maxHops, packetSize, discoverMTU };
    context.emit({ type: "start", ...facts, time: Date.now() / 1000 });
    const tracer = new Tracer(plan, flow, method, context, link, world);
    return { name, address, ...await tracer.run() };
  } finally {
    method.close?.();
  }
}

/** Where probes come from and go to, with their zones. */
interface Ends {
  readonly family: Family;
  readonly address: string;
  readonly source: string;
}

async function endsOf(
  world: TraceWorld,
  name: string,
  options: TracerouteOptions,
): Promise<Ends> {
  const { namespace, device } = options;
  const found = await addressOf(name, options.family);
  const family = familyOf(withoutZone(found))!;
  const given = options.source &&
    localAddress(options.source, family, { namespace, device });
  const place = { namespace, device, source: given };
  const address = remoteAddress(found, family, place);
  const route = world.routeTo(address, place);
  if (route.isBroadcast) {
    throw new RangeError(`${address} is the address of many hosts, not of one`);
  }
  return { family, address, source: given ?? route.source };
}

function flowBetween(
  { family, address, source }: Ends,
  { method = "icmp", port, flow }: TracerouteOptions,
): Flow {
  return {
    family,
    source: withoutZone(source),
    destination: withoutZone(address),
    port: port ?? DEFAULT_PORTS[method],
    isClassic: flow === "classic",
  };
}

/** Every default filled in. */
function planFor(packetSize: number, options: TracerouteOptions): TracePlan {
  const { discoverMTU = false } = options;
  return {
    firstHop: options.firstHop ?? 1,
    maxHops: options.maxHops ?? MAX_HOPS,
    probes: options.probes ?? 3,
    timeoutMs: options.timeoutMs,
    concurrency: options.concurrency ??
      (discoverMTU ? LONG_CONCURRENCY : CONCURRENCY),
    packetSize,
    discoverMTU,
    trafficClass: options.trafficClass ?? 0,
  };
}

/** An address stands for itself; its zone may be one of another namespace. */
async function addressOf(
  name: string,
  family: Family | undefined,
): Promise<string> {
  checkHost(name, family);
  if (familyOf(withoutZone(name)) !== undefined) return name;
  return (await resolve(name, { family }))[0];
}

function methodFor(
  world: TraceWorld,
  flow: Flow,
  options: TracerouteOptions,
): ProbeMethod {
  switch (options.method ?? "icmp") {
    case "icmp":
      return new ICMPMethod(flow);
    case "udp":
      return new UDPMethod(
        flow,
        world.takePort(flow.family, options.namespace),
      );
    case "tcp":
      return new TCPMethod(flow);
    case "raw":
      return new RawMethod(options.protocol ?? DEFAULT_PROTOCOL);
  }
}

/** Octets of a probe; `undefined` if the link shall tell. */
function sizeOf(
  { fixedLength }: ProbeMethod,
  { family }: Flow,
  { packetSize, discoverMTU }: TracerouteOptions,
): number | undefined {
  if (discoverMTU) return undefined;
  const header = IP_HEADER[family];
  const size = packetSize ?? header + (fixedLength ?? DEFAULT_SEGMENT);
  return checkRange(
    `packetSize in IPv${family}`,
    size,
    header + LEAST_SEGMENT,
    MAX_PACKET,
  );
}
