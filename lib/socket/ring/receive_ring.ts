/**
 * What IP sockets receive: packets, and what the kernel says of them.
 *
 * @module
 */

import {
  CMSGHDR,
  IP_PKTINFO,
  IP_RECVERR,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  MSG_TRUNC,
  SO_TIMESTAMPNS,
  SOCK_EXTENDED_ERR,
  SOCKADDR_IN,
  SOL_SOCKET,
} from "../../ffi/linux/numbers.ts";
import { type Family, formatIPv6 } from "../../wire/address.ts";
import { Datagram, type DatagramError } from "../datagram.ts";
import type { TakeInPlace } from "../receiving_socket.ts";
import { MessageRing } from "./message_ring.ts";
import { SlotView } from "./packet_in_place.ts";
import { fromSockaddr, zoneNames } from "../kernel/sockaddr.ts";

/** In `in_pktinfo` the header's destination address comes last. */
const IN_PKTINFO_ADDRESS = 8;
/** In `in6_pktinfo` the interface follows the address of 16 octets. */
const IN6_PKTINFO_INTERFACE = 16;

/** Receives the packets of an IP socket. */
export class ReceiveRing extends MessageRing<Datagram> {
  readonly #family: Family;
  readonly #zoneName: (index: number) => string;
  readonly #view: SlotView;

  /**
   * @param snapLength octets kept of each packet
   * @param hasErrors whether errors about sent packets are queued, too
   */
  constructor(
    fd: number,
    family: Family,
    snapLength: number,
    hasErrors: boolean,
  ) {
    super(fd, snapLength, hasErrors);
    this.#family = family;
    this.#zoneName = zoneNames(fd);
    this.#view = new SlotView(this.arena, family);
  }

  protected override read(
    slot: number,
    take?: TakeInPlace,
  ): Datagram | undefined {
    if (take?.(this.#view.at(slot))) return undefined;
    const { arena } = this;
    const { words } = arena;
    const start = arena.packet(slot);
    let seconds = 0;
    let nanoseconds = 0;
    let interfaceIndex = 0;
    let destination: number | string | undefined;
    let hopLimit: number | undefined;
    let error: DatagramError | undefined;
    const end = arena.controlEnd(slot);
    let message = arena.controlStart(slot);
    for (; message <= end; message = arena.nextControl(message)) {
      const level = words[message + (CMSGHDR.LEVEL >> 2)];
      const type = words[message + (CMSGHDR.TYPE >> 2)];
      const data = message + (CMSGHDR.DATA >> 2);
      if (level === SOL_SOCKET) {
        if (type === SO_TIMESTAMPNS) {
          seconds = words[data + 1] * 2 ** 32 + (words[data] >>> 0);
          nanoseconds = words[data + 2];
        }
      } else if (level === IPPROTO_IP) {
        if (type === IP_PKTINFO) {
          interfaceIndex = words[data];
          destination = this.#ipv4At(4 * data + IN_PKTINFO_ADDRESS);
        } else if (type === IP_TTL) {
          hopLimit = words[data];
        } else if (type === IP_RECVERR) {
          error = this.#error(4 * data);
        }
      } else if (level === IPPROTO_IPV6) {
        if (type === IPV6_PKTINFO) {
          interfaceIndex = words[data + (IN6_PKTINFO_INTERFACE >> 2)];
          destination = formatIPv6(arena.bytes, 4 * data);
        } else if (type === IPV6_HOPLIMIT) {
          hopLimit = words[data];
        } else if (type === IPV6_RECVERR) {
          error = this.#error(4 * data);
        }
      }
    }
    const packet = arena.bytes.slice(start, start + arena.packetLength(slot));
    return new Datagram(packet, {
      source: this.#source(arena.name(slot)),
      destination,
      seconds,
      nanoseconds,
      truncated: (arena.flags(slot) & MSG_TRUNC) !== 0,
      interfaceIndex,
      hopLimit,
      error,
    });
  }

  #source(name: number): number | string {
    return this.#family === 6
      ? fromSockaddr(this.arena.bytes, name, 6, this.#zoneName)
      : this.#ipv4At(name + SOCKADDR_IN.ADDRESS);
  }

  #ipv4At(at: number): number {
    const octets = this.arena.bytes;
    return (octets[at] << 24 | octets[at + 1] << 16 | octets[at + 2] << 8 |
      octets[at + 3]) >>> 0;
  }

  #error(at: number): DatagramError {
    const { bytes, words } = this.arena;
    return {
      from: fromSockaddr(
        bytes,
        at + SOCK_EXTENDED_ERR.SIZE,
        this.#family,
        this.#zoneName,
      ),
      type: bytes[at + SOCK_EXTENDED_ERR.TYPE],
      code: bytes[at + SOCK_EXTENDED_ERR.CODE],
      info: words[(at + SOCK_EXTENDED_ERR.INFO) >> 2] >>> 0,
    };
  }
}
