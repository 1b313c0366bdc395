/**
 * What was seen, as far as it tells of a reply.
 *
 * @module
 */

import { dissect } from "../../wire/packet/dissect.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { readClocks } from "../../socket/kernel/clock.ts";
import type { NextHop } from "../../socket/kernel/rtnetlink.ts";
import type { GivenPacket } from "../../compare/forged_packet.ts";
import {
  type ICMPErrorMessage,
  readICMPError,
  type Reception,
} from "../matching.ts";
import { isForMany, type Post } from "../witness/packet_witness.ts";
import { packetsSeen, type SeenPacket } from "../../compare/seen_packets.ts";

const { ICMP } = IP_PROTOCOL;
const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const ARP_REQUEST = 1;

/** Whether a packet is one that every host answers. */
export function isEchoRequest({ header, payload }: GivenPacket): boolean {
  return header.protocol === ICMP && payload[0] === ECHO_REQUEST;
}

/** The source on the wire, which the kernel writes where it is nobody's. */
export function sourceOf(
  given: GivenPacket,
  route: string | undefined,
): string {
  const { source = "0.0.0.0" } = given.header;
  return source === "0.0.0.0" ? route ?? source : source;
}

/** Tells whether a packet is a reply: the other way, of the same protocol. */
export function replyTo(
  given: GivenPacket,
  source: string,
  route: NextHop,
): (seen: SeenPacket) => boolean {
  const { destination, protocol } = given.header;
  // Each of many answers by its own address.
  const isFrom = (address: string) =>
    isForMany(route) ? address !== source : address === destination;
  return ({ header, payload }) => {
    if (header.destination !== source || !isFrom(header.source)) return false;
    if (header.protocol !== protocol) return false;
    if (!isEchoRequest(given)) {
      // To oneself the packet goes the way that its reply would go, in fragments
      // perhaps.
      const { fragmentOffset: start } = header;
      const part = given.payload.subarray(start, start + payload.length);
      const isItself = source === destination &&
        payload.toHex() === part.toHex();
      return protocol !== ICMP && !isItself;
    }
    // Identifier and sequence number are the request's.
    return payload[0] === ECHO_REPLY &&
      payload.subarray(4, 8).toHex() === given.payload.subarray(4, 8).toHex();
  };
}

/** An ICMP error, and when it was received. */
export interface HeardError extends Reception {
  readonly error: ICMPErrorMessage;
}

/** Errors that came in here, or left others. */
export function errorsSeen(
  here: Post | undefined,
  others: readonly Post[],
): HeardError[] {
  const seen = readClocks();
  return [
    ...(here === undefined ? [] : packetsSeen(here, "in")),
    ...others.flatMap((post) => packetsSeen(post, "out")),
  ].flatMap(({ bytes, frame }) => {
    const error = readICMPError(bytes);
    if (error === undefined) return [];
    return [{ error, receivedNs: frame.timestampNs, seen }];
  });
}

/** ARP questions for an address that were seen leaving. */
export function questionsFor(address: string, { frames }: Post): number {
  return frames.filter(({ frame: { bytes, linkType, direction } }) => {
    if (direction !== "outgoing") return false;
    const arp = dissect(bytes, { linkType }).layers.find((layer) =>
      layer.protocol === "arp"
    );
    return arp?.header.operation === ARP_REQUEST &&
      arp.header.kind === "ethernetIPv4" &&
      arp.header.targetProtocolAddress === address;
  }).length;
}
