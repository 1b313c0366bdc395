/**
 * What `getifaddrs` tells of this host's interfaces, which macOS tells by
 * nothing else that FFI may call.
 *
 * @module
 */

import { ENODEV } from "../errno.ts";
import * as linux from "../linux/numbers.ts";
import { EOPNOTSUPP } from "./errors.ts";
import {
  AF_INET,
  AF_INET6,
  AF_LINK,
  IF_DATA,
  IFADDRS,
  IFF_BROADCAST,
} from "./numbers.ts";
import { sizeOf } from "./sockaddr.ts";
import type { Symbols } from "./symbols.ts";

/** The interfaces, as far as it matters here. */
export interface Interfaces {
  /** Octets of the longest packet that one takes, by its name. */
  readonly mtus: ReadonlyMap<string, number>;
  /** Names by the addresses, in hexadecimal. */
  readonly names: ReadonlyMap<string, string>;
  /** Broadcast addresses, in hexadecimal; that of all networks, too. */
  readonly broadcasts: ReadonlySet<string>;
}

/** The address in a socket address of either family, in hexadecimal. */
export function addressIn(sockaddr: Uint8Array, family: number): string {
  const { ADDRESS } = family === AF_INET
    ? linux.SOCKADDR_IN
    : linux.SOCKADDR_IN6;
  const size = family === AF_INET ? 4 : 16;
  return sockaddr.subarray(ADDRESS, ADDRESS + size).toHex();
}

/** Asks for them all. */
export function interfaces(symbols: Symbols): Interfaces {
  const mtus = new Map<string, number>();
  const names = new Map<string, string>();
  const broadcasts = new Set(["ffffffff"]);
  const found = { mtus, names, broadcasts };
  const head = new BigUint64Array(1);
  if (symbols.getifaddrs(head) < 0) return found;
  const first = Deno.UnsafePointer.create(head[0]);
  for (let node = first; node !== null;) {
    const view = new Deno.UnsafePointerView(node);
    const name = Deno.UnsafePointerView.getCString(
      view.getPointer(IFADDRS.NAME) as Deno.PointerObject,
    );
    const address = view.getPointer(IFADDRS.ADDRESS);
    const family = address === null ? 0 : at(address, 2)[1];
    if (family === AF_INET || family === AF_INET6) {
      const size = sizeOf(family);
      const own = addressIn(at(address!, size), family);
      names.set(own, name);
      const broadcast = view.getPointer(IFADDRS.BROADCAST);
      const hasOne = (view.getUint32(IFADDRS.FLAGS) & IFF_BROADCAST) !== 0;
      if (family === AF_INET && hasOne && broadcast !== null) {
        const there = addressIn(at(broadcast, size), family);
        // A network of one address has itself for it.
        if (there !== own) broadcasts.add(there);
      }
    }
    const data = view.getPointer(IFADDRS.DATA);
    if (family === AF_LINK && data !== null) {
      const octets = at(data, IF_DATA.SIZE);
      mtus.set(
        name,
        new DataView(octets.buffer).getUint32(IF_DATA.MTU, true),
      );
    }
    node = view.getPointer(IFADDRS.NEXT);
  }
  symbols.freeifaddrs(first);
  return found;
}

/** A copy of what a pointer points to. */
function at(pointer: Deno.PointerObject, size: number): Uint8Array {
  const octets = new Uint8Array(size);
  Deno.UnsafePointerView.copyInto(pointer, octets);
  return octets;
}

/** Linux's `ioctl` requests about interfaces, without an `ioctl`. */
export function requestAbout(
  symbols: Symbols,
  request: number,
  ifreq: Uint8Array<ArrayBuffer>,
): number {
  const { NAME, NAME_SIZE, INDEX, MTU } = linux.IFREQ;
  const name = ifreq.subarray(NAME, NAME + NAME_SIZE);
  const view = new DataView(ifreq.buffer, ifreq.byteOffset);
  switch (request) {
    case linux.SIOCGIFINDEX: {
      const index = symbols.if_nametoindex(name);
      view.setInt32(INDEX, index, true);
      return index === 0 ? -ENODEV : 0;
    }
    case linux.SIOCGIFNAME: {
      const index = view.getInt32(INDEX, true);
      return symbols.if_indextoname(index, name) === null ? -ENODEV : 0;
    }
    case linux.SIOCGIFMTU: {
      const text = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
      const mtu = interfaces(symbols).mtus.get(text);
      view.setInt32(MTU, mtu ?? 0, true);
      return mtu === undefined ? -ENODEV : 0;
    }
  }
  return -EOPNOTSUPP;
}
