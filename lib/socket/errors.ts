/**
 * What can go wrong with a socket: which call failed, on what, why, and what
 * to do about it.
 *
 * @module
 */

import {
  EACCES,
  EADDRNOTAVAIL,
  EPERM,
  errnoName,
  strerror,
} from "../ffi/errno.ts";
import { Raw4Error } from "../wire/errors.ts";
import { remedyFor } from "./system/remedies.ts";

/**
 * What a failed system call left behind.
 *
 * @category Errors
 */
export interface SocketFailure {
  /** The call, such as `sendto`. */
  readonly syscall: string;
  /** Its error number. */
  readonly errno: number;
  /** What was being done, to go after "cannot": `open a raw socket`. */
  readonly action: string;
  /** What to do about it; default what helps against that error as a rule. */
  readonly remedy?: string;
}

/**
 * A system call on a socket failed.
 *
 * @category Errors
 */
export class SocketError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketError";
  /** The call that failed, such as `sendto`. */
  readonly syscall: string;
  /** The system's error number, such as 1. */
  readonly errno: number;
  /** Its name, such as `EPERM`. */
  readonly code: string;
  /** What to do now, in a sentence, where there is something to do. */
  readonly remedy: string | undefined;
  /** Packets that `sendMany` had sent before the one that failed. */
  sent?: number;

  /** Makes the error, its message included. */
  constructor(failure: SocketFailure) {
    const code = errnoName(failure.errno);
    super(
      `cannot ${failure.action}: ${strerror(failure.errno)} ` +
        `(${failure.syscall}: ${code})`,
    );
    this.syscall = failure.syscall;
    this.errno = failure.errno;
    this.code = code;
    this.remedy = failure.remedy ?? remedyFor(failure);
  }
}

/**
 * The system does not permit it (EPERM, EACCES): to open a socket, or, by a
 * route or a firewall, to send.
 *
 * @category Errors
 */
export class SocketPermissionError extends SocketError {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketPermissionError";
}

/**
 * The address is not this host's (EADDRNOTAVAIL).
 *
 * @category Errors
 */
export class SocketAddressError extends SocketError {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketAddressError";
}

/**
 * A broadcast address on a socket not opened for broadcast (EACCES).
 *
 * @category Errors
 */
export class SocketBroadcastError extends SocketError {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketBroadcastError";
}

/**
 * The socket is closed.
 *
 * @category Errors
 */
export class SocketUnavailableError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketUnavailableError";

  /** Makes the error, its message included. */
  constructor() {
    super("the socket is closed");
  }
}

/**
 * Nothing arrived in time.
 *
 * @category Errors
 */
export class TimeoutExceeded extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "TimeoutExceeded";
  /** The time that was waited. */
  readonly timeoutMs: number;

  /** Makes the error, its message included. */
  constructor(timeoutMs: number) {
    super(`nothing arrived within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/**
 * A host name that cannot be resolved.
 *
 * @category Errors
 */
export class NameLookupError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "NameLookupError";
  /** What to do now. */
  readonly remedy =
    "Check the spelling, or give the address itself: no name server is needed then.";

  /** Makes the error, its message included. */
  constructor(host: string, reason: string) {
    super(`cannot resolve ${JSON.stringify(host)}: ${reason}`);
  }
}

/**
 * Checks the result of a system call as {@linkcode libc} makes it.
 *
 * @returns `result`, if it is not negative
 * @throws {SocketError} by the error number that it is otherwise
 */
export function check(result: number, syscall: string, action: string): number {
  if (result >= 0) return result;
  throw socketError({ syscall, errno: -result, action });
}

/** The error for a failure, of the class that fits. */
export function socketError(failure: SocketFailure): SocketError {
  switch (failure.errno) {
    case EACCES:
      // What a route prohibits is told apart where that can be found out.
      return failure.syscall.startsWith("send")
        ? new SocketBroadcastError(failure)
        : new SocketPermissionError(failure);
    case EPERM:
      return new SocketPermissionError(failure);
    case EADDRNOTAVAIL:
      return new SocketAddressError(failure);
    default:
      return new SocketError(failure);
  }
}
