/**
 * Addresses as the kernel takes them: `struct sockaddr_in` and `sockaddr_in6`.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  SOCKADDR_IN,
  SOCKADDR_IN6,
  SOCKADDR_PORT,
} from "../../ffi/linux/numbers.ts";
import {
  type Family,
  formatIPv4,
  formatIPv6,
  parseIPv4,
  parseIPv6,
} from "../../wire/address.ts";
import { checkZone, needsZone, withoutZone, zoneOf } from "../../wire/zone.ts";
import { check } from "../errors.ts";
import { inquire } from "./inquiry.ts";
import { interfaceIndex, interfaceName } from "./interface.ts";

/** Octets of the larger of the two. */
export const SOCKADDR_MAX_SIZE = SOCKADDR_IN6.SIZE;

/** Octets of a family's socket address. */
export function sockaddrSize(family: Family): number {
  return family === 4 ? SOCKADDR_IN.SIZE : SOCKADDR_IN6.SIZE;
}

/**
 * An address of the family as the kernel takes it, port 0. Link-local IPv6 may
 * carry a zone (RFC 4007 §11), the name or the index of an interface:
 * `fe80::1%eth0`.
 *
 * @param fd a socket; the zone is an interface of its network namespace
 * @throws {RangeError} if it is no address of the family, or its zone is none
 */
export function toSockaddr(
  address: string,
  family: Family,
  fd: number,
): Uint8Array<ArrayBuffer> {
  checkZone(address);
  const bytes = new Uint8Array(sockaddrSize(family));
  const view = new DataView(bytes.buffer);
  if (family === 4) {
    view.setUint16(SOCKADDR_IN.FAMILY, AF_INET, true);
    view.setUint32(SOCKADDR_IN.ADDRESS, parseIPv4(address));
    return bytes;
  }
  view.setUint16(SOCKADDR_IN6.FAMILY, AF_INET6, true);
  bytes.set(parseIPv6(withoutZone(address)), SOCKADDR_IN6.ADDRESS);
  const zone = zoneOf(address);
  if (zone !== undefined) {
    view.setUint32(SOCKADDR_IN6.SCOPE_ID, zoneIndex(zone, fd), true);
  }
  return bytes;
}

/**
 * Checks an address before there is a socket to ask for its zone.
 *
 * @throws {RangeError} if it is no address of the family
 */
export function checkAddress(address: string, family: Family): void {
  checkZone(address);
  if (family === 4) parseIPv4(address);
  else parseIPv6(withoutZone(address));
}

/**
 * The address in a socket address that the kernel wrote at `offset`.
 *
 * @param zoneName names interfaces by their index, as {@linkcode zoneNames} do
 */
export function fromSockaddr(
  bytes: Uint8Array,
  offset: number,
  family: Family,
  zoneName: (index: number) => string = String,
): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  if (family === 4) return formatIPv4(view.getUint32(SOCKADDR_IN.ADDRESS));
  const scope = view.getUint32(SOCKADDR_IN6.SCOPE_ID, true);
  const address = formatIPv6(bytes, offset + SOCKADDR_IN6.ADDRESS);
  return scope === 0 ? address : `${address}%${zoneName(scope)}`;
}

/**
 * Names the interfaces that a socket knows, by their index. One that is gone by
 * now is called by its number.
 */
export function zoneNames(fd: number): (index: number) => string {
  const names = new Map<number, string>();
  return (index) => {
    const known = names.get(index) ?? interfaceName(index, fd);
    if (known !== undefined) names.set(index, known);
    return known ?? `${index}`;
  };
}

/**
 * The port that a socket is bound to, which of a ping socket is its identifier;
 * 0 if to none.
 *
 * @param action what is being done, for errors
 */
export function portOf(fd: number, action: string): number {
  const sockaddr = new Uint8Array(SOCKADDR_MAX_SIZE);
  const length = Uint32Array.of(sockaddr.length);
  check(libc().getsockname(fd, sockaddr, length), "getsockname", action);
  return new DataView(sockaddr.buffer).getUint16(SOCKADDR_PORT);
}

/**
 * An address in the form in which the sockets report sources: canonical, a zone
 * by its interface's name.
 *
 * @param namespace the network namespace that a zone's interface is in
 * @throws {RangeError} if it is no address of the family
 * @throws {SocketError} if the namespace cannot be entered
 */
export function canonicalAddress(
  address: string,
  family: Family,
  namespace?: string,
): string {
  checkAddress(address, family);
  if (!address.includes("%")) {
    return fromSockaddr(toSockaddr(address, family, -1), 0, family);
  }
  const action = `find the interface of ${address}`;
  return inquire(family, namespace, action, (fd) => {
    const sockaddr = toSockaddr(address, family, fd);
    return fromSockaddr(sockaddr, 0, family, zoneNames(fd));
  });
}

/**
 * The index of the interface that an address's zone names; 0 if it has none.
 *
 * @throws {RangeError} if there is no such interface
 * @throws {SocketError} if the namespace cannot be entered
 */
export function scopeOf(address: string, namespace?: string): number {
  const zone = zoneOf(address);
  if (zone === undefined) return 0;
  const action = `find the interface of ${address}`;
  return inquire(6, namespace, action, (fd) => zoneIndex(zone, fd));
}

/**
 * Whether nothing tells a socket on which link an address is: no zone, no
 * interface to use, and no address to send from that has a zone.
 */
export function lacksZone(
  destination: string,
  { device, source = "" }: {
    readonly device?: string;
    readonly source?: string;
  },
): boolean {
  const zone = device ?? zoneOf(destination) ?? zoneOf(source);
  return needsZone(destination) && zone === undefined;
}

function zoneIndex(zone: string, fd: number): number {
  const named = interfaceIndex(zone, fd);
  const index = named === 0 && /^\d+$/.test(zone) ? Number(zone) : named;
  if (index > 0 && index < 2 ** 31) return index;
  throw new RangeError(
    `the zone ${JSON.stringify(zone)} is no interface of this host`,
  );
}
