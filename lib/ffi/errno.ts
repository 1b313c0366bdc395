/**
 * The names of Linux's error numbers: those that socket calls return.
 *
 * @module
 */

export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EAGAIN = 11;
export const EACCES = 13;
export const ENODEV = 19;
export const EINVAL = 22;
export const EMFILE = 24;
export const EMSGSIZE = 90;
export const EPROTONOSUPPORT = 93;
export const EADDRNOTAVAIL = 99;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const EHOSTUNREACH = 113;
export const EPROTO = 71;
export const ENOPROTOOPT = 92;
export const ECONNREFUSED = 111;

const NAMES: Readonly<Record<number, string>> = {
  [EPERM]: "EPERM",
  [ENOENT]: "ENOENT",
  [EINTR]: "EINTR",
  5: "EIO",
  6: "ENXIO",
  9: "EBADF",
  [EAGAIN]: "EAGAIN",
  12: "ENOMEM",
  [EACCES]: "EACCES",
  14: "EFAULT",
  16: "EBUSY",
  17: "EEXIST",
  [ENODEV]: "ENODEV",
  20: "ENOTDIR",
  [EINVAL]: "EINVAL",
  23: "ENFILE",
  [EMFILE]: "EMFILE",
  28: "ENOSPC",
  32: "EPIPE",
  36: "ENAMETOOLONG",
  38: "ENOSYS",
  [EPROTO]: "EPROTO",
  75: "EOVERFLOW",
  88: "ENOTSOCK",
  89: "EDESTADDRREQ",
  [EMSGSIZE]: "EMSGSIZE",
  [ENOPROTOOPT]: "ENOPROTOOPT",
  [EPROTONOSUPPORT]: "EPROTONOSUPPORT",
  94: "ESOCKTNOSUPPORT",
  95: "EOPNOTSUPP",
  97: "EAFNOSUPPORT",
  98: "EADDRINUSE",
  [EADDRNOTAVAIL]: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  [ENETUNREACH]: "ENETUNREACH",
  102: "ENETRESET",
  103: "ECONNABORTED",
  104: "ECONNRESET",
  [ENOBUFS]: "ENOBUFS",
  107: "ENOTCONN",
  110: "ETIMEDOUT",
  [ECONNREFUSED]: "ECONNREFUSED",
  112: "EHOSTDOWN",
  [EHOSTUNREACH]: "EHOSTUNREACH",
};

/** The name of an error number, such as `EPERM`. */
export function errnoName(errno: number): string {
  return NAMES[errno] ?? `errno ${errno}`;
}
