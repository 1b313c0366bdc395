import { assertEquals } from "@std/assert";
import { toLinuxErrno } from "../../../lib/ffi/darwin/errors.ts";
import { errnoName } from "../../../lib/ffi/errno.ts";

/** xnu: bsd/sys/errno.h. */
const DARWIN: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  ENODEV: 19,
  EINVAL: 22,
  EMFILE: 24,
  EPIPE: 32,
  EAGAIN: 35,
  ENOTSOCK: 38,
  EDESTADDRREQ: 39,
  EMSGSIZE: 40,
  ENOPROTOOPT: 42,
  EPROTONOSUPPORT: 43,
  ESOCKTNOSUPPORT: 44,
  EOPNOTSUPP: 45,
  EAFNOSUPPORT: 47,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ENETDOWN: 50,
  ENETUNREACH: 51,
  ENETRESET: 52,
  ECONNABORTED: 53,
  ECONNRESET: 54,
  ENOBUFS: 55,
  ENOTCONN: 57,
  ETIMEDOUT: 60,
  ECONNREFUSED: 61,
  ENAMETOOLONG: 63,
  EHOSTDOWN: 64,
  EHOSTUNREACH: 65,
  ENOSYS: 78,
  EOVERFLOW: 84,
  EPROTO: 100,
};

Deno.test("toLinuxErrno() keeps an error's name", () => {
  for (const [name, number] of Object.entries(DARWIN)) {
    assertEquals(errnoName(toLinuxErrno(number)), name);
  }
});
