/**
 * Linux's libc: the symbols that raw4 calls, each with its C declaration.
 *
 * Lengths are declared 32 bits wide and `ssize_t` results as `i32`, which is
 * right on little-endian 64-bit machines below 2 GiB, and many times faster
 * than passing a number as `usize`.
 *
 * A call that fails returns its error number negated, as system calls do in
 * the kernel, and not -1 (but for those on other threads, whose errno is lost).
 * This thread's is read in the very expression that follows the call: any
 * function entered in between, even one that only returns it, may be where V8
 * stops to collect garbage or to compile, which has overwritten errno now and
 * then: a lock that is waited for can leave EAGAIN there.
 *
 * @module
 */

import { holding } from "../held.ts";

export { system } from "./system.ts";

const LIBRARY = "libc.so.6";

/** A function that returns an `int`, or a length that fits into one. */
const int = <const Types extends readonly Deno.NativeType[]>(
  ...parameters: Types
) => ({ parameters, result: "i32" } as const);

const SYMBOLS = {
  /** int socket(int domain, int type, int protocol) */
  socket: int("i32", "i32", "i32"),
  /** int close(int fd) */
  close: int("i32"),
  /** int bind(int fd, const struct sockaddr *addr, socklen_t addrlen) */
  bind: int("i32", "buffer", "u32"),
  /** int connect(int fd, const struct sockaddr *addr, socklen_t addrlen) */
  connect: int("i32", "buffer", "u32"),
  /** int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen) */
  getsockname: int("i32", "buffer", "buffer"),
  /** int setsockopt(int fd, int level, int name, const void *value, socklen_t length) */
  setsockopt: int("i32", "i32", "i32", "buffer", "u32"),
  /** int getsockopt(int fd, int level, int name, void *value, socklen_t *length) */
  getsockopt: int("i32", "i32", "i32", "buffer", "buffer"),
  /** ssize_t sendto(int fd, const void *buf, size_t length, int flags, const struct sockaddr *addr, socklen_t addrlen) */
  sendto: int("i32", "buffer", "u32", "i32", "buffer", "u32"),
  /** int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) */
  sendmmsg: int("i32", "buffer", "u32", "i32"),
  /** The same, on another thread: its errno is lost. */
  sendmmsgInBackground: {
    name: "sendmmsg",
    parameters: ["i32", "buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout) */
  recvmmsg: int("i32", "buffer", "u32", "i32", "pointer"),
  /** int ioctl(int fd, unsigned long request, ...) */
  ioctl: int("i32", "usize", "buffer"),
  /** int fcntl(int fd, int command, ...) */
  fcntl: int("i32", "i32", "i32"),
  /** int clock_gettime(clockid_t clock, struct timespec *time) */
  clock_gettime: int("i32", "buffer"),
  /** int poll(struct pollfd *fds, nfds_t count, int timeoutMs) */
  poll: int("buffer", "u32", "i32"),
  /** The same, on another thread: its errno is lost. */
  pollInBackground: {
    name: "poll",
    parameters: ["buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** int eventfd(unsigned int value, int flags) */
  eventfd: int("u32", "i32"),
  /** ssize_t read(int fd, void *buf, size_t count) */
  read: int("i32", "buffer", "u32"),
  /** ssize_t write(int fd, const void *buf, size_t count) */
  write: int("i32", "buffer", "u32"),
  /** int open(const char *path, int flags, ...) */
  open: int("buffer", "i32"),
  /** ssize_t readlink(const char *path, char *buf, size_t size) */
  readlink: int("buffer", "buffer", "u32"),
  /** DIR *opendir(const char *path) */
  opendir: { parameters: ["buffer"], result: "pointer" },
  /** struct dirent *readdir(DIR *directory) */
  readdir: { parameters: ["pointer"], result: "pointer" },
  /** int closedir(DIR *directory) */
  closedir: int("pointer"),
  /** int kill(pid_t process, int signal) */
  kill: int("i32", "i32"),
  /** int execv(const char *path, char *const arguments[]) */
  execv: int("buffer", "buffer"),
  /** char *getenv(const char *name) */
  getenv: { parameters: ["buffer"], result: "pointer" },
  /** int sigaction(int signal, const struct sigaction *action, struct sigaction *old) */
  sigaction: int("i32", "buffer", "buffer"),
  /** int setns(int fd, int type) */
  setns: int("i32", "i32"),
  /** int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) */
  getaddrinfo: {
    parameters: ["buffer", "pointer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  /** int getnameinfo(const struct sockaddr *addr, socklen_t addrlen, char *host, socklen_t hostlen, char *service, socklen_t servicelen, int flags) */
  getnameinfo: {
    parameters: ["buffer", "u32", "buffer", "u32", "pointer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** void freeaddrinfo(struct addrinfo *result) */
  freeaddrinfo: { parameters: ["pointer"], result: "void" },
  /** const char *gai_strerror(int code) */
  gai_strerror: { parameters: ["i32"], result: "pointer" },
  /** int *__errno_location(void) */
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** libc's functions, with the results that the head of this file tells of. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

type Name = keyof typeof SYMBOLS;
type Call = (...args: unknown[]) => number;

/** Those often called, each with its own call, which V8 then makes directly. */
const OFTEN: Partial<Record<Name, (call: Call, errno: Int32Array) => Call>> = {
  sendto: (call, errno) => (fd, bytes, length, flags, to, toLength) => {
    const sent = call(fd, bytes, length, flags, to, toLength);
    return sent < 0 ? -errno[0] : sent;
  },
  sendmmsg: (call, errno) => (fd, messages, count, flags) => {
    const sent = call(fd, messages, count, flags);
    return sent < 0 ? -errno[0] : sent;
  },
  recvmmsg: (call, errno) => (fd, messages, count, flags, timeout) => {
    const got = call(fd, messages, count, flags, timeout);
    return got < 0 ? -errno[0] : got;
  },
  // It does not fail.
  clock_gettime: (call) => call,
};

/**
 * Linux's libc. Each function is opened when it is first asked for, since to
 * open one takes a tenth of a millisecond, and no script calls half of them.
 */
export function openLibc(): Libc {
  const location = openSymbol("__errno_location")() as Deno.PointerObject;
  const errno = new Int32Array(
    Deno.UnsafePointerView.getArrayBuffer(location, 4),
  );
  const libc = {} as Libc;
  for (const name of Object.keys(SYMBOLS) as Name[]) {
    const get = () => {
      const value = openTelling(name, errno);
      Object.defineProperty(libc, name, { value });
      return value;
    };
    Object.defineProperty(libc, name, { get, configurable: true });
  }
  return libc;
}

const VERSION = {
  /** const char *gnu_get_libc_version(void) */
  gnu_get_libc_version: { parameters: [], result: "pointer" },
} as const;

/**
 * The version of the GNU C library, as a pointer to a C string.
 *
 * @throws {Error} if it is another one
 */
export function glibcVersion(): Deno.PointerValue {
  return Deno.dlopen(LIBRARY, VERSION).symbols.gnu_get_libc_version();
}

function openSymbol<N extends Name>(name: N): Libc[N] {
  const declaration = { [name]: SYMBOLS[name] };
  const { symbols } = Deno.dlopen(LIBRARY, declaration);
  return holding(symbols, declaration)[name] as Libc[N];
}

/** A function that tells the error number, where it may fail on this thread. */
function openTelling(name: Name, errno: Int32Array): unknown {
  const call = openSymbol(name) as Call;
  const { result, ...rest } = SYMBOLS[name];
  if (result !== "i32" || "nonblocking" in rest) return call;
  return OFTEN[name]?.(call, errno) ?? ((...args: unknown[]) => {
    const result = call(...args);
    return result < 0 ? -errno[0] : result;
  });
}
