/**
 * Whole packets out of a capture's fragments, live or from a file.
 *
 * @module
 */

import type { FrameDirection } from "../socket/ring/frame.ts";
import type { Problem } from "../wire/errors.ts";
import { LINK_TYPE_RAW } from "../wire/link_types.ts";
import { dissect, type DissectedLayer } from "../wire/packet/dissect.ts";
import {
  type FragmentedPacket,
  Reassembler,
  type UnfinishedPacket,
} from "../wire/packet/reassembler.ts";

/** What cooked captures call a packet's direction. */
const FROM_US = 4;

/**
 * A frame in which there may be a fragment.
 *
 * @category Runs
 */
export interface FragmentFrame {
  /** What to call it, such as its number in the capture. */
  readonly number: number;
  /** The octets that were kept. */
  readonly bytes: Uint8Array;
  /** What `bytes` begins with, as capture files number it. */
  readonly linkType: number;
  /** When it was seen, in nanoseconds since 1970, if that is known. */
  readonly timestampNs?: bigint;
  /** Which interface it crossed. */
  readonly interfaceIndex: number;
  /** In which direction, if that is known. */
  readonly direction?: FrameDirection;
}

/**
 * A packet became whole.
 *
 * @category Runs
 */
export interface PacketReassembled {
  /** Tells it from the other events. */
  readonly type: "reassembled";
  /** The frames with its fragments, in the order of their offsets. */
  readonly numbers: readonly number[];
  /** When the last of them was seen. */
  readonly timestampNs: bigint | undefined;
  /** The packet, from its IP header on. */
  readonly bytes: Uint8Array;
  /** Its length. */
  readonly originalLength: number;
  /** What it begins with: {@linkcode LINK_TYPE_RAW}. */
  readonly linkType: number;
}

/**
 * A packet never became whole: it is waited for no more.
 *
 * @category Runs
 */
export interface PacketIncomplete extends FragmentedPacket {
  /** Tells it from the other events. */
  readonly type: "incomplete";
  /** The frames with the fragments that came, in the order of their offsets. */
  readonly numbers: readonly number[];
  /** Octets of its payload that came. */
  readonly octets: number;
  /** Octets of its whole payload; `null` if the last fragment never came. */
  readonly length: number | null;
  /** It took 30 s, had to make room for others, or the capture ended. */
  readonly cause: UnfinishedPacket["cause"] | "ended";
}

/**
 * A fragment can be part of no packet, or makes its packet an impossible one.
 *
 * @category Runs
 */
export interface FragmentDiscarded {
  /** Tells it from the other events. */
  readonly type: "discarded";
  /** The frame that it was in. */
  readonly number: number;
  /** What is wrong with it; its offset is from the IP header on. */
  readonly problem: Problem;
}

/**
 * What {@linkcode FrameReassembler} tells.
 *
 * @category Runs
 */
export type ReassemblyEvent =
  | PacketReassembled
  | PacketIncomplete
  | FragmentDiscarded;

/**
 * What became of all fragments.
 *
 * @category Runs
 */
export interface ReassemblySummary {
  /** Packets put together. */
  readonly reassembled: number;
  /** Packets that never became whole. */
  readonly incomplete: number;
  /** Fragments that were discarded. */
  readonly discarded: number;
}

/**
 * Puts the fragments of a capture's frames together, IPv4 and IPv6, also those
 * inside tunnels. Memory is limited as {@linkcode Reassembler} limits it, time
 * by the frames' own; frames without a time take none.
 *
 * What crosses two interfaces, or comes in and goes out again, is two packets.
 *
 * @category Runs
 *
 * @example
 * ```ts
 * import { buildPacket, fragmentIPv4, FrameReassembler, ipv4 } from "raw4";
 * import { LINK_TYPE_RAW } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2", protocol: 253 }),
 *   new Uint8Array(3000),
 * );
 * const frames = new FrameReassembler();
 * const told = fragmentIPv4(packet, 1500).flatMap((bytes, i) =>
 *   frames.add({
 *     number: i + 1,
 *     bytes,
 *     linkType: LINK_TYPE_RAW,
 *     interfaceIndex: 0,
 *   })
 * );
 * assertEquals(told.map(({ type }) => type), ["reassembled"]);
 * assertEquals(frames.summary.reassembled, 1);
 * ```
 */
