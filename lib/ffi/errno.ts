/**
 * Linux's error numbers, their names and words: those that socket calls return.
 *
 * @module
 */

export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EIO = 5;
export const ENXIO = 6;
export const EAGAIN = 11;
export const EACCES = 13;
export const ENODEV = 19;
export const EINVAL = 22;
export const EMFILE = 24;
export const EMSGSIZE = 90;
export const EPROTONOSUPPORT = 93;
export const EADDRNOTAVAIL = 99;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const EHOSTUNREACH = 113;
export const EPROTO = 71;
export const ENOPROTOOPT = 92;
export const ECONNREFUSED = 111;

/** Each with what glibc says, which is here for systems whose numbers differ. */
const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  [EPERM]: ["EPERM", "Operation not permitted"],
  [ENOENT]: ["ENOENT", "No such file or directory"],
  [EINTR]: ["EINTR", "Interrupted system call"],
  [EIO]: ["EIO", "Input/output error"],
  [ENXIO]: ["ENXIO", "No such device or address"],
  7: ["E2BIG", "Argument list too long"],
  8: ["ENOEXEC", "Exec format error"],
  9: ["EBADF", "Bad file descriptor"],
  [EAGAIN]: ["EAGAIN", "Resource temporarily unavailable"],
  12: ["ENOMEM", "Cannot allocate memory"],
  [EACCES]: ["EACCES", "Permission denied"],
  14: ["EFAULT", "Bad address"],
  16: ["EBUSY", "Device or resource busy"],
  17: ["EEXIST", "File exists"],
  [ENODEV]: ["ENODEV", "No such device"],
  20: ["ENOTDIR", "Not a directory"],
  [EINVAL]: ["EINVAL", "Invalid argument"],
  23: ["ENFILE", "Too many open files in system"],
  [EMFILE]: ["EMFILE", "Too many open files"],
  28: ["ENOSPC", "No space left on device"],
  32: ["EPIPE", "Broken pipe"],
  36: ["ENAMETOOLONG", "File name too long"],
  38: ["ENOSYS", "Function not implemented"],
  [EPROTO]: ["EPROTO", "Protocol error"],
  75: ["EOVERFLOW", "Value too large for defined data type"],
  88: ["ENOTSOCK", "Socket operation on non-socket"],
  89: ["EDESTADDRREQ", "Destination address required"],
  [EMSGSIZE]: ["EMSGSIZE", "Message too long"],
  [ENOPROTOOPT]: ["ENOPROTOOPT", "Protocol not available"],
  [EPROTONOSUPPORT]: ["EPROTONOSUPPORT", "Protocol not supported"],
  94: ["ESOCKTNOSUPPORT", "Socket type not supported"],
  95: ["EOPNOTSUPP", "Operation not supported"],
  97: ["EAFNOSUPPORT", "Address family not supported by protocol"],
  98: ["EADDRINUSE", "Address already in use"],
  [EADDRNOTAVAIL]: ["EADDRNOTAVAIL", "Cannot assign requested address"],
  [ENETDOWN]: ["ENETDOWN", "Network is down"],
  [ENETUNREACH]: ["ENETUNREACH", "Network is unreachable"],
  102: ["ENETRESET", "Network dropped connection on reset"],
  103: ["ECONNABORTED", "Software caused connection abort"],
  104: ["ECONNRESET", "Connection reset by peer"],
  [ENOBUFS]: ["ENOBUFS", "No buffer space available"],
  107: ["ENOTCONN", "Transport endpoint is not connected"],
  110: ["ETIMEDOUT", "Connection timed out"],
  [ECONNREFUSED]: ["ECONNREFUSED", "Connection refused"],
  112: ["EHOSTDOWN", "Host is down"],
  [EHOSTUNREACH]: ["EHOSTUNREACH", "No route to host"],
};

/** The name of an error number, such as `EPERM`. */
export function errnoName(errno: number): string {
  return ERRORS[errno]?.[0] ?? `errno ${errno}`;
}

/** An error number in words, such as `Operation not permitted`. */
export function strerror(errno: number): string {
  return ERRORS[errno]?.[1] ?? `Unknown error ${errno}`;
}
