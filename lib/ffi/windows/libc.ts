/**
 * Windows' sockets by libc's names: they take Linux' numbers and layouts, and
 * return Linux' error numbers, negated.
 *
 * What Windows enforces and Linux does not is obeyed here: a raw socket is bound
 * before it receives, and a header of one's own is complete.
 *
 * @module
 */

import type { Libc } from "../linux/libc.ts";
import { EchoSocket } from "./echo.ts";
import { IPV4_ECHO, IPV6_ECHO, openIphlpapi } from "./echo_calls.ts";
import { toErrno } from "./errors.ts";
import { namesOf } from "./names.ts";
import { getOption, type Remembered, setOption } from "./options.ts";
import { pollsOf } from "./polls.ts";
import { portGiven, trafficOf } from "./traffic.ts";
import { fromWindows, openKernel, openWinsock, toWindows } from "./winsock.ts";

export { system } from "./system.ts";

const ENOENT = 2;
const EINVAL = 22;
const ENODEV = 19;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
/** INVALID_HANDLE_VALUE */
const INVALID = 2n ** 64n - 1n;
/** Without SOCK_CLOEXEC. */
const TYPE_MASK = 0xf;
/** By family and protocol, who sends echo requests. */
const ECHOES = { "2,1": IPV4_ECHO, "10,58": IPV6_ECHO } as const;
const IPPROTO_RAW = 255;
const O_NONBLOCK = 0o4000;
const F_GETFL = 3;
/** Nanoseconds from 1601, where Windows begins, until 1970. */
const EPOCH_NS = 11_644_473_600_000_000_000n;
/** Descriptors of sockets that are none of Windows'. */
const OWN = 2 ** 30;

/** Opens Windows' sockets; in tests, made-up ones. */
export function openLibc(
  winsock = openWinsock(),
  kernel = openKernel(),
  openIcmp = openIphlpapi,
) {
  const sockets = new Map<number, Remembered>();
  const echoes = new Map<number, EchoSocket>();
  const failed = () => -toErrno(winsock.WSAGetLastError());
  const told = (result: number) => result < 0 ? failed() : result;

  const frequency = new BigInt64Array(1);
  kernel.QueryPerformanceFrequency(frequency);
  const clocks = [
    () => {
      const time = new BigInt64Array(1);
      kernel.GetSystemTimePreciseAsFileTime(time);
      return time[0] * 100n - EPOCH_NS;
    },
    () => {
      const count = new BigInt64Array(1);
      kernel.QueryPerformanceCounter(count);
      return count[0] * 1_000_000_000n / frequency[0];
    },
  ];
  const polls = pollsOf(winsock, kernel.Sleep, echoes, told);

  const traffic = trafficOf(winsock, told, { sockets, echoes, polls, clocks });
  const { open, bindToAny } = traffic;

  /** Of a source that is none, Windows would tell only the thread that sends. */
  const bindEcho = (echo: EchoSocket, address: Uint8Array<ArrayBuffer>) => {
    const own = toWindows(address)!;
    const fd = open(address[0], SOCK_DGRAM, 0);
    if (fd < 0) return fd;
    const result = told(winsock.bind(BigInt(fd), own, own.length));
    winsock.closesocket(BigInt(fd));
    if (result === 0) echo.source = address.slice();
    return result;
  };

  let opened = 0;
  const libc = {
    socket(domain: number, type: number, protocol: number) {
      const kind = type & TYPE_MASK;
      if (domain !== AF_INET && domain !== AF_INET6) return -EAFNOSUPPORT;
      const pair = `${domain},${protocol}`;
      if (kind === SOCK_DGRAM && pair in ECHOES) {
        const calls = ECHOES[pair as keyof typeof ECHOES];
        const api = openIcmp();
        const handle = calls.open(api);
        if (Deno.UnsafePointer.value(handle) === INVALID) return -EAFNOSUPPORT;
        const fd = OWN + opened++;
        const wire = [polls.wake, clocks[0]] as const;
        echoes.set(fd, new EchoSocket(api, calls, handle, ...wire));
        return fd;
      }
      const fd = open(domain, kind, protocol);
      if (fd < 0) return fd;
      sockets.set(fd, {
        ...{ type: kind, protocol, blocks: true, hasHeader: false },
        ...{ packetInfo: false, icmpMask: 0, isBound: false },
      });
      // Before anybody can be told that it is open, and after its options.
      if (kind === SOCK_RAW && protocol !== IPPROTO_RAW) {
        queueMicrotask(() => bindToAny(fd));
      }
      return fd;
    },
    close(fd: number) {
      const echo = echoes.get(fd);
      echo?.close();
      echoes.delete(fd);
      sockets.delete(fd);
      return echo ? 0 : told(winsock.closesocket(BigInt(fd)));
    },
    bind(fd: number, address: Uint8Array<ArrayBuffer>) {
      const echo = echoes.get(fd);
      if (echo !== undefined) return bindEcho(echo, address);
      const socket = sockets.get(fd);
      const own = toWindows(address)!;
      const result = told(winsock.bind(BigInt(fd), own, own.length));
      if (result === 0 && socket) socket.isBound = true;
      return result;
    },
    connect(fd: number, address: Uint8Array<ArrayBuffer>) {
      const to = toWindows(portGiven(address))!;
      return told(winsock.connect(BigInt(fd), to, to.length));
    },
    getsockname(fd: number, name: Uint8Array, length: BufferSource) {
      const echo = echoes.get(fd);
      if (echo !== undefined) {
        new DataView(name.buffer, name.byteOffset).setUint16(
          2,
          echo.identifier,
        );
        return 0;
      }
      const result = told(winsock.getsockname(BigInt(fd), name, length));
      fromWindows(name);
      return result;
    },
    setsockopt(fd: number, level: number, name: number, value: BufferSource) {
      const option = `${level},${name}`;
      const echo = echoes.get(fd);
      if (echo !== undefined) return echo.setOption(option, value);
      const socket = sockets.get(fd);
      if (socket === undefined) return -EINVAL;
      const done = setOption(winsock, fd, socket, option, value);
      return done === true ? 0 : done || failed();
    },
    getsockopt(
      fd: number,
      level: number,
      name: number,
      value: BufferSource,
      length: BufferSource,
    ) {
      const done = getOption(winsock, fd, `${level},${name}`, value, length);
      return done === true ? 0 : done || failed();
    },
    ...traffic.calls,
    // There are no interfaces by name, and no labs.
    ioctl: () => -ENODEV,
    fcntl(fd: number, command: number, flags: number) {
      const socket: { blocks: boolean } = sockets.get(fd) ?? { blocks: false };
      if (command === F_GETFL) return socket.blocks ? 0 : O_NONBLOCK;
      socket.blocks = (flags & O_NONBLOCK) === 0;
      return 0;
    },
    clock_gettime(clock: number, time: BigInt64Array) {
      const now = clocks[clock]();
      time[0] = now / 1_000_000_000n;
      time[1] = now % 1_000_000_000n;
      return 0;
    },
    ...polls.calls,
    ...namesOf(winsock),
    open: () => -ENOENT,
    readlink: () => -ENOENT,
    opendir: () => null,
    getenv: () => null,
    kill: () => -ENOSYS,
    setEchoWait: (fd: number, ms: number) => echoes.get(fd)?.setWait(ms),
    setFilter(fd: number, passes: Remembered["passes"]) {
      const socket = sockets.get(fd);
      if (socket !== undefined) socket.passes = passes;
    },
  };
  type Own = Pick<typeof libc, "setFilter" | "setEchoWait">;
  return libc as unknown as Libc & Own;
}
