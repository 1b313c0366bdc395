/**
 * What was seen on the wire: which packets, and whether they are ours.
 *
 * @module
 */

import type { Frame } from "../socket/ring/frame.ts";
import { dissect } from "../wire/packet/dissect.ts";
import { unlessMalformed } from "../wire/errors.ts";
import { OFFSET as ICMP_OFFSET } from "../wire/icmp/icmp_common.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4/ipv4.ts";
import { protocolOf } from "../wire/packet/registry.ts";
import type { GivenPacket } from "./forged_packet.ts";

/**
 * A frame, and the interface that it crossed.
 *
 * @category Sent versus wire
 */
export interface SeenFrame {
  /** The frame. */
  readonly frame: Frame;
  /** The interface. */
  readonly device: string;
}

/**
 * An IPv4 packet in a frame that was seen.
 *
 * @category Sent versus wire
 */
export interface SeenPacket extends SeenFrame {
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  /** Its header. */
  readonly header: IPv4Header;
  /** What it carries. */
  readonly payload: Uint8Array;
}

/** What a post saw of one direction, as far as it is IPv4. */
export function packetsSeen(
  { frames }: { readonly frames: readonly SeenFrame[] },
  direction: "in" | "out",
): SeenPacket[] {
  return frames.flatMap(({ frame, device }) => {
    // Loopback shows what is sent as it comes in.
    const isOut = frame.direction === "outgoing" || device === "lo";
    const isWanted = direction === "out" ? isOut : !isOut || device === "lo";
    if (!isWanted) return [];
    const packet = ipv4In(frame);
    return packet === undefined ? [] : [{ frame, device, ...packet }];
  });
}

/** An IPv4 packet in a frame. */
type PacketInside = Pick<SeenPacket, "bytes" | "header" | "payload">;

/** Read once: whoever waits for a packet looks at all frames for each new one. */
const read = new WeakMap<Frame, PacketInside | undefined>();

function ipv4In(frame: Frame): PacketInside | undefined {
  if (!read.has(frame)) read.set(frame, readIPv4(frame));
  return read.get(frame);
}

/** Whether a packet that was seen leaving is the one that was given. */
export function isSame(seen: SeenPacket, given: GivenPacket): boolean {
  const { header, payload } = given;
  return seen.header.destination === header.destination &&
    seen.header.protocol === header.protocol &&
    (!header.identification ||
      seen.header.identification === header.identification) &&
    seen.header.fragmentOffset === (header.fragmentOffset ?? 0) &&
    isPart(seen, given) &&
    (seen.header.moreFragments || seen.payload.length === payload.length);
}

/** Whether a packet that arrived is one that was seen leaving. */
export function hasArrived(seen: SeenPacket, left: SeenPacket): boolean {
  return seen.header.protocol === left.header.protocol &&
    seen.header.identification === left.header.identification &&
    seen.header.fragmentOffset === left.header.fragmentOffset &&
    isPart(seen, left);
}

/** A packet as it was before it was seen. */
type EarlierPacket = Pick<GivenPacket, "header" | "payload">;

/** Whether what was seen carries what a packet begins with. */
function isPart(seen: SeenPacket, earlier: EarlierPacket): boolean {
  const changed = translatedOctets(seen, earlier);
  return beginsWith(
    without(earlier.payload, changed),
    without(seen.payload, changed),
  );
}

type Octets = readonly [start: number, end: number];

const SOURCE_PORT: Octets = [0, 2];
const DESTINATION_PORT: Octets = [2, 4];

/**
 * What a NAT (RFC 3022) changes in a payload along with the addresses: a
 * checksum, which follows from all else, and where that is taken already a port,
 * or the identifier of a query. These tell packets apart as well, so that they
 * count unless the identification does that.
 */
function translatedOctets(
  { bytes, header }: SeenPacket,
  { header: { source = "0.0.0.0", destination, identification } }:
    EarlierPacket,
): Octets[] {
  const hasNewSource = source !== "0.0.0.0" && source !== header.source;
  const hasNewDestination = destination !== header.destination;
  if (!hasNewSource && !hasNewDestination) return [];
  const { layers: [, upper] } = dissect(bytes);
  if (upper === undefined || upper.protocol === "data") return [];
  const { checksum } = protocolOf(upper.protocol);
  const at = checksum?.at(upper.header);
  const changed: Octets[] = at === undefined
    ? []
    : [[at, at + (checksum?.isCRC32C ? 4 : 2)]];
  if (!identification) return changed;
  if ("sourcePort" in upper.header) {
    if (hasNewSource) changed.push(SOURCE_PORT);
    if (hasNewDestination) changed.push(DESTINATION_PORT);
  }
  if (upper.protocol === "icmpv4" && "identifier" in upper.header) {
    changed.push([ICMP_OFFSET.IDENTIFIER, ICMP_OFFSET.SEQUENCE]);
  }
  return changed;
}

function without(payload: Uint8Array, octets: readonly Octets[]): Uint8Array {
  if (octets.length === 0) return payload;
  const rest = payload.slice();
  for (const [start, end] of octets) rest.fill(0, start, end);
  return rest;
}

function beginsWith(whole: Uint8Array, part: Uint8Array): boolean {
  return part.length <= whole.length &&
    part.every((octet, i) => octet === whole[i]);
}

function readIPv4({ bytes, linkType }: Frame): PacketInside | undefined {
  const ip = dissect(bytes, { linkType }).layers.find((layer) =>
    layer.protocol === "ipv4"
  );
  if (ip === undefined) return undefined;
  return unlessMalformed(() => {
    const packet = bytes.subarray(ip.offset);
    const { header, payload } = decodeIPv4(packet);
    return { bytes: packet.subarray(0, header.totalLength), header, payload };
  });
}
