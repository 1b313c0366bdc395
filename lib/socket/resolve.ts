/**
 * Names into addresses, through libc: the same answer as every other program
 * on the machine gets, and no permission but `--allow-ffi`.
 *
 * @module
 */

import { libc, resolverError, toCString } from "../ffi/libc.ts";
import { ADDRINFO, AF_INET, AF_INET6, SOCK_RAW } from "../ffi/linux.ts";
import { type Family, familyOf } from "../wire/address.ts";
import { NameLookupError } from "./errors.ts";
import { fromSockaddr, sockaddrSize } from "./sockaddr.ts";

/**
 * Resolves a host name, as `getaddrinfo` does. An address resolves to itself,
 * without a look-up.
 *
 * @param host a name or an address
 * @param options `family` 4 or 6 for addresses of that family alone
 * @returns one or more addresses, IPv4 before IPv6, each once
 * @throws {NameLookupError} if there is none
 *
 * @example
 * ```ts
 * import { resolve } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await resolve("127.0.0.1"), ["127.0.0.1"]);
 * ```
 */
export async function resolve(
  host: string,
  { family }: { family?: Family } = {},
): Promise<string[]> {
  const literal = familyOf(host);
  if (literal !== undefined) {
    if (family === undefined || family === literal) return [host];
    throw new NameLookupError(host, `it is an IPv${literal} address`);
  }
  if (host === "" || host.includes("\0")) {
    throw new NameLookupError(host, "it is no host name");
  }
  const hints = new DataView(new ArrayBuffer(ADDRINFO.SIZE));
  hints.setInt32(
    ADDRINFO.FAMILY,
    family === undefined ? 0 : family === 4 ? AF_INET : AF_INET6,
    true,
  );
  hints.setInt32(ADDRINFO.SOCKTYPE, SOCK_RAW, true);
  const result = new BigUint64Array(1);
  const code = await libc().getaddrinfo(toCString(host), null, hints, result);
  if (code !== 0) throw new NameLookupError(host, resolverError(code));
  const head = Deno.UnsafePointer.create(result[0]);
  try {
    const addresses = [...addressesIn(head)];
    addresses.sort((a, b) => a.family - b.family);
    return [...new Set(addresses.map(({ address }) => address))];
  } finally {
    libc().freeaddrinfo(head);
  }
}

function* addressesIn(
  head: Deno.PointerValue,
): Generator<{ family: Family; address: string }> {
  for (let node = head; node !== null;) {
    const info = new Deno.UnsafePointerView(node);
    const family = info.getInt32(ADDRINFO.FAMILY) === AF_INET ? 4 : 6;
    const sockaddr = info.getPointer(ADDRINFO.ADDRESS);
    if (sockaddr !== null) {
      const bytes = new Uint8Array(sockaddrSize(family));
      Deno.UnsafePointerView.copyInto(sockaddr, bytes);
      yield { family, address: fromSockaddr(bytes, 0, family) };
    }
    node = info.getPointer(ADDRINFO.NEXT);
  }
}
