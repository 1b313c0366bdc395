/**
 * What can go wrong with a socket: which call failed, on what, why, and what
 * to do about it.
 *
 * @module
 */

import {
  EACCES,
  EADDRNOTAVAIL,
  EHOSTUNREACH,
  EINVAL,
  EMFILE,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  ENODEV,
  ENOENT,
  EPERM,
  EPROTONOSUPPORT,
  errnoName,
} from "../ffi/errno.ts";
import { strerror } from "../ffi/libc.ts";
import { Raw4Error } from "../wire/errors.ts";

/** What a failed system call left behind. */
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

/** A system call on a socket failed. */
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

/** The system does not permit it (EPERM, EACCES). */
export class SocketPermissionError extends SocketError {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketPermissionError";
}

/** The address is not this host's (EADDRNOTAVAIL). */
export class SocketAddressError extends SocketError {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketAddressError";
}

/** A broadcast address on a socket not opened for broadcast (EACCES). */
export class SocketBroadcastError extends SocketError {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketBroadcastError";
}

/** The socket is closed. */
export class SocketUnavailableError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "SocketUnavailableError";

  /** Makes the error, its message included. */
  constructor() {
    super("the socket is closed");
  }
}

/** Nothing arrived in time. */
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

/** A host name that cannot be resolved. */
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
      // As a rule: a socket that may broadcast rules that out beforehand.
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

const NEEDS_RAW = "Raw sockets need root or the capability CAP_NET_RAW. Run " +
  "it as root (sudo), or as yourself with the one capability:\n" +
  "  sudo setpriv --reuid=$(id -u) --regid=$(id -g) --init-groups " +
  "--inh-caps=+net_raw --ambient-caps=+net_raw deno run …\n" +
  "In a lab everybody may: `scripts/lab.ts run pair -- bash` is a shell in one.";

/** What to do about EACCES where it is not about broadcasts. */
export const PROHIBITED =
  "A route prohibits it: `ip route get ADDRESS` shows what the kernel would do.";

/** What to do about EINVAL of a packet to some address. */
export const BLACKHOLE =
  "A blackhole route leads there: `ip route` shows it. Or the packet has its " +
  "own header, which says that it is longer than the packet.";

function remedyFor({ syscall, errno }: SocketFailure): string | undefined {
  switch (errno) {
    case EPERM:
    case EACCES:
      if (syscall === "socket") return NEEDS_RAW;
      if (syscall === "setns") {
        return "Entering a network namespace needs root (CAP_SYS_ADMIN).";
      }
      if (syscall === "connect") return PROHIBITED;
      if (!syscall.startsWith("send")) return undefined;
      return errno === EACCES
        ? "It is a broadcast address: open the socket with broadcast: true. " +
          "If it is none, a route prohibits it: `ip route get ADDRESS` tells."
        : "A firewall rule of this host refused it; `nft list ruleset` shows them.";
    case EMSGSIZE:
      return "It is longer than the MTU of the interface (`ip link` shows it) " +
        "or than any packet can be; send less, or fragment it first.";
    case ENOBUFS:
      return "The send buffer, or the queue of the interface (`tc -s qdisc` " +
        "shows it), has no room for it: open the socket with more " +
        "sendBufferBytes, or send slower, as sendMany does.";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return "No route leads there: `ip route get ADDRESS` shows what the " +
        "kernel would do, `ip route add` adds one.";
    case EINVAL:
      return syscall === "connect" ? BLACKHOLE : undefined;
    case EADDRNOTAVAIL:
      return "No interface of this host has that address; `ip address` lists " +
        "those it has.";
    case ENODEV:
      return "There is no such interface; `ip link` lists them.";
    case ENOENT:
      return syscall === "open"
        ? "There is no such network namespace; `ip netns list` lists them."
        : undefined;
    case EPROTONOSUPPORT:
      return "Linux has no raw sockets of protocol 0. Packets of it can be " +
        "sent under a header of one's own, as spoof and craft send them.";
    case EMFILE:
      return "The process has too many files open; `ulimit -n` shows the limit.";
  }
}
