/**
 * Names into addresses and back, through libc: the same answer as every other program
 * on the machine gets, and no permission but `--allow-ffi`.
 *
 * @module
 */

import { libc, resolverError, toCString } from "../../ffi/libc.ts";
import {
  ADDRINFO,
  AF_INET,
  AF_INET6,
  NI_MAXHOST,
  NI_NAMEREQD,
  SOCK_RAW,
} from "../../ffi/linux/numbers.ts";
import { type Family, familyOf, isIPv4 } from "../../wire/address.ts";
import { checkZone, withoutZone } from "../../wire/zone.ts";
import { NameLookupError } from "../errors.ts";
import {
  canonicalAddress,
  fromSockaddr,
  sockaddrSize,
  toSockaddr,
} from "./sockaddr.ts";

/**
 * Resolves a host name, as `getaddrinfo` does. An address resolves to itself,
 * without a look-up.
 *
 * @category Names and routes
 * @param host a name or an address
 * @param options `family` 4 or 6 for addresses of that family alone
 * @returns one or more addresses, IPv4 before IPv6, each once
 * @throws {RangeError} if it is neither a name nor an address of the family
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
  checkHost(host, family);
  if (familyOf(withoutZone(host)) !== undefined) return [host];
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
    return [...new Set(addresses.map(({ address }) => address))]
      .map((address) =>
        address.includes("%") ? canonicalAddress(address, 6) : address
      );
  } finally {
    libc().freeaddrinfo(head);
  }
}

/**
 * The name of an address, as `getnameinfo` tells it.
 *
 * @category Names and routes
 * @param address an IPv4 or IPv6 address
 * @returns the name, which its owner has chosen and may be anything; none if
 * there is none
 * @throws {RangeError} if it is no address
 *
 * @example
 * ```ts
 * import { reverseResolve } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await reverseResolve("127.0.0.1"), "localhost");
 * ```
 */
export async function reverseResolve(
  address: string,
): Promise<string | undefined> {
  const host = withoutZone(address);
  const sockaddr = toSockaddr(host, isIPv4(host) ? 4 : 6, -1);
  const name = new Uint8Array(NI_MAXHOST);
  const code = await libc().getnameinfo(
    sockaddr,
    sockaddr.length,
    name,
    name.length,
    null,
    0,
    NI_NAMEREQD,
  );
  if (code !== 0) return undefined;
  return new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
}

/**
 * Checks that a text is an address of the family, or can be a name.
 *
 * @throws {RangeError} if it is neither
 */
export function checkHost(host: string, family?: Family): void {
  checkZone(host);
  const literal = familyOf(withoutZone(host));
  if (literal === undefined) {
    if (isHostName(host)) return;
    throw new RangeError(
      `${JSON.stringify(host)} is neither an address nor a host name`,
    );
  }
  if (family === undefined || family === literal) return;
  throw new RangeError(`${host} is no IPv${family} address`);
}

/**
 * Whether it can be a name (RFC 1123 §2.1). A last label that is a number
 * makes it an address written wrong, such as 1.1.1 or 0x7f.1, which libc would
 * read in the ways of 1983.
 */
export function isHostName(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  // Made only here, since that takes long.
  const form = /^[\p{L}\p{N}_]+(-+[\p{L}\p{N}_]+)*$/u;
  return host.length <= 253 &&
    labels.every((label) => label.length < 64 && form.test(label)) &&
    !/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1)!);
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
