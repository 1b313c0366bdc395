/**
 * macOS' libSystem, behind the names, numbers and layouts of Linux's libc.
 *
 * What Linux has and macOS lacks is made of what it has: many packets a call, an
 * eventfd, time stamps in nanoseconds, the identifiers and errors of ping
 * sockets. Written to Apple's published sources, and tested on a library that
 * keeps to them; not yet run on a Mac.
 *
 * @module
 */

import type { Libc } from "../linux/libc.ts";
import { ENOENT } from "../errno.ts";
import * as linux from "../linux/numbers.ts";
import { receiveMany, sendMany } from "./batches.ts";
import { EAFNOSUPPORT, ENOSYS } from "./errors.ts";
import { requestAbout } from "./interfaces.ts";
import * as darwin from "./numbers.ts";
import { names } from "./names.ts";
import { getOption, setOption } from "./options.ts";
import { connect, sendOne } from "./sending.ts";
import { type Buffer, octetsOf, toDarwin, toLinux } from "./sockaddr.ts";
import { Socket } from "./socket.ts";
import { openSymbols } from "./symbols.ts";

export { system } from "./system.ts";

const LIBRARY = "/usr/lib/libSystem.B.dylib";
/** What follows in a socket's type are flags, such as SOCK_CLOEXEC. */
const TYPE = 0xf;

/** What takes the place of filters that a kernel runs. */
interface Filters {
  setFilter(fd: number, passes: Socket["passes"]): void;
}

/**
 * macOS' libSystem as Linux's libc.
 *
 * @param library another one that speaks as it does, for tests
 */
export function openLibc(library: string = LIBRARY): Libc & Filters {
  const symbols = openSymbols(library);
  const sockets = new Map<number, Socket>();
  /** Of each socket that stands for an eventfd, the one that wakes it. */
  const wakers = new Map<number, number>();
  /** What is not known can only fail, which the system shall say. */
  const at = (fd: number) =>
    sockets.get(fd) ?? new Socket(symbols, fd, darwin.AF_INET, 0, 0);

  return {
    socket(domain, type, protocol) {
      const family = domain === linux.AF_INET6 ? darwin.AF_INET6 : domain;
      if (family !== darwin.AF_INET && family !== darwin.AF_INET6) {
        return -EAFNOSUPPORT;
      }
      const fd = symbols.socket(family, type & TYPE, protocol);
      if (fd < 0) return fd;
      sockets.set(fd, new Socket(symbols, fd, family, type & TYPE, protocol));
      return fd;
    },
    close(fd) {
      sockets.delete(fd);
      const waker = wakers.get(fd);
      if (waker !== undefined) symbols.close(waker);
      wakers.delete(fd);
      return symbols.close(fd);
    },
    bind: (fd, sockaddr, length) =>
      symbols.bind(fd, toDarwin(octetsOf(sockaddr)), length),
    connect: (fd, sockaddr) => connect(symbols, at(fd), octetsOf(sockaddr)),
    getsockname(fd, sockaddr, length) {
      const result = symbols.getsockname(fd, sockaddr, length);
      const octets = octetsOf(sockaddr);
      toLinux(octets);
      const { isPing, identifier } = at(fd);
      const { buffer, byteOffset } = octets;
      if (isPing) {
        new DataView(buffer, byteOffset)
          .setUint16(linux.SOCKADDR_PORT, identifier);
      }
      return result;
    },
    setsockopt: (fd, level, name, value) =>
      setOption(symbols, at(fd), level, name, value),
    getsockopt: (fd, level, name, value, length) =>
      getOption(symbols, at(fd), level, name, value, length),
    setFilter: (fd, passes) => void (at(fd).passes = passes),
    sendto: (fd, bytes, length, flags, to) =>
      sendOne(
        symbols,
        at(fd),
        octetsOf(bytes).subarray(0, length),
        flags,
        octetsOf(to),
      ),
    sendmmsg: (fd, messages, count) =>
      sendMany(symbols, at(fd), messages, count),
    sendmmsgInBackground: (fd, messages, count) =>
      Promise.resolve(sendMany(symbols, at(fd), messages, count)),
    recvmmsg: (fd, messages, count, flags) =>
      receiveMany(symbols, at(fd), messages, count, flags),
    ioctl: (_fd, request, argument) =>
      requestAbout(symbols, Number(request), octetsOf(argument)),
    fcntl(fd, command, flags) {
      const socket = at(fd);
      if (command === linux.F_GETFL) {
        return socket.isBlocking ? 0 : linux.O_NONBLOCK;
      }
      socket.isBlocking = (flags & linux.O_NONBLOCK) === 0;
      return 0;
    },
    clock_gettime: (clock, time) =>
      symbols.clock_gettime(
        clock === linux.CLOCK_MONOTONIC ? darwin.CLOCK_MONOTONIC : clock,
        time,
      ),
    poll: (fds, count, timeoutMs) => symbols.poll(fds, count, timeoutMs),
    pollInBackground: (fds, count, timeoutMs) =>
      symbols.pollInBackground(fds, count, timeoutMs),
    eventfd() {
      const pair = new Int32Array(2);
      const result = symbols.socketpair(
        darwin.AF_UNIX,
        darwin.SOCK_DGRAM,
        0,
        pair,
      );
      if (result < 0) return result;
      wakers.set(pair[0], pair[1]);
      return pair[0];
    },
    read: (fd, bytes, count) =>
      symbols.recv(fd, bytes, count, darwin.MSG_DONTWAIT),
    write: (fd, bytes, count) =>
      symbols.sendto(
        wakers.get(fd) ?? fd,
        bytes,
        count,
        darwin.MSG_DONTWAIT,
        null,
        0,
      ),
    // What these are asked for are files of Linux's kernel, and namespaces.
    open: () => -ENOENT,
    readlink: () => -ENOENT,
    opendir: () => null,
    readdir: () => null,
    closedir: () => 0,
    execv: () => -ENOSYS,
    setns: () => -ENOSYS,
    kill: (process, signal) => symbols.kill(process, signal),
    getenv: (name) => symbols.getenv(name),
    sigaction(signal, action, old) {
      const [told, before] = [action, old].map((given) => given && sigaction());
      if (told) told.set(handlerIn(action));
      const result = symbols.sigaction(signal, told, before);
      if (before) handlerIn(old).set(handlerIn(before));
      return result;
    },
    ...names(symbols),
    gai_strerror: (code) => symbols.gai_strerror(code),
    __errno_location: () => symbols.__error(),
  };
}

const sigaction = () => new Uint8Array(darwin.SIGACTION.SIZE);

/** Where both systems have the pointer to a signal's handler. */
function handlerIn(action: Buffer): Uint8Array<ArrayBuffer> {
  const { HANDLER } = darwin.SIGACTION;
  return octetsOf(action).subarray(HANDLER, HANDLER + 8);
}
