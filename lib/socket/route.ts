/**
 * What the kernel would do with a packet to some destination.
 *
 * @module
 */

import { EACCES } from "../ffi/errno.ts";
import { errno, libc } from "../ffi/libc.ts";
import {
  IP_MTU,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MTU,
  IPV6_UNICAST_HOPS,
} from "../ffi/linux.ts";
import { isIPv4 } from "../wire/address.ts";
import { check } from "./errors.ts";
import { inquire } from "./inquiry.ts";
import {
  checkAddress,
  fromSockaddr,
  isMulticast,
  toSockaddr,
} from "./sockaddr.ts";
import { setBroadcast, setDevice } from "./socket_options.ts";

/** The way to a destination. */
export interface Route {
  /** The address that the kernel would send from. */
  readonly source: string;
  /** Octets of the longest packet that the path is known to take whole. */
  readonly mtu: number;
  /** Time to live, or hop limit, of what is sent without one of its own. */
  readonly ttl: number;
  /** Whether it is a broadcast or multicast address, of many hosts. */
  readonly isBroadcast: boolean;
}

/**
 * Asks the kernel for the way to a destination. Sends nothing, and needs no
 * privilege: a UDP socket is connected, and asked what it became.
 *
 * @param destination an IPv4 or IPv6 address
 * @param options `namespace`: ask inside this network namespace; `device`: the
 * way by this interface
 * @throws {RangeError} if `destination` is no address
 * @throws {SocketError} if no route leads there
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
  { namespace, device }: { namespace?: string; device?: string } = {},
): Route {
  const family = isIPv4(destination) ? 4 : 6;
  checkAddress(destination, family);
  const symbols = libc();
  const action = `find a route to ${destination}`;
  return inquire(family, namespace, action, (fd) => {
    if (device !== undefined) setDevice(fd, device);
    const sockaddr = toSockaddr(destination, family, fd);
    const connect = () => symbols.connect(fd, sockaddr, sockaddr.length);
    let connected = connect();
    // Which addresses are a network's broadcast, only the kernel knows.
    const isBroadcast = connected < 0 && errno() === EACCES;
    if (isBroadcast) {
      setBroadcast(fd, true);
      connected = connect();
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
      source: fromSockaddr(sockaddr, 0, family),
      mtu: option(family === 4 ? IP_MTU : IPV6_MTU),
      ttl: option(family === 4 ? IP_TTL : IPV6_UNICAST_HOPS),
      isBroadcast: isBroadcast || isMulticast(destination),
    };
  });
}
