/**
 * What packet sockets receive: frames, put together again from what the kernel
 * has taken apart.
 *
 * @module
 */

import { linkAddressText, MAC_LENGTH } from "../../wire/link/mac.ts";
import {
  ARPHRD_LOOPBACK,
  CMSGHDR,
  PACKET_AUXDATA,
  PACKET_OUTGOING,
  SO_TIMESTAMPNS,
  SOCKADDR_LL,
  SOL_PACKET,
  SOL_SOCKET,
  TP_STATUS_VLAN_TPID_VALID,
  TP_STATUS_VLAN_VALID,
  TPACKET_AUXDATA,
} from "../../ffi/linux/numbers.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
  SLL2,
} from "../../wire/link_types.ts";
import { type Frame, FRAME_DIRECTIONS } from "./frame.ts";
import { MessageRing } from "./message_ring.ts";

/** Octets of a VLAN tag, and where Ethernet has it. */
const TAG_LENGTH = 4;
const TAG_OFFSET = 12;
/** Senders remembered; forged ones may be without end. */
const MAX_SOURCES = 1024;
/** The tag's EtherType where the kernel does not tell it. */
const CUSTOMER_VLAN = 0x8100;

/**
 * Whether a frame is to be handed out.
 *
 * @param packetType whom it is for, as the kernel's PACKET_HOST and so on
 */
export type FrameChoice = (
  bytes: Uint8Array,
  originalLength: number,
  interfaceIndex: number,
  packetType: number,
) => boolean;

/** Receives the frames of a packet socket. */
export class PacketRing extends MessageRing<Frame> {
  readonly #linkType: number;
  readonly #view: DataView;
  /** By the six octets of an Ethernet address, as a number. */
  readonly #sources = new Map<number, string>();

  readonly #passes: FrameChoice;

  /**
   * @param linkType of the frames handed out
   * @param snapLength octets kept of each frame
   * @param passes chooses those that are handed out
   */
  constructor(
    fd: number,
    linkType: number,
    snapLength: number,
    passes: FrameChoice,
  ) {
    super(fd, snapLength, false);
    this.#linkType = linkType;
    this.#passes = passes;
    this.#view = new DataView(this.arena.bytes.buffer);
  }

  protected override read(slot: number): Frame | undefined {
    const view = this.#view;
    const name = this.arena.name(slot);
    const type = this.arena.bytes[name + SOCKADDR_LL.PKTTYPE];
    const hardware = view.getUint16(name + SOCKADDR_LL.HATYPE, true);
    // What is sent by loopback comes in by it, too: once is enough.
    if (type === PACKET_OUTGOING && hardware === ARPHRD_LOOPBACK) {
      return undefined;
    }
    const start = this.arena.packet(slot);
    const kept = this.arena.bytes.subarray(
      start,
      start + this.arena.packetLength(slot),
    );
    let timestampNs = 0n;
    let originalLength = kept.length;
    let tag: { tpid: number; tci: number } | undefined;
    const end = this.arena.controlEnd(slot);
    let message = this.arena.controlStart(slot);
    for (; message <= end; message = this.arena.nextControl(message)) {
      const level = this.arena.words[message + (CMSGHDR.LEVEL >> 2)];
      const kind = this.arena.words[message + (CMSGHDR.TYPE >> 2)];
      const data = 4 * message + CMSGHDR.DATA;
      if (level === SOL_SOCKET && kind === SO_TIMESTAMPNS) {
        timestampNs = view.getBigInt64(data, true) * 1_000_000_000n +
          view.getBigInt64(data + 8, true);
      } else if (level === SOL_PACKET && kind === PACKET_AUXDATA) {
        // A filter may have cut the frame, which only this tells.
        originalLength = view.getUint32(data + TPACKET_AUXDATA.LENGTH, true);
        tag = this.#tag(data);
      }
    }
    const protocol = view.getUint16(name + SOCKADDR_LL.PROTOCOL);
    const bytes = this.#linkType === LINK_TYPE_LINUX_SLL2
      ? this.#cooked(name, kept, tag)
      : tag !== undefined && this.#linkType === LINK_TYPE_ETHERNET
      ? tagged(kept, tag)
      : kept.slice();
    originalLength += bytes.length - kept.length;
    const interfaceIndex = view.getInt32(name + SOCKADDR_LL.IFINDEX, true);
    if (!this.#passes(bytes, originalLength, interfaceIndex, type)) {
      return undefined;
    }
    return {
      bytes,
      originalLength,
      truncated: originalLength > bytes.length,
      linkType: this.#linkType,
      timestampNs,
      interfaceIndex,
      direction: FRAME_DIRECTIONS[type] ?? "host",
      protocol,
      source: this.#source(name),
    };
  }

