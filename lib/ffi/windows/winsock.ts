/**
 * Windows' own functions: those of ws2_32.dll and, for its clocks, of
 * kernel32.dll, each with its C declaration.
 *
 * @module
 */

import { holding } from "../held.ts";

const WS2_32 = {
  /** int WSAStartup(WORD version, WSADATA *data) */
  WSAStartup: { parameters: ["u16", "buffer"], result: "i32" },
  /** int WSAGetLastError(void) */
  WSAGetLastError: { parameters: [], result: "i32" },
  /** SOCKET socket(int family, int type, int protocol); handles have 32 bits */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** int closesocket(SOCKET s) */
  closesocket: { parameters: ["usize"], result: "i32" },
  /** int bind(SOCKET s, const struct sockaddr *name, int length) */
  bind: { parameters: ["usize", "buffer", "i32"], result: "i32" },
  /** int connect(SOCKET s, const struct sockaddr *name, int length) */
  connect: { parameters: ["usize", "buffer", "i32"], result: "i32" },
  /** int getsockname(SOCKET s, struct sockaddr *name, int *length) */
  getsockname: { parameters: ["usize", "buffer", "buffer"], result: "i32" },
  /** int setsockopt(SOCKET s, int level, int name, const char *value, int length) */
  setsockopt: {
    parameters: ["usize", "i32", "i32", "buffer", "i32"],
    result: "i32",
  },
  /** int getsockopt(SOCKET s, int level, int name, char *value, int *length) */
  getsockopt: {
    parameters: ["usize", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  /** int ioctlsocket(SOCKET s, long command, u_long *argument) */
  ioctlsocket: { parameters: ["usize", "i32", "buffer"], result: "i32" },
  /** int sendto(SOCKET s, const char *buffer, int length, int flags, const struct sockaddr *to, int toLength) */
  sendto: {
    parameters: ["usize", "buffer", "i32", "i32", "buffer", "i32"],
    result: "i32",
  },
  /** int recvfrom(SOCKET s, char *buffer, int length, int flags, struct sockaddr *from, int *fromLength) */
  recvfrom: {
    parameters: ["usize", "buffer", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  /** int WSAPoll(WSAPOLLFD *fds, ULONG count, int timeoutMs) */
  WSAPoll: { parameters: ["buffer", "u32", "i32"], result: "i32" },
  /** The same, on another thread. */
  pollInBackground: {
    name: "WSAPoll",
    parameters: ["buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** int getaddrinfo(const char *node, const char *service, const ADDRINFOA *hints, ADDRINFOA **result) */
  getaddrinfo: {
    parameters: ["buffer", "pointer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  /** int getnameinfo(const SOCKADDR *address, int length, char *host, DWORD hostLength, char *service, DWORD serviceLength, int flags) */
  getnameinfo: {
    parameters: ["buffer", "i32", "buffer", "u32", "pointer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** void freeaddrinfo(ADDRINFOA *info) */
  freeaddrinfo: { parameters: ["pointer"], result: "void" },
} as const;

const KERNEL32 = {
  /** void GetSystemTimePreciseAsFileTime(FILETIME *time) */
  GetSystemTimePreciseAsFileTime: { parameters: ["buffer"], result: "void" },
  /** BOOL QueryPerformanceCounter(LARGE_INTEGER *count) */
  QueryPerformanceCounter: { parameters: ["buffer"], result: "i32" },
  /** BOOL QueryPerformanceFrequency(LARGE_INTEGER *frequency) */
  QueryPerformanceFrequency: { parameters: ["buffer"], result: "i32" },
  /** void Sleep(DWORD ms) */
  Sleep: { parameters: ["u32"], result: "void" },
} as const;

/** Winsock's functions. */
export type Winsock = Deno.DynamicLibrary<typeof WS2_32>["symbols"];

/** Version 2.2, and room for what Windows says of it (WSADATA). */
const VERSION = 0x0202;
const WSADATA_SIZE = 408;

/** Opens Winsock, and starts it for this process. */
export function openWinsock(): Winsock {
  const symbols = holding(Deno.dlopen("ws2_32.dll", WS2_32).symbols, WS2_32);
  symbols.WSAStartup(VERSION, new Uint8Array(WSADATA_SIZE));
  return symbols;
}

/** The functions of Windows' kernel that tell the time. */
export function openKernel() {
  return Deno.dlopen("kernel32.dll", KERNEL32).symbols;
}

/** Where Windows' socket addresses differ from Linux': the number of IPv6. */
const AF_INET6 = { LINUX: 10, WINDOWS: 23 } as const;

/** A family by Windows' number; Linux' own, but for IPv6. */
export function familyNumber(family: number): number {
  return family === AF_INET6.LINUX ? AF_INET6.WINDOWS : family;
}

/** A socket address as Windows has it. */
export function toWindows(
  address: BufferSource | null,
): Uint8Array<ArrayBuffer> | null {
  if (address === null) return null;
  const bytes = address as Uint8Array<ArrayBuffer>;
  if (bytes[0] !== AF_INET6.LINUX) return bytes;
  const copy = bytes.slice();
  copy[0] = AF_INET6.WINDOWS;
  return copy;
}

/** Makes a socket address, or a number of 16 bits, Linux' again. */
export function fromWindows(bytes: Uint8Array): void {
  if (bytes[0] === AF_INET6.WINDOWS) bytes[0] = AF_INET6.LINUX;
}
