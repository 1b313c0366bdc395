/**
 * The functions of macOS' libSystem that raw4 calls, each with its C
 * declaration.
 *
 * None takes a variable number of arguments, as `fcntl`, `ioctl` and `open` do:
 * on Apple's arm64 such arguments are passed on the stack, where an ordinary
 * call, as FFI makes it, puts them into registers.
 *
 * @module
 */

import { holding } from "../held.ts";
import { toLinuxErrno } from "./errors.ts";

/** By their names there, or by names of ours that tell the one there. */
export const SYMBOLS = {
  /** int socket(int domain, int type, int protocol) */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** int socketpair(int domain, int type, int protocol, int fds[2]) */
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
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
  /** ssize_t recv(int fd, void *buf, size_t length, int flags) */
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  /** ssize_t recvmsg(int fd, struct msghdr *message, int flags) */
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
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
  /** int kill(pid_t process, int signal) */
  kill: { parameters: ["i32", "i32"], result: "i32" },
  /** char *getenv(const char *name) */
  getenv: { parameters: ["buffer"], result: "pointer" },
  /** int sigaction(int signal, const struct sigaction *action, struct sigaction *old) */
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  /** unsigned int if_nametoindex(const char *name) */
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  /** char *if_indextoname(unsigned int index, char *name) */
  if_indextoname: { parameters: ["u32", "buffer"], result: "pointer" },
  /** int getifaddrs(struct ifaddrs **list) */
  getifaddrs: { parameters: ["buffer"], result: "i32" },
  /** void freeifaddrs(struct ifaddrs *list) */
  freeifaddrs: { parameters: ["pointer"], result: "void" },
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
  /** int *__error(void) */
  __error: { parameters: [], result: "pointer" },
} as const;

/** The functions; those that fail return Linux's error number, negated. */
export type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

type Name = keyof typeof SYMBOLS;
type Call = (...args: unknown[]) => number;

/** Opens each function when it is first called, as Linux's are. */
export function openSymbols(library: string): Symbols {
  const open = (name: Name): unknown => {
    const declaration = { [name]: SYMBOLS[name] };
    const { symbols } = Deno.dlopen(library, declaration);
    return holding(symbols, declaration)[name];
  };
  const location = (open("__error") as Symbols["__error"])();
  const errno = new Int32Array(
    Deno.UnsafePointerView.getArrayBuffer(location as Deno.PointerObject, 4),
  );
  const symbols = {} as Symbols;
  for (const name of Object.keys(SYMBOLS) as Name[]) {
    const get = () => {
      const call = open(name) as Call;
      const { result, ...rest } = SYMBOLS[name];
      const value = result !== "i32" || "nonblocking" in rest
        ? call
        : (...args: unknown[]) => {
          const result = call(...args);
          return result < 0 ? -toLinuxErrno(errno[0]) : result;
        };
      Object.defineProperty(symbols, name, { value });
      return value;
    };
    Object.defineProperty(symbols, name, { get, configurable: true });
  }
  return symbols;
}
