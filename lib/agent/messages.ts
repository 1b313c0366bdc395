/**
 * What the agent and the page tell each other: one JSON object a line. The page
 * server hands the lines on as they are; `lib/page/README.md` describes them.
 *
 * @module
 */

import type { LabMap } from "../lab/topology/lab_map.ts";
import type { FrameDirection } from "../socket/ring/frame.ts";
import type { SpoofEvent } from "../tools/spoof/spoof.ts";

/** The lab is up: who is in it, and how they are wired. */
export interface LabUp {
  readonly type: "lab";
  readonly map: LabMap;
  /** What the command line said of it: `chain 3 --silent 2`. */
  readonly call: string;
}

/** A place where packets are captured. */
export interface CapturePoint {
  /** `host/device` in a lab, or the device alone. */
  readonly name: string;
  /** What its packets begin with, as capture files number it. */
  readonly linkType: number;
  /** Which of the map's cables it is at, and at which end. */
  readonly cable?: number;
  readonly end?: 0 | 1;
}

/** All sockets are open: what crosses from now on is seen. */
export interface PointsOpened {
  readonly type: "points";
  readonly points: readonly CapturePoint[];
}

/** A packet: numbers and texts by place, for there are thousands a second. */
export type SeenPacket = readonly [
  /** The index of its capture point. */
  point: number,
  /** Nanoseconds since 1970; as text, since JSON's numbers are too short. */
  timestampNs: string,
  direction: FrameDirection,
  /** Octets on the wire. */
  originalLength: number,
  /** The octets that were kept, in base 64. */
  bytes: string,
];

/** Packets crossed, in the order of their times. */
export interface PacketsSeen {
  readonly type: "packets";
  /** How many these are. */
  readonly count: number;
  readonly packets: readonly SeenPacket[];
}

/** The kernel had no room for packets: how many in all so far. */
export interface PacketsDropped {
  readonly type: "dropped";
  readonly count: number;
}

/** What became of a request. */
export interface Answer {
  readonly type: "answer";
  readonly id: number;
  /** What was found out about the packet, if it was sent. */
  readonly events?: readonly SpoofEvent[];
  /** Why it was not done. */
  readonly error?: string;
  readonly remedy?: string;
}

/** What the agent tells. */
export type AgentMessage =
  | LabUp
  | PointsOpened
  | PacketsSeen
  | PacketsDropped
  | Answer;

/** What the page's server tells beside that. */
export type ServerMessage =
  /** The agent has ended: nothing more will come. */
  | { readonly type: "ended" }
  /** Packets are in a capture file, to be fetched from `/file`. */
  | { readonly type: "file"; readonly name: string }
  /** Packets that crossed before, and are kept no longer. */
  | { readonly type: "forgotten"; readonly count: number };

/** Asks to send a packet from a host. */
export interface SendRequest {
  readonly type: "send";
  /** Told again in the answer. */
  readonly id: number;
  /** A host of the lab; absent where there is none. */
  readonly host?: string;
  /** An IPv4 or IPv6 packet, header included, in hexadecimal. */
  readonly packet: string;
  /** Whether it is a whole frame, to be put on the host's `eth0`. */
  readonly isFrame?: boolean;
}
