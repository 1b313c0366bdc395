/**
 * Winsock's error numbers, from winsock2.h, as Linux' numbers.
 *
 * @module
 */

/** Windows' number less 10,000, and Linux' own. */
const ERRNO: Readonly<Record<number, number>> = {
  4: 4, // EINTR
  9: 9, // EBADF
  13: 13, // EACCES
  14: 14, // EFAULT
  22: 22, // EINVAL
  24: 24, // EMFILE
  35: 11, // EWOULDBLOCK, EAGAIN
  38: 88, // ENOTSOCK
  39: 89, // EDESTADDRREQ
  40: 90, // EMSGSIZE
  42: 92, // ENOPROTOOPT
  43: 93, // EPROTONOSUPPORT
  44: 94, // ESOCKTNOSUPPORT
  45: 95, // EOPNOTSUPP
  47: 97, // EAFNOSUPPORT
  48: 98, // EADDRINUSE
  49: 99, // EADDRNOTAVAIL
  50: 100, // ENETDOWN
  51: 101, // ENETUNREACH
  52: 102, // ENETRESET
  53: 103, // ECONNABORTED
  54: 104, // ECONNRESET
  55: 105, // ENOBUFS
  57: 107, // ENOTCONN
  60: 110, // ETIMEDOUT
  61: 111, // ECONNREFUSED
  64: 112, // EHOSTDOWN
  65: 113, // EHOSTUNREACH
};

const FIRST = 10_000;
/** What is none of those: EIO. */
const UNKNOWN = 5;

/** Linux' number for what `WSAGetLastError` tells. */
export function toErrno(error: number): number {
  return ERRNO[error - FIRST] ?? UNKNOWN;
}

/** What the resolver says, by its number; Windows has no function for it. */
export function resolverReason(code: number): string {
  switch (code) {
    case 11_001:
      return "no such host is known";
    case 11_002:
      return "no name server answered: try again";
    case 11_004:
      return "the name has no address of that kind";
    default:
      return `the resolver failed (${code})`;
  }
}
