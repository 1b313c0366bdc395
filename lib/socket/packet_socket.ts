/**
 * Packet sockets: everything that crosses an interface, and a way to put frames
 * on it.
 *
 * @module
 */

import { EINTR } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { ETHER_TYPE } from "../wire/ether_types.ts";
import { Raw4Error } from "../wire/errors.ts";
import { typeOffset } from "../wire/link/ethernet.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
} from "../wire/link_types.ts";
import { get16 } from "../wire/octets.ts";
import { packetOf, type PacketPart } from "../wire/packet/build.ts";
import { namesChecker, type ValueType } from "../wire/shape.ts";
import { socketError } from "./errors.ts";
import {
  type OpenedSocket,
  PACKET_RECEIVER_FIELDS,
  PacketReceiver,
  type PacketReceiverOptions,
} from "./packet_receiver.ts";
import { PublicGuard } from "./public_guard.ts";

/**
 * What a packet socket shall be.
 *
 * @category Sockets
 */
export interface PacketSocketOptions extends PacketReceiverOptions {
  /** As of {@linkcode SocketOptions}. */
  readonly allowPublic?: boolean;
}

const FIELDS = {
  ...PACKET_RECEIVER_FIELDS,
  allowPublic: "flag",
} as const satisfies Record<keyof PacketSocketOptions, ValueType>;

const checkNames = namesChecker("PacketSocket.open", { fields: FIELDS });

/**
 * A packet socket (packet(7)): what crosses an interface, in both directions,
 * and a way to put whole frames on it. Needs root or CAP_NET_RAW, and
 * `--allow-ffi`.
 *
 * What is sent over loopback is seen once, as it comes in. VLAN tags, which the
 * kernel keeps apart, are where they were on the wire.
 *
 * @category Sockets
 *
 * @example
 * ```ts
 * import { dissect, PacketSocket, RawSocket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using sniffer = PacketSocket.open({
 *   device: "lo",
 *   filter: { protocol: 253, host: "127.0.0.9" },
 * });
 * using sender = RawSocket.open({ protocol: 253 });
 * sender.send(new TextEncoder().encode("Hello World!"), "127.0.0.9");
 *
 * const { bytes, linkType } = await sniffer.receive({ timeoutMs: 1000 });
 * const { layers } = dissect(bytes, { linkType });
 * assertEquals(
 *   layers.map((layer) => layer.protocol),
 *   ["ethernet", "ipv4", "data"],
 * );
 * ```
 */
export class PacketSocket extends PacketReceiver {
  readonly #guard: PublicGuard;

  private constructor(opened: OpenedSocket, options: PacketSocketOptions) {
    super(opened);
    this.#guard = new PublicGuard({ ...options, headerIncluded: true });
  }

  /**
   * Opens a socket.
   *
   * @throws as {@linkcode PacketReceiver.open} does
   */
  static override open(options: PacketSocketOptions = {}): PacketSocket {
    checkNames(options);
    return this.opened(options, (opened) => new PacketSocket(opened, options));
  }

  /**
   * Puts a frame on the device, link header included, as it is. Returns when
   * the kernel has taken it.
   *
   * @param packet the frame: octets, or what {@linkcode buildPacket} takes, one
   * part or a list of them
   * @throws {Raw4Error} if the socket has no device, or is cooked
   * @throws {RangeError} as {@linkcode SendingSocket.send} does
   * @throws {RangeError | TypeError} as `buildPacket` does
   * @throws {SocketError} if the system refuses
   */
  send(packet: PacketPart | readonly PacketPart[]): void {
    const { fd } = this;
    const frame = packetOf(packet);
    if (this.linkType === LINK_TYPE_LINUX_SLL2) {
      throw new Raw4Error(
        "cannot send a frame: the socket is cooked; open it with a device",
      );
    }
    if (!this.#guard.isOpen && this.#leadsOut(frame)) this.#guard.pass(1);
    for (;;) {
      const sent = libc().sendto(
        fd,
        frame as Uint8Array<ArrayBuffer>,
        frame.length,
        0,
        null,
        0,
      );
      if (sent >= 0) return;
      if (sent === -EINTR) continue;
      const action = `send a frame of ${frame.length} octets`;
      throw socketError({ syscall: "sendto", errno: -sent, action });
    }
  }

  /** Whether a frame has a packet in it that gets to a public address. */
  #leadsOut(frame: Uint8Array): boolean {
    if (this.linkType !== LINK_TYPE_ETHERNET) {
      return this.#guard.reaches(frame, frame[0] >>> 4 === 6 ? 6 : 4);
    }
    const at = typeOffset(frame);
    const etherType = get16(frame, at);
    const isIP = etherType === ETHER_TYPE.IPV4 || etherType === ETHER_TYPE.IPV6;
    const family = etherType === ETHER_TYPE.IPV6 ? 6 : 4;
    return isIP && this.#guard.reaches(frame.subarray(at + 2), family);
  }
}
