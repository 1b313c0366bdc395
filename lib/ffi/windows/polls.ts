/**
 * Waiting for sockets, and being woken meanwhile: `poll`, and an eventfd, which
 * is a UDP socket here that speaks to itself.
 *
 * @module
 */

import type { EchoSocket } from "./echo.ts";
import type { Winsock } from "./winsock.ts";

/** `struct pollfd` of Linux. */
const LINUX = { SIZE: 8, EVENTS: 4, REVENTS: 6 } as const;
/** WSAPOLLFD */
const WINDOWS = { SIZE: 16, EVENTS: 8, REVENTS: 10 } as const;
/** Bits of both, by Linux' own: POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL. */
const BITS = [[1, 0x100], [4, 0x10], [8, 1], [0x10, 2], [0x20, 4]] as const;
const POLLIN = 1;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const FIONBIO = 0x8004667e | 0;
const LOOPBACK = Uint8Array.of(
  ...[AF_INET, 0, 0, 0, 127, 0, 0, 1],
  ...[0, 0, 0, 0, 0, 0, 0, 0],
);

/** Translates bits: from one side of the table to the other. */
function bits(value: number, from: 0 | 1): number {
  return BITS.reduce(
    (sum, pair) => value & pair[from] ? sum | pair[1 - from] : sum,
    0,
  );
}

/**
 * The calls that wait.
 *
 * @param echoes sockets that Windows does not know
 * @param told the result of a call, or its error number
 */
export function pollsOf(
  winsock: Winsock,
  sleep: (ms: number) => void,
  echoes: ReadonlyMap<number, EchoSocket>,
  told: (result: number) => number,
) {
  const wakers: number[] = [];

  const toWindows = (fds: DataView, count: number) => {
    const own = new DataView(new ArrayBuffer(count * WINDOWS.SIZE));
    for (let i = 0; i < count; i++) {
      const fd = fds.getInt32(i * LINUX.SIZE, true);
      const events = fds.getInt16(i * LINUX.SIZE + LINUX.EVENTS, true);
      const at = i * WINDOWS.SIZE;
      // Windows passes over what is no socket, by a number below 0.
      own.setBigInt64(at, echoes.has(fd) ? -1n : BigInt(fd), true);
      own.setInt16(at + WINDOWS.EVENTS, bits(events, 0), true);
    }
    return own;
  };

  /** Tells what is ready; of those that are not Windows', too. */
  const tell = (fds: DataView, own: DataView, count: number) => {
    let ready = 0;
    for (let i = 0; i < count; i++) {
      const echo = echoes.get(fds.getInt32(i * LINUX.SIZE, true));
      const revents = echo !== undefined
        ? echo.isReadable ? POLLIN : 0
        : bits(own.getInt16(i * WINDOWS.SIZE + WINDOWS.REVENTS, true), 1);
      fds.setInt16(i * LINUX.SIZE + LINUX.REVENTS, revents, true);
      if (revents !== 0) ready++;
    }
    return ready;
  };

  const hasEcho = (fds: DataView, count: number) => {
    for (let i = 0; i < count; i++) {
      if (echoes.has(fds.getInt32(i * LINUX.SIZE, true))) return true;
    }
    return false;
  };

  const poll = (fds: DataView, count: number, timeoutMs: number) => {
    const own = toWindows(fds, count);
    if (!hasEcho(fds, count)) {
      const result = told(winsock.WSAPoll(own, count, timeoutMs));
      return result < 0 ? result : tell(fds, own, count);
    }
    // Its thread cannot wake this one: only a look tells that it has come.
    const end = timeoutMs < 0 ? Infinity : performance.now() + timeoutMs;
    for (;;) {
      const ready = tell(fds, own, count);
      if (ready > 0 || performance.now() >= end) return ready;
      sleep(1);
    }
  };

  return {
    /** Waits until a socket is ready. */
    wait(fd: number, events: number) {
      const fds = new DataView(new ArrayBuffer(LINUX.SIZE));
      fds.setInt32(0, fd, true);
      fds.setInt16(LINUX.EVENTS, events, true);
      poll(fds, 1, -1);
    },
    /** Ends a poll on another thread. */
    wake() {
      for (const fd of wakers) {
        winsock.sendto(BigInt(fd), LOOPBACK, 1, 0, null, 0);
      }
    },
    calls: {
      poll,
      async pollInBackground(fds: DataView, count: number, timeoutMs: number) {
        const own = toWindows(fds, count);
        const now = hasEcho(fds, count) ? tell(fds, own, count) : 0;
        if (now > 0) return now;
        const result = await winsock.pollInBackground(own, count, timeoutMs);
        return result < 0 ? result : tell(fds, own, count);
      },
      eventfd() {
        const fd = told(winsock.socket(AF_INET, SOCK_DGRAM, 0));
        if (fd < 0) return fd;
        const name = LOOPBACK.slice();
        winsock.bind(BigInt(fd), name, name.length);
        winsock.getsockname(BigInt(fd), name, Int32Array.of(name.length));
        winsock.connect(BigInt(fd), name, name.length);
        winsock.ioctlsocket(BigInt(fd), FIONBIO, Uint32Array.of(1));
        wakers.push(fd);
        return fd;
      },
      write: (fd: number) =>
        told(winsock.sendto(BigInt(fd), LOOPBACK, 1, 0, null, 0)),
      read(fd: number, bytes: Uint8Array<ArrayBuffer>) {
        const call = [BigInt(fd), bytes, 1, 0, null, null] as const;
        while (winsock.recvfrom(...call) >= 0);
        return 0;
      },
    },
  };
}
