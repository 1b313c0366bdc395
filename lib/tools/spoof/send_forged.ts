/**
 * Packets under a header of one's own, put on the wire.
 *
 * @module
 */

import { supports } from "../../ffi/supports.ts";
import { checkDestination } from "../../socket/destination.ts";
import { routeTo } from "../../socket/kernel/route.ts";
import { nextHopTo } from "../../socket/kernel/rtnetlink.ts";
import {
  checkFlood,
  forbiddenRange,
  isOurs,
  type PublicGuardOptions,
} from "../../socket/public_guard.ts";
import { requireSupport } from "../../socket/system/support.ts";
import { RawSocket } from "../../socket/raw_socket.ts";
import { addressScope } from "../../wire/address_scope.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { sourceRoute } from "../../wire/packet/source_route.ts";
import { type GivenPacket, readForged } from "../../compare/forged_packet.ts";

/**
 * Where from, whether public addresses are meant, and broadcasts.
 *
 * @category Forged packets
 */
export interface SendForgedOptions extends PublicGuardOptions {
  /** Allow broadcast addresses as destinations; default false. */
  readonly broadcast?: boolean;
}

/** Their names, by which a misspelt one is refused. */
export const FORGED_FIELDS = {
  ...{ allowPublic: "flag", namespace: "text", broadcast: "flag" },
} as const satisfies Record<keyof SendForgedOptions, ValueType>;

const checkNames = namesChecker("sendForged", { fields: FORGED_FIELDS });

/**
 * Sends IPv4 packets as they are, each to its own destination, whatever its
 * source says; none of them if one may not be sent. The kernel writes the total
 * length and the checksum all the same, and the identification and the source
 * where they are 0 (raw(7)).
 *
 * The socket's own protocol is 255 (IPPROTO_RAW), and the one in the header may
 * be any. What systems make of a socket's protocol, with IP_HDRINCL:
 *
 * | | Linux | macOS | Windows |
 * | --- | --- | --- | --- |
 * | 0 | `socket` fails: EPROTONOSUPPORT | works | `socket` fails |
 * | 255 | works; receives 255 alone, which is nobody's | works | works |
 * | 1 (ICMP), or another | works; receives that protocol | works | works |
 *
 * The EINVAL that macOS is known for here has nothing to do with 0 or 255: it
 * wants the total length and the fragment offset in the order of the machine,
 * and takes a length in the wire's for one that is more than the packet
 * (rip_output in raw_ip.c of its published sources). raw4 turns both. A length
 * that is given wrong Linux mends, and macOS refuses. Windows sends no TCP so,
 * and no UDP but from an address of its own.
 *
 * @category Forged packets
 * @returns the destinations
 * @throws {RangeError} if one is no IPv4 packet, or its destination is public,
 * or its replies would flood a public source
 * @throws {TypeError} if there is no such option
 * @throws {UnsupportedError} if the system sends no such packets
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
  checkNames(options);
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
 * @param perSecond how often each is sent within a second, at most
 * @returns their destinations
 * @throws {RangeError} as {@linkcode sendForged} does
 */
export function checkForged(
  packets: readonly Uint8Array[],
  options: SendForgedOptions,
  perSecond = 1,
): string[] {
  const headers = packets.map((packet) => readForged(packet).header);
  const destinations = headers.map(({ destination }) => destination);
  for (const header of headers) requireForged(header, options);
  const outside = [...destinations, ...packets.flatMap(sourceRoute)]
    .find((address) => isForbidden(address, options));
  if (outside !== undefined) {
    throw new RangeError(
      `${outside} is public, and forged packets go to loopback, private, ` +
        "link-local and documentation addresses: allowPublic, if that host is " +
        "yours",
    );
  }
  checkReplies(headers, options, perSecond);
  // The kernel refuses the first before anything is sent, but not the others.
  for (const destination of new Set(destinations.slice(1))) {
    checkDestination(destination, 4, options);
  }
  return destinations;
}

/** Asserts that the system sends such packets at all. */
function requireForged(
  { protocol, source }: GivenPacket["header"],
  { namespace }: PublicGuardOptions,
): void {
  if (protocol === IP_PROTOCOL.TCP) requireSupport("tcpRaw");
  if (protocol !== IP_PROTOCOL.UDP || supports.foreignUDP) return;
  if (!isOurs(source ?? "0.0.0.0", namespace)) requireSupport("foreignUDP");
}

/**
 * Asserts that those who reply do not flood somebody: the replies go to the
 * source, which may be anybody.
 */
function checkReplies(
  headers: readonly GivenPacket["header"][],
  options: PublicGuardOptions,
  perSecond: number,
): void {
  const { namespace } = options;
  const forged = headers.filter(({ source = "0.0.0.0", destination }) =>
    // Replies from loopback get nowhere.
    addressScope(destination) !== "loopback" &&
    isForbidden(source, options) && !isOurs(source, namespace)
  );
  for (const { source, destination } of forged) {
    if (!reachesMany(destination, namespace)) continue;
    throw new RangeError(
      `${source} is public, and all whom ${destination} reaches would reply ` +
        "to it: allowPublic, if that host is yours",
    );
  }
  const sources = forged.map(({ source }) => [source!, source!] as const);
  checkFlood(sources, forged.length * perSecond, options);
}

function reachesMany(destination: string, namespace?: string): boolean {
  return supports.routeTable
    ? nextHopTo(destination, { namespace }).type === "broadcast"
    : routeTo(destination).isBroadcast;
}

function isForbidden(address: string, options: PublicGuardOptions): boolean {
  return forbiddenRange([[address, address]], options) !== undefined;
}

/** A socket that sends packets with their own header, and receives none. */
export function openForged(
  { namespace, broadcast, allowPublic }: SendForgedOptions,
): RawSocket {
  return RawSocket.open({
    protocol: IP_PROTOCOL.RAW,
    headerIncluded: true,
    namespace,
    broadcast,
    allowPublic,
  });
}
