/**
 * macOS' error numbers (xnu: bsd/sys/errno.h) in Linux's. Up to 34 they are the
 * same, but for one.
 *
 * @module
 */

import {
  EADDRNOTAVAIL,
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETDOWN,
  ENETUNREACH,
  ENOBUFS,
  ENOPROTOOPT,
  EPROTO,
  EPROTONOSUPPORT,
} from "../errno.ts";

/** Linux's, which nothing else asks for by name. */
export const ENOSYS = 38;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;

const LINUX: Readonly<Record<number, number>> = {
  11: 35, // EDEADLK
  35: EAGAIN,
  38: 88, // ENOTSOCK
  39: 89, // EDESTADDRREQ
  40: EMSGSIZE,
  41: 91, // EPROTOTYPE
  42: ENOPROTOOPT,
  43: EPROTONOSUPPORT,
  44: 94, // ESOCKTNOSUPPORT
  45: EOPNOTSUPP,
  47: EAFNOSUPPORT,
  48: 98, // EADDRINUSE
  49: EADDRNOTAVAIL,
  50: ENETDOWN,
  51: ENETUNREACH,
  52: 102, // ENETRESET
  53: 103, // ECONNABORTED
  54: 104, // ECONNRESET
  55: ENOBUFS,
  56: 106, // EISCONN
  57: 107, // ENOTCONN
  60: 110, // ETIMEDOUT
  61: ECONNREFUSED,
  62: 40, // ELOOP
  63: 36, // ENAMETOOLONG
  64: 112, // EHOSTDOWN
  65: EHOSTUNREACH,
  78: ENOSYS,
  84: 75, // EOVERFLOW
  100: EPROTO,
  102: EOPNOTSUPP, // of what is no socket
};

/** Linux's number for an error. */
export function toLinuxErrno(errno: number): number {
  return LINUX[errno] ?? errno;
}
