/**
 * What the kernel would do with a packet to some destination.
 *
 * @module
 */

import { EACCES, EINVAL } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import {
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_UNICAST_HOPS,
  PMTUDISC_DONT,
} from "../../ffi/linux/numbers.ts";
import { supports } from "../../ffi/supports.ts";
import { isIPv4 } from "../../wire/address.ts";
import { isMulticast } from "../../wire/address_scope.ts";
import { check, socketError } from "../errors.ts";
import { ZONE_MISSING } from "../system/remedies.ts";
import { inquire } from "./inquiry.ts";
import {
  checkAddress,
  fromSockaddr,
  lacksZone,
  toSockaddr,
  zoneNames,
} from "./sockaddr.ts";
import { bindTo, setBroadcast, setDevice } from "./socket_options.ts";

/**
 * Where packets go out.
 *
 * @category Names and routes
 */
export interface RouteOptions {
  /** Ask inside this network namespace. */
  readonly namespace?: string;
  /** The way by this interface. */
  readonly device?: string;
  /** The way of what is sent from this address of this host. */
  readonly source?: string;
}

/**
 * The way to a destination.
 *
 * @category Names and routes
 */
export interface Route {
  /** The address that the kernel would send from. */
  readonly source: string;
  /**
   * Octets of the longest packet that the path is known to take whole, if the
   * system tells them.
   */
  readonly mtu: number | undefined;
  /** Time to live, or hop limit, of what is sent without one of its own. */
  readonly ttl: number;
  /**
   * Whether the kernel discovers the path's MTU (RFC 1191): what fits into
   * `mtu` leaves with "don't fragment" set.
   */
  readonly discoversMTU: boolean;
  /** Whether it is a broadcast or multicast address, of many hosts. */
  readonly isBroadcast: boolean;
}

/**
 * Asks the kernel for the way to a destination. Sends nothing, and needs no
 * privilege: a UDP socket is connected, and asked what it became.
 *
 * @category Names and routes
 * @param destination an IPv4 or IPv6 address
 * @throws {RangeError} if `destination` is no address
 * @throws {SocketError} if no route leads there, or `source` is not this host's
 *
 * @example
 * ```ts
 * import { routeTo } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(routeTo("127.0.0.1").source, "127.0.0.1");
 * ```
 */
export function routeTo(
  destination: string,
  { namespace, device, source }: RouteOptions = {},
): Route {
  const family = isIPv4(destination) ? 4 : 6;
  checkAddress(destination, family);
  const symbols = libc();
  const action = `find a route to ${destination}`;
  return inquire(family, namespace, action, (fd) => {
    if (device !== undefined) setDevice(fd, device);
    if (source !== undefined) bindTo(fd, source, family);
    const sockaddr = toSockaddr(destination, family, fd);
    const connect = () => symbols.connect(fd, sockaddr, sockaddr.length);
    let connected = connect();
    // Which addresses are a network's broadcast, only the kernel knows.
    const isBroadcast = connected === -EACCES;
    if (isBroadcast) {
      setBroadcast(fd, true);
      connected = connect();
    }
    if (connected === -EINVAL && lacksZone(destination, { device, source })) {
      const failure = { syscall: "connect", errno: EINVAL, action };
      throw socketError({ ...failure, remedy: ZONE_MISSING });
    }
    check(connected, "connect", action);
    const length = Uint32Array.of(sockaddr.length);
    check(symbols.getsockname(fd, sockaddr, length), "getsockname", action);
    const option = (name: number) => {
      const value = new Int32Array(1);
      const level = family === 4 ? IPPROTO_IP : IPPROTO_IPV6;
      const size = Uint32Array.of(4);
      const result = symbols.getsockopt(fd, level, name, value, size);
      check(result, "getsockopt", action);
      return value[0];
    };
    return {
      source: fromSockaddr(sockaddr, 0, family, zoneNames(fd)),
      mtu: supports.linkMTU
        ? option(family === 4 ? IP_MTU : IPV6_MTU)
        : undefined,
      ttl: option(family === 4 ? IP_TTL : IPV6_UNICAST_HOPS),
      discoversMTU: option(
        family === 4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
      ) !== PMTUDISC_DONT,
      isBroadcast: isBroadcast || isMulticast(destination),
    };
  });
}