export class FrameReassembler {
  readonly #reassembler = new Reassembler({}, (packet) => this.#giveUp(packet));
  readonly #counts = { reassembled: 0, incomplete: 0, discarded: 0 };
  #told: ReassemblyEvent[] = [];
  #nowMs: number | undefined;
  #hasEnded = false;

  /** What became of all fragments so far. */
  get summary(): ReassemblySummary {
    return { ...this.#counts };
  }

  /** Takes a frame in; tells what came of it, and of what took too long. */
  add(frame: FragmentFrame): ReassemblyEvent[] {
    const { number, timestampNs } = frame;
    if (timestampNs !== undefined) {
      const nowMs = Number(timestampNs / 1_000_000n);
      // A file may go back in time.
      this.#nowMs = Math.max(this.#nowMs ?? nowMs, nowMs);
    }
    let { bytes, linkType } = frame;
    let where = `${frame.interfaceIndex} ${frame.direction === "outgoing"}`;
    // What was put together may be a tunnel's, and have a fragment inside.
    for (;;) {
      const { layers } = dissect(bytes, { linkType });
      const found = layers.findIndex(isFragment);
      if (found < 0) break;
      where += layers.slice(0, found).map(placeOf).join("");
      const packet = octetsOf(bytes, layers[found]);
      const nowMs = this.#nowMs ?? 0;
      const result = this.#reassembler.add(packet, nowMs, { where, number });
      if (result.kind === "incomplete") break;
      if (result.kind === "dropped") {
        const { problem } = result;
        this.#tell({ type: "discarded", number, problem });
        break;
      }
      bytes = result.packet;
      linkType = LINK_TYPE_RAW;
      this.#tell({
        type: "reassembled",
        numbers: result.numbers,
        ...{ timestampNs, bytes, originalLength: bytes.length, linkType },
      });
    }
    return this.#take();
  }

  /** Ends the capture; tells what has not become whole. */
  end(): ReassemblyEvent[] {
    this.#hasEnded = true;
    this.#reassembler.expire(Infinity);
    return this.#take();
  }

  #giveUp(packet: UnfinishedPacket): void {
    const { length = null, cause } = packet;
    this.#tell({
      type: "incomplete",
      ...packet,
      length,
      cause: this.#hasEnded ? "ended" : cause,
    });
  }

  #tell(event: ReassemblyEvent): void {
    this.#counts[event.type]++;
    this.#told.push(event);
  }

  #take(): ReassemblyEvent[] {
    return this.#told.splice(0);
  }
}

function isFragment(layer: DissectedLayer): boolean {
  if (layer.protocol === "ipv4") return isPart(layer.header);
  return layer.protocol === "ipv6" &&
    layer.header.extensionHeaders.some((extension) =>
      extension.kind === "fragment" && isPart(extension)
    );
}

/** Whether there is more of its packet, before it or behind. */
function isPart(
  { fragmentOffset, moreFragments }: {
    readonly fragmentOffset: number;
    readonly moreFragments: boolean;
  },
): boolean {
  return moreFragments || fragmentOffset > 0;
}

/** Header and payload. */
function octetsOf(bytes: Uint8Array, layer: DissectedLayer): Uint8Array {
  const { offset, length } = layer;
  const payload = layer.protocol === "data" ? 0 : layer.payloadLength;
  return bytes.subarray(offset, offset + length + payload);
}

/** What a layer outside tells of where a packet was. */
function placeOf(layer: DissectedLayer): string {
  switch (layer.protocol) {
    case "ethernet":
      return layer.header.vlanTags.map(({ vid }) => ` vlan ${vid}`).join("");
    case "sll":
      return ` ${layer.header.packetType === FROM_US}`;
    case "sll2": {
      const { interfaceIndex, packetType } = layer.header;
      return ` ${interfaceIndex} ${packetType === FROM_US}`;
    }
    case "ipv4":
    case "ipv6":
      return ` ${layer.header.source}>${layer.header.destination}`;
    default:
      return "";
  }
}
