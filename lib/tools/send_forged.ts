/**
 * Packets under a header of one's own, put on the wire.
 *
 * @module
 */

import { RawSocket } from "../socket/raw_socket.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import { readForged } from "./forged_packet.ts";
import { forbiddenRange, type PublicGuardOptions } from "./public_guard.ts";

/** Where from, whether public addresses are meant, and broadcasts. */
export interface SendForgedOptions extends PublicGuardOptions {
  /** Allow broadcast addresses as destinations; default false. */
  readonly broadcast?: boolean;
}

/**
 * Sends IPv4 packets as they are, each to its own destination, whatever its
 * source says; none of them if one may not be sent. The kernel writes the total
 * length and the checksum all the same, and the identification and the source
 * where they are 0 (raw(7)).
 *
 * On Linux any protocol number can be in the header; macOS and Windows differ:
 *
 * | protocol of the socket, with IP_HDRINCL | Linux | macOS | Windows |
 * | --- | --- | --- | --- |
 * | 0 | `socket` fails: EPROTONOSUPPORT | `sendto` fails: EINVAL | no error |
 * | 255 (IPPROTO_RAW) | works; receives 255 alone, which is nobody's | `sendto` fails: EINVAL | no error |
 * | 1 (ICMP), or another | works; receives that protocol | works | not reported |
 *
 * raw4 opens 255, for which Linux implies IP_HDRINCL. (The columns of the other
 * systems are as others have reported them; raw4 works on Linux only so far.)
 *
 * @returns the destinations
 * @throws {RangeError} if one is no IPv4 packet, or its destination is public
 * @throws {SocketError} if the system refuses one
 *
 * @example
 * ```ts
 * import { buildPacket, ipv4, sendForged } from "raw4";
 *
 * sendForged([buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "127.0.0.1", protocol: 253 }),
 *   "Hello World!",
 * )]);
 * ```
 */
export function sendForged(
  packets: readonly Uint8Array[],
  options: SendForgedOptions = {},
): string[] {
  const destinations = checkForged(packets, options);
  using socket = openForged(options);
  for (const [i, packet] of packets.entries()) {
    socket.send(packet, destinations[i]);
  }
  return destinations;
}

/**
 * Checks packets before a socket is opened.
 *
 * @returns their destinations
 * @throws {RangeError} as {@linkcode sendForged} does
 */
export function checkForged(
  packets: readonly Uint8Array[],
  options: PublicGuardOptions,
): string[] {
  const destinations = packets.map((packet) =>
    readForged(packet).header.destination
  );
  const forbidden = forbiddenRange(
    destinations.map((address) => [address, address]),
    options,
  );
  if (forbidden === undefined) return destinations;
  throw new RangeError(
    `${forbidden[0]} is public, and forged packets go to loopback, private, ` +
      "link-local and documentation addresses: allowPublic, if that host is " +
      "yours",
  );
}

/** A socket that sends packets with their own header, and receives none. */
export function openForged(
  { namespace, broadcast }: SendForgedOptions,
): RawSocket {
  return RawSocket.open({
    protocol: IP_PROTOCOL.RAW,
    headerIncluded: true,
    namespace,
    broadcast,
  });
}
