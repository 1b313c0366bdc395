/**
 * Packets under a header of one's own, put on the wire.
 *
 * @module
 */

import { RawSocket } from "../socket/raw_socket.ts";
import { PacketError } from "../wire/errors.ts";
import { decodeIPv4 } from "../wire/ipv4.ts";
import { forbiddenRange, type PublicGuardOptions } from "./public_guard.ts";

/** No protocol's packets are received on it (raw(7)). */
const IPPROTO_RAW = 255;

/**
 * Sends IPv4 packets as they are, each to its own destination, whatever its
 * source says; none of them if one may not be sent. The kernel writes the total
 * length and the checksum all the same, and the identification and the source
 * where they are 0 (raw(7)).
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
  options: PublicGuardOptions = {},
): string[] {
  const destinations = packets.map(destinationOf);
  const forbidden = forbiddenRange(
    destinations.map((address) => [address, address]),
    options,
  );
  if (forbidden !== undefined) {
    throw new RangeError(
      `${
        forbidden[0]
      } is public, and forged packets go to loopback, private, ` +
        "link-local and documentation addresses: allow public ones if that " +
        "host is yours",
    );
  }
  using socket = RawSocket.open({
    protocol: IPPROTO_RAW,
    headerIncluded: true,
    namespace: options.namespace,
  });
  for (const [i, packet] of packets.entries()) {
    socket.send(packet, destinations[i]);
  }
  return destinations;
}

function destinationOf(packet: Uint8Array): string {
  try {
    return decodeIPv4(packet).header.destination;
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    throw new RangeError(
      `no IPv4 packet, which alone is sent: ${error.message}`,
    );
  }
}
