/**
 * The system's sockets, opened when they are first needed: libc's functions as
 * Linux has them. Another system's file answers to the same names, takes
 * Linux's numbers and layouts, and returns Linux's error numbers, negated.
 *
 * @module
 */

import type { Libc } from "./linux/libc.ts";
import { openLibc } from "./own.ts";

/** What another system has instead of a kernel that runs filters. */
export interface OwnFilters {
  /** Lets through only what passes, of all that a socket receives from now on. */
  setFilter(
    fd: number,
    passes: ((packet: Uint8Array) => boolean) | undefined,
  ): void;
}

/** What a system has that waits for the replies to echo requests itself. */
export interface OwnEchoes {
  /** Has it wait as long, for those to what a socket sends from now on. */
  setEchoWait(fd: number, ms: number): void;
}

type Sockets = Libc & Partial<OwnFilters & OwnEchoes>;

let symbols: Sockets | undefined;

/**
 * libc's functions.
 *
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`
 * @throws {Deno.errors.NotSupported} on a system that raw4 does not know
 */
export function libc(): Sockets {
  return symbols ??= openLibc();
}

/** A `getaddrinfo` result in libc's words. */
export function resolverError(code: number): string {
  return cString(libc().gai_strerror(code));
}

/** Text as a C string. */
export function toCString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** The address of a buffer's first octet, for a pointer inside a struct. */
export function addressOf(buffer: ArrayBuffer): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}

/** What a pointer to a C string points to. */
export function cString(pointer: Deno.PointerValue): string {
  if (pointer === null) return "no reason given";
  return Deno.UnsafePointerView.getCString(pointer);
}
