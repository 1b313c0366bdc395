/**
 * Socket addresses: macOS' begin with their length, in one octet, and the
 * family in another (xnu: bsd/netinet/in.h, bsd/netinet6/in6.h). What follows
 * is laid out as Linux's.
 *
 * @module
 */

import * as linux from "../linux/numbers.ts";
import { AF_INET, AF_INET6 } from "./numbers.ts";

/** A copy as macOS takes it. */
export function toDarwin(
  sockaddr: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const copy = sockaddr.slice();
  const [family] = sockaddr;
  copy[0] = copy.length;
  copy[1] = family === linux.AF_INET6 ? AF_INET6 : family;
  return copy;
}

/** Turns what macOS wrote into what Linux would have written, in place. */
export function toLinux(sockaddr: Uint8Array): void {
  const [, family] = sockaddr;
  sockaddr[0] = family === AF_INET6 ? linux.AF_INET6 : family;
  sockaddr[1] = 0;
}

/** Octets of a family's socket address. */
export function sizeOf(family: number): number {
  return family === AF_INET ? linux.SOCKADDR_IN.SIZE : linux.SOCKADDR_IN6.SIZE;
}

/** What FFI takes for a buffer. */
export type Buffer = AllowSharedBufferSource | null;

/** The octets of a buffer that a caller has filled, or will read. */
export function octetsOf(buffer: Buffer): Uint8Array<ArrayBuffer> {
  if (buffer === null) return new Uint8Array();
  if (!ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer as ArrayBuffer);
  }
  const { byteOffset, byteLength } = buffer;
  return new Uint8Array(buffer.buffer as ArrayBuffer, byteOffset, byteLength);
}

/** The address of a buffer's first octet, for a pointer inside a struct. */
export function addressOf(buffer: ArrayBuffer): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}
