/**
 * What was seen on the wire: which packets, and whether they are ours.
 *
 * @module
 */

import type { Frame } from "../socket/ring/frame.ts";
import { dissect } from "../wire/packet/dissect.ts";
import { unlessMalformed } from "../wire/errors.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4/ipv4.ts";
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
    beginsWith(payload, seen.payload) &&
    (seen.header.moreFragments || seen.payload.length === payload.length);
}

/** Whether a packet that arrived is one that was seen leaving. */
export function hasArrived(seen: SeenPacket, left: SeenPacket): boolean {
  return seen.header.protocol === left.header.protocol &&
    seen.header.identification === left.header.identification &&
    seen.header.fragmentOffset === left.header.fragmentOffset &&
    beginsWith(left.payload, seen.payload);
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
