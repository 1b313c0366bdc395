/**
 * What an address stands for before anything is sent: one judgement for all
 * tools, so that the same address has the same answer everywhere.
 *
 * - A link-local address without a zone is one on the interface that is to be
 *   used, or on the only one that it can be on.
 * - `0.0.0.0` and `::` are this host.
 * - A broadcast address is refused, unless it is meant.
 *
 * @module
 */

import { EACCES } from "../ffi/errno.ts";
import { type Family, formatIPv6, isIPv4 } from "../wire/address.ts";
import { isMulticast } from "../wire/address_scope.ts";
import type { PacketLayer } from "../wire/packet/protocol.ts";
import { needsZone, withoutZone, zoneOf } from "../wire/zone.ts";
import { SocketBroadcastError, SocketError } from "./errors.ts";
import { BROADCAST } from "./system/remedies.ts";
import { canonicalAddress } from "./kernel/sockaddr.ts";
import { inquire } from "./kernel/inquiry.ts";
import { interfaceIndex, interfaceName } from "./kernel/interface.ts";
import { readKernelFile } from "./kernel/kernel_file.ts";
import { type Route, type RouteOptions, routeTo } from "./kernel/route.ts";
import type { SocketOptions } from "./kernel/socket_options.ts";

const LOOPBACK = { 4: "127.0.0.1", 6: "::1" } as const;

/** Whether an address is none in particular: this host's, to send to. */
export function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** How an address is to be reached, and what is meant. */
export interface DestinationOptions extends RouteOptions {
  /** Whether a broadcast address is meant; default false. */
  readonly broadcast?: boolean;
}

/** Where packets go, and the way there. */
export interface Destination extends Route {
  /**
   * The address as it is sent to: canonical, with its zone if it needs one, and
   * one of this host's for `0.0.0.0` and `::`.
   */
  readonly address: string;
}

/**
 * Finds out where packets to an address go. Sends nothing.
 *
 * @param address of the family, with or without a zone
 * @throws {RangeError} if it is no such address, or on which of several links
 * it is cannot be told
 * @throws {SocketBroadcastError} if it is a broadcast address, and none is meant
 * @throws {SocketError} if no route leads there
 */
export function destinationOf(
  address: string,
  family: Family,
  options: DestinationOptions = {},
): Destination {
  const found = remoteAddress(address, family, options);
  const route = routeTo(found, options);
  if (route.isBroadcast && !isMulticast(found) && !options.broadcast) {
    throw new SocketBroadcastError({
      syscall: "connect",
      errno: EACCES,
      action: `send to ${found}, a broadcast address`,
      remedy: BROADCAST,
    });
  }
  return { ...route, address: found };
}

/**
 * Asserts that an address is none that is refused for what it is. What only the
 * system can refuse, such as a route that is missing, passes.
 *
 * @throws {RangeError} as {@linkcode destinationOf} does
 * @throws {SocketBroadcastError} likewise
 */
export function checkDestination(
  address: string,
  family: Family,
  options: DestinationOptions,
): void {
  try {
    destinationOf(address, family, options);
  } catch (error) {
    const isSystem = error instanceof SocketError &&
      !(error instanceof SocketBroadcastError);
    if (!isSystem) throw error;
  }
}

/**
 * The address that is meant by one to send to: with the zone that it needs,
 * which is its own, that of the interface or the address to send from, or the
 * only one that it can have; one of this host's for `0.0.0.0` and `::`.
 *
 * @throws {RangeError} if it is no address of the family, or these contradict
 * each other, or leave several zones
 */
export function remoteAddress(
  address: string,
  family: Family,
  options: RouteOptions = {},
): string {
  const { namespace, device, source } = options;
  const canonical = canonicalAddress(address, family, namespace);
  if (isUnspecified(canonical)) {
    if (device !== undefined) return routeTo(canonical, options).source;
    return source ?? LOOPBACK[family];
  }
  if (!needsZone(canonical)) return canonical;
  const from = source && zoneOf(canonicalAddress(source, family, namespace));
  return onLink(
    canonical,
    [nameOf(device, namespace), from],
    () => linkLocalAddresses(namespace).map(({ zone }) => zone),
  );
}

