/**
 * libc, opened when it is first needed: the symbols that raw4 calls, each with
 * its C declaration.
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

const SYMBOLS = {
  /** int socket(int domain, int type, int protocol) */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** int close(int fd) */
  close: { parameters: ["i32"], result: "i32" },
  /** int bind(int fd, const struct sockaddr *addr, socklen_t addrlen) */
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** int connect(int fd, const struct sockaddr *addr, socklen_t addrlen) */
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen) */
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  /** int setsockopt(int fd, int level, int name, const void *value, socklen_t length) */
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  /** int getsockopt(int fd, int level, int name, void *value, socklen_t *length) */
  getsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  /** ssize_t sendto(int fd, const void *buf, size_t length, int flags, const struct sockaddr *addr, socklen_t addrlen) */
  sendto: {
    parameters: ["i32", "buffer", "u32", "i32", "buffer", "u32"],
    result: "i32",
  },
  /** int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) */
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  /** The same, on another thread: its errno is lost. */
  sendmmsgInBackground: {
    name: "sendmmsg",
    parameters: ["i32", "buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout) */
  recvmmsg: {
    parameters: ["i32", "buffer", "u32", "i32", "pointer"],
    result: "i32",
  },
  /** int ioctl(int fd, unsigned long request, ...) */
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  /** int fcntl(int fd, int command, ...) */
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** int clock_gettime(clockid_t clock, struct timespec *time) */
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  /** int poll(struct pollfd *fds, nfds_t count, int timeoutMs) */
  poll: { parameters: ["buffer", "u32", "i32"], result: "i32" },
  /** The same, on another thread: its errno is lost. */
  pollInBackground: {
    name: "poll",
    parameters: ["buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** int eventfd(unsigned int value, int flags) */
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  /** ssize_t read(int fd, void *buf, size_t count) */
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** ssize_t write(int fd, const void *buf, size_t count) */
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** int open(const char *path, int flags, ...) */
  open: { parameters: ["buffer", "i32"], result: "i32" },
  /** ssize_t readlink(const char *path, char *buf, size_t size) */
  readlink: { parameters: ["buffer", "buffer", "u32"], result: "i32" },
  /** DIR *opendir(const char *path) */
  opendir: { parameters: ["buffer"], result: "pointer" },
  /** struct dirent *readdir(DIR *directory) */
  readdir: { parameters: ["pointer"], result: "pointer" },
  /** int closedir(DIR *directory) */
  closedir: { parameters: ["pointer"], result: "i32" },
  /** int setns(int fd, int type) */
  setns: { parameters: ["i32", "i32"], result: "i32" },
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
  /** char *strerror(int errno) */
  strerror: { parameters: ["i32"], result: "pointer" },
  /** int *__errno_location(void) */
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** libc's functions, as {@linkcode libc} hands them out. */
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

let symbols: Libc | undefined;

/**
 * libc's functions. Each is opened when it is first asked for, since to open
 * one takes a tenth of a millisecond, and no script calls half of them.
 *
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`
 * @throws {Deno.errors.NotSupported} on other systems than Linux
 */
export function libc(): Libc {
  return symbols ??= open();
}

function open(): Libc {
  if (Deno.build.os !== "linux") {
    throw new Deno.errors.NotSupported(
      `raw4 sends and receives on Linux only so far, and this is ${Deno.build.os}`,
    );
  }
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

function openSymbol<N extends Name>(name: N): Libc[N] {
  const declaration = { [name]: SYMBOLS[name] };
  return Deno.dlopen("libc.so.6", declaration).symbols[name] as Libc[N];
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

/** An error number in libc's words, such as `Operation not permitted`. */
export function strerror(errno: number): string {
  return cString(libc().strerror(errno));
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
