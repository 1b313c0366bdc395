/**
 * The page's hands: sockets in the hosts of a lab, or at a device. It tells what
 * crosses as lines of JSON, and does what lines of JSON ask. It ends when its
 * input ends, also where whoever wrote there was killed, and its lab with it.
 *
 * @module
 */

import { Lab } from "../lab/lab.ts";
import { type LabMap, labMap } from "../lab/topology/lab_map.ts";
import type { Topology } from "../lab/topology/topology.ts";
import { sniff, type SniffOptions } from "../tools/sniffer.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import type {
  AgentMessage,
  CapturePoint,
  PacketsSeen,
  SeenPacket,
} from "./messages.ts";
import { answerAll } from "./send.ts";

/** Packets in a line at most, so that none becomes too long to be read. */
const MOST_PACKETS = 500;

/** What to watch. */
export type AgentSource =
  | {
    readonly topology: Topology;
    /** What the command line says of it: `chain 3 --silent 2`. */
    readonly call: string;
  }
  | {
    readonly device: string;
    /** Where the page's server listens: what it tells would be told again. */
    readonly pagePort: number;
  };

/** How the agent talks. */
export interface AgentLines {
  /** What is asked of it; its end is the agent's. */
  readonly input: AsyncIterable<string>;
  /** Writes a line, without its end. */
  tell(line: string): Promise<void>;
}

/**
 * Runs until the input ends or the signal is aborted.
 *
 * @throws {LabError} if the lab cannot be built
 * @throws as {@linkcode sniff} does
 */
export async function runAgent(
  source: AgentSource,
  { input, tell }: AgentLines,
  signal: AbortSignal,
): Promise<void> {
  await using lab = "topology" in source
    ? await Lab.up(source.topology)
    : undefined;
  // One after the other: a long line is written in pieces.
  let last = Promise.resolve();
  const say = (message: AgentMessage) =>
    last = last.then(() => tell(JSON.stringify(message)));
  const end = new AbortController();
  const over = AbortSignal.any([signal, end.signal]);
  const map = lab && labMap(lab);
  if (map !== undefined && "call" in source) {
    await say({ type: "lab", map, call: source.call });
  }
  const points = map !== undefined
    ? pointsOf(map)
    : "device" in source
    ? [{ name: source.device }]
    : [];
  const where = map !== undefined
    ? { places: points.map((point) => placeOf(map, point)) }
    : "device" in source
    ? { device: source.device, filter: { not: [ownTraffic(source.pagePort)] } }
    : {};
  const watching = watch(where, points, say, over);
  const asked = answerAll(input, { lab, signal: over }, say);
  try {
    await Promise.race([asked, watching]);
  } finally {
    end.abort();
  }
  await watching;
}

function ownTraffic(port: number) {
  return { protocol: IP_PROTOCOL.TCP, host: "127.0.0.1", port };
}

type NamedPoint = Omit<CapturePoint, "linkType">;

/** One point a cable; two where it may lose packets, one at each end. */
function pointsOf({ cables }: LabMap): NamedPoint[] {
  return cables.flatMap(({ ends, impairment }, cable) =>
    ([0, 1] as const)
      .filter((end) => end === 0 || impairment !== undefined)
      .map((end) => ({
        name: `${ends[end].host}/${ends[end].device}`,
        ...{ cable, end },
      }))
  );
}

function placeOf({ hosts }: LabMap, { name }: NamedPoint) {
  const [host, device] = name.split("/");
  const { namespace } = hosts.find(({ name }) => name === host)!;
  return { device, namespace, name: host };
}

/** Tells what is seen, the frames that were fetched together in a line. */
async function watch(
  where: Pick<SniffOptions, "device" | "places" | "filter">,
  points: readonly NamedPoint[],
  say: (message: AgentMessage) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const indexes = new Map(points.map(({ name }, i) => [name, i]));
  let packets: SeenPacket[] = [];
  for await (const event of sniff({ ...where, signal })) {
    if (event.type === "opened") {
      const { linkType } = event;
      const open = points.map((point) => ({ ...point, linkType }));
      await say({ type: "points", points: open });
    }
    if (event.type === "dropped") {
      await say({ type: "dropped", count: event.dropped });
    }
    if (event.type !== "packet") continue;
    const { frame, device, more } = event;
    packets.push([
      indexes.get(device) ?? 0,
      `${frame.timestampNs}`,
      frame.direction,
      frame.originalLength,
      frame.bytes.toBase64(),
    ]);
    if (more && packets.length < MOST_PACKETS) continue;
    await say(packetsSeen(packets));
    packets = [];
  }
}

function packetsSeen(packets: readonly SeenPacket[]): PacketsSeen {
  return { type: "packets", count: packets.length, packets };
}
