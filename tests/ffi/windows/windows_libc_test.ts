/** Linux' numbers in, Windows' out: with a Winsock that only notes its calls. */

import { assertEquals } from "@std/assert";
import { errnoName } from "../../../lib/ffi/errno.ts";
import * as LINUX from "../../../lib/ffi/linux/numbers.ts";
import { resolverReason, toErrno } from "../../../lib/ffi/windows/errors.ts";
import { openLibc } from "../../../lib/ffi/windows/libc.ts";

/** From winsock2.h, by name. */
const WSA: Readonly<Record<string, number>> = {
  EINTR: 10_004,
  EBADF: 10_009,
  EACCES: 10_013,
  EINVAL: 10_022,
  EMFILE: 10_024,
  EAGAIN: 10_035,
  ENOTSOCK: 10_038,
  EMSGSIZE: 10_040,
  ENOPROTOOPT: 10_042,
  EPROTONOSUPPORT: 10_043,
  EAFNOSUPPORT: 10_047,
  EADDRINUSE: 10_048,
  EADDRNOTAVAIL: 10_049,
  ENETDOWN: 10_050,
  ENETUNREACH: 10_051,
  ENOBUFS: 10_055,
  ECONNREFUSED: 10_061,
  EHOSTUNREACH: 10_065,
};

Deno.test("toErrno() gives Windows' errors the names that Linux has for them", () => {
  for (const [name, error] of Object.entries(WSA)) {
    assertEquals(errnoName(toErrno(error)), name);
  }
  assertEquals(errnoName(toErrno(11_050)), "EIO");
});

Deno.test("resolverReason() words what the resolver says", () => {
  assertEquals(resolverReason(11_001), "no such host is known");
  assertEquals(resolverReason(8), "the resolver failed (8)");
});

/** A Winsock that succeeds in all, or fails with an error, and notes calls. */
function fake({ error = 0 } = {}) {
  const calls: string[] = [];
  const winsock = new Proxy({}, {
    get: (_, name: string) => (...args: unknown[]) => {
      if (name === "WSAGetLastError") return error;
      const numbers = args.filter((arg) => typeof arg !== "object");
      calls.push(`${name} ${numbers.join(" ")}`);
      if (error !== 0) return -1;
      return name === "socket" ? 188 : name === "recvfrom" ? 20 : 0;
    },
  });
  const kernel = {
    QueryPerformanceFrequency: (value: BigInt64Array) => value[0] = 10n,
    QueryPerformanceCounter: (value: BigInt64Array) => value[0] = 25n,
    GetSystemTimePreciseAsFileTime: (value: BigInt64Array) =>
      value[0] = 116_444_736_000_000_000n + 15_000_000n,
    Sleep: () => {},
  };
  type Args = Parameters<typeof openLibc>;
  const libc = openLibc(winsock as Args[0], kernel as unknown as Args[1]);
  return { libc, calls };
}

/** An option of Linux, and the call that Windows gets for it; none at all. */
const OPTIONS: [level: number, name: number, call: string | undefined][] = [
  [LINUX.SOL_SOCKET, LINUX.SO_BROADCAST, "65535 32"],
  [LINUX.SOL_SOCKET, LINUX.SO_SNDBUF, "65535 4097"],
  [LINUX.SOL_SOCKET, LINUX.SO_RCVBUF, "65535 4098"],
  [LINUX.SOL_SOCKET, LINUX.SO_SNDBUFFORCE, "65535 4097"],
  [LINUX.SOL_SOCKET, LINUX.SO_RCVBUFFORCE, "65535 4098"],
  [LINUX.IPPROTO_IP, LINUX.IP_TOS, "0 3"],
  [LINUX.IPPROTO_IP, LINUX.IP_TTL, "0 4"],
  [LINUX.IPPROTO_IP, LINUX.IP_HDRINCL, "0 2"],
  [LINUX.IPPROTO_IP, LINUX.IP_MULTICAST_TTL, "0 10"],
  [LINUX.IPPROTO_IP, LINUX.IP_PKTINFO, undefined],
  [LINUX.IPPROTO_IP, LINUX.IP_MTU_DISCOVER, undefined],
  [LINUX.IPPROTO_IP, LINUX.IP_NODEFRAG, undefined],
  [LINUX.SOL_SOCKET, LINUX.SO_TIMESTAMPNS, undefined],
  [LINUX.SOL_RAW, LINUX.ICMP_FILTER, undefined],
];

Deno.test("setsockopt() takes Linux' options, by Windows' numbers", () => {
  const { libc, calls } = fake();
  const fd = libc.socket(LINUX.AF_INET, LINUX.SOCK_RAW | LINUX.SOCK_CLOEXEC, 1);
  for (const [level, name, call] of OPTIONS) {
    calls.length = 0;
    const value = Int32Array.of(1);
    assertEquals(libc.setsockopt(fd, level, name, value, 4), 0);
    const wanted = call === undefined ? [] : [`setsockopt 188 ${call} 4`];
    assertEquals(calls, wanted, `${level} ${name}`);
  }
  const unknown = LINUX.SO_BINDTODEVICE;
  const result = libc.setsockopt(fd, 1, unknown, new Int32Array(1), 4);
  assertEquals(errnoName(-result), "ENOPROTOOPT");
});

Deno.test("a raw socket is bound before anybody waits for it, as Windows wants", async () => {
  const { libc, calls } = fake();
  libc.socket(LINUX.AF_INET, LINUX.SOCK_RAW, 253);
  assertEquals(calls, ["socket 2 3 253", `ioctlsocket 188 ${0x8004667e | 0}`]);
  await Promise.resolve();
  assertEquals(calls.slice(2), ["bind 188 16"]);
  // One that was bound by then is not, once more.
  const bound = fake();
  const fd = bound.libc.socket(LINUX.AF_INET, LINUX.SOCK_RAW, 253);
  const address = Uint8Array.of(2, 0, 0, 0, 127, 0, 0, 1);
  bound.libc.bind(fd, address, 16);
  await Promise.resolve();
  assertEquals(bound.calls.slice(2), ["bind 188 8"]);
});

Deno.test("what Windows has no sockets for is refused without asking it", () => {
  const { libc, calls } = fake();
  for (const family of [LINUX.AF_PACKET, LINUX.AF_NETLINK]) {
    const fd = libc.socket(family, LINUX.SOCK_RAW, 0);
    assertEquals(errnoName(-fd), "EAFNOSUPPORT");
  }
  assertEquals(errnoName(-libc.open(new Uint8Array(1), 0)), "ENOENT");
  assertEquals(calls, []);
});

Deno.test("socket() tells an ordinary user EACCES", () => {
  const { libc } = fake({ error: WSA.EACCES });
  const fd = libc.socket(LINUX.AF_INET, LINUX.SOCK_RAW, 1);
  assertEquals(errnoName(-fd), "EACCES");
});

Deno.test("clock_gettime() reckons from 1970, and in nanoseconds", () => {
  const { libc } = fake();
  const time = new BigInt64Array(2);
  libc.clock_gettime(LINUX.CLOCK_REALTIME, time);
  assertEquals([...time], [1n, 500_000_000n]);
  libc.clock_gettime(LINUX.CLOCK_MONOTONIC, time);
  assertEquals([...time], [2n, 500_000_000n]);
});