/**
 * An address of this host to send from, with the zone that it needs: its own,
 * that of the interface to be used, or that of the interface which has it.
 *
 * @throws {RangeError} as {@linkcode remoteAddress} does
 */
export function localAddress(
  address: string,
  family: Family,
  { namespace, device }: Omit<RouteOptions, "source"> = {},
): string {
  const canonical = canonicalAddress(address, family, namespace);
  if (!needsZone(canonical)) return canonical;
  return onLink(
    canonical,
    [nameOf(device, namespace)],
    () =>
      linkLocalAddresses(namespace)
        .filter((own) => own.address === canonical).map(({ zone }) => zone),
  );
}

/**
 * A link-local address with its zone.
 *
 * @param wanted zones that it shall have; those that are known
 * @param possible zones that it can have otherwise
 */
function onLink(
  address: string,
  wanted: readonly (string | undefined)[],
  possible: () => string[],
): string {
  const own = zoneOf(address);
  const known = [own, ...wanted].filter((zone) => zone !== undefined);
  const zones = [...new Set(known.length > 0 ? known : possible().sort())];
  const plain = withoutZone(address);
  // Without any, the kernel tells what is missing.
  if (zones.length < 2) {
    return zones.map((zone) => `${plain}%${zone}`)[0] ?? plain;
  }
  const last = zones.at(-1);
  const others = zones.slice(0, -1).join(", ");
  throw new RangeError(
    known.length > 0
      ? `${plain} cannot be on ${others} and ${last} at once: give one of them`
      : `${plain} can be on ${others} or ${last}: say which, such as ` +
        `${plain}%${zones[0]}`,
  );
}

/**
 * What stands, in a packet to be built, for the IP header that the kernel writes:
 * checksums inside cover its addresses.
 *
 * @throws {SocketError} if no route leads there
 */
export function kernelHeader(
  destination: string,
  { namespace, device, bindAddress }: SocketOptions,
): PacketLayer {
  const route = { namespace, device, source: bindAddress };
  const source = withoutZone(routeTo(destination, route).source);
  return {
    protocol: "ip",
    addresses: { source, destination: written(destination, source) },
    encode: (payload) => payload as Uint8Array<ArrayBuffer>,
  };
}

/** Linux writes this host's own address in the place of none in particular. */
function written(destination: string, source: string): string {
  const family = isIPv4(destination) ? 4 : 6;
  const address = canonicalAddress(withoutZone(destination), family);
  if (!isUnspecified(address)) return address;
  return family === 4 ? source : "::1";
}

/** The name of an interface by any of its names; none if there is none. */
function nameOf(
  device: string | undefined,
  namespace: string | undefined,
): string | undefined {
  if (device === undefined) return undefined;
  const action = `find the interface ${JSON.stringify(device)}`;
  return inquire(4, namespace, action, (fd) => {
    const index = interfaceIndex(device, fd);
    return index === 0 ? undefined : interfaceName(index, fd);
  });
}

/** The link-local addresses of a host, and the interfaces that they are on. */
function linkLocalAddresses(
  namespace: string | undefined,
): { address: string; zone: string }[] {
  const path = "/proc/thread-self/net/if_inet6";
  const lines = readKernelFile(path, { namespace })?.trim().split("\n") ?? [];
  return lines.flatMap((line) => {
    // Address, index, prefix length, scope, flags, name.
    const [digits, , , scope, , zone] = line.trim().split(/\s+/);
    if (scope !== LINK_SCOPE) return [];
    return [{ address: formatIPv6(Uint8Array.fromHex(digits)), zone }];
  });
}

/** `IPV6_ADDR_LINKLOCAL`, in hexadecimal. */
const LINK_SCOPE = "20";