  /** The VLAN tag that the kernel has taken out of the frame. */
  #tag(auxdata: number): { tpid: number; tci: number } | undefined {
    const view = this.#view;
    const status = view.getUint32(auxdata + TPACKET_AUXDATA.STATUS, true);
    if ((status & TP_STATUS_VLAN_VALID) === 0) return undefined;
    return {
      tpid: (status & TP_STATUS_VLAN_TPID_VALID) === 0
        ? CUSTOMER_VLAN
        : view.getUint16(auxdata + TPACKET_AUXDATA.VLAN_TPID, true),
      tci: view.getUint16(auxdata + TPACKET_AUXDATA.VLAN_TCI, true),
    };
  }

  #cooked(
    name: number,
    kept: Uint8Array,
    tag: { tpid: number; tci: number } | undefined,
  ): Uint8Array<ArrayBuffer> {
    const header = SLL2.SIZE + (tag === undefined ? 0 : TAG_LENGTH);
    const frame = new Uint8Array(header + kept.length);
    const view = new DataView(frame.buffer);
    const from = this.#view;
    const protocol = from.getUint16(name + SOCKADDR_LL.PROTOCOL);
    view.setUint16(SLL2.PROTOCOL, tag?.tpid ?? protocol);
    view.setUint32(
      SLL2.INTERFACE_INDEX,
      from.getUint32(name + SOCKADDR_LL.IFINDEX, true),
    );
    view.setUint16(
      SLL2.HARDWARE_TYPE,
      from.getUint16(name + SOCKADDR_LL.HATYPE, true),
    );
    frame[SLL2.PACKET_TYPE] = this.arena.bytes[name + SOCKADDR_LL.PKTTYPE];
    frame[SLL2.ADDRESS_LENGTH] =
      this.arena.bytes[name + SOCKADDR_LL.ADDRESS_LENGTH];
    frame.set(this.#address(name), SLL2.ADDRESS);
    if (tag !== undefined) {
      view.setUint16(SLL2.SIZE, tag.tci);
      view.setUint16(SLL2.SIZE + 2, protocol);
    }
    frame.set(kept, header);
    return frame;
  }

  /** As text; most frames are from somebody who sent others before. */
  #source(name: number): string {
    const length = this.arena.bytes[name + SOCKADDR_LL.ADDRESS_LENGTH];
    if (length !== MAC_LENGTH) return this.#sourceText(name);
    const view = this.#view;
    const key = 0x1_0000 * view.getUint32(name + SOCKADDR_LL.ADDRESS) +
      view.getUint16(name + SOCKADDR_LL.ADDRESS + 4);
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = this.#sourceText(name);
      if (this.#sources.size === MAX_SOURCES) this.#sources.clear();
      this.#sources.set(key, source);
    }
    return source;
  }

  #sourceText(name: number): string {
    return linkAddressText(this.#address(name));
  }

  /** The kernel tells no more than eight octets, whatever the length says. */
  #address(name: number): Uint8Array {
    const length = Math.min(
      this.arena.bytes[name + SOCKADDR_LL.ADDRESS_LENGTH],
      SOCKADDR_LL.ADDRESS_SIZE,
    );
    const start = name + SOCKADDR_LL.ADDRESS;
    return this.arena.bytes.subarray(start, start + length);
  }
}

/** The frame with its VLAN tag where it was on the wire. */
function tagged(
  frame: Uint8Array,
  { tpid, tci }: { tpid: number; tci: number },
): Uint8Array<ArrayBuffer> {
  if (frame.length < TAG_OFFSET) return Uint8Array.from(frame);
  const whole = new Uint8Array(frame.length + TAG_LENGTH);
  whole.set(frame.subarray(0, TAG_OFFSET));
  new DataView(whole.buffer).setUint16(TAG_OFFSET, tpid);
  new DataView(whole.buffer).setUint16(TAG_OFFSET + 2, tci);
  whole.set(frame.subarray(TAG_OFFSET), TAG_OFFSET + TAG_LENGTH);
  return whole;
}
