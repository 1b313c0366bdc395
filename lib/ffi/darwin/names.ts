/**
 * Names and addresses: `struct addrinfo`, which on macOS has two pointers the
 * other way round.
 *
 * @module
 */

import type { Libc } from "../linux/libc.ts";
import * as linux from "../linux/numbers.ts";
import { ADDRINFO, AF_INET6, NI_NAMEREQD, SOCK_DGRAM } from "./numbers.ts";
import { octetsOf, toDarwin } from "./sockaddr.ts";
import type { Symbols } from "./symbols.ts";

/** Those of libc's functions that turn names into addresses, and back. */
export function names(
  symbols: Symbols,
): Pick<Libc, "getaddrinfo" | "freeaddrinfo" | "getnameinfo"> {
  return {
    async getaddrinfo(node, service, hints, result) {
      const told = new DataView(octetsOf(hints).slice().buffer);
      const family = told.getInt32(ADDRINFO.FAMILY, true);
      if (family === linux.AF_INET6) {
        told.setInt32(ADDRINFO.FAMILY, AF_INET6, true);
      }
      // Any type will do, as long as each address is told once.
      told.setInt32(linux.ADDRINFO.SOCKTYPE, SOCK_DGRAM, true);
      const code = await symbols.getaddrinfo(node, service, told, result);
      if (code !== 0) return code;
      const [head] = new BigUint64Array(octetsOf(result).slice().buffer);
      turn(Deno.UnsafePointer.create(head));
      return code;
    },
    freeaddrinfo(head) {
      turn(head);
      symbols.freeaddrinfo(head);
    },
    getnameinfo: (sockaddr, length, host, room, service, serviceRoom, flags) =>
      symbols.getnameinfo(
        toDarwin(octetsOf(sockaddr)),
        length,
        host,
        room,
        service,
        serviceRoom,
        flags === linux.NI_NAMEREQD ? NI_NAMEREQD : 0,
      ),
  };
}

/** Of each system's number for IPv6, the other's. */
const OTHER: Readonly<Record<number, number>> = {
  [AF_INET6]: linux.AF_INET6,
  [linux.AF_INET6]: AF_INET6,
};

/** Turns each entry of a list into Linux's, or back. */
function turn(head: Deno.PointerValue): void {
  for (let node = head; node !== null;) {
    const view = new DataView(
      Deno.UnsafePointerView.getArrayBuffer(node, ADDRINFO.SIZE),
    );
    const { ADDRESS, NAME, FAMILY } = ADDRINFO;
    const address = view.getBigUint64(ADDRESS, true);
    view.setBigUint64(ADDRESS, view.getBigUint64(NAME, true), true);
    view.setBigUint64(NAME, address, true);
    const family = view.getInt32(FAMILY, true);
    view.setInt32(FAMILY, OTHER[family] ?? family, true);
    node = Deno.UnsafePointer.create(
      view.getBigUint64(linux.ADDRINFO.NEXT, true),
    );
  }
}
