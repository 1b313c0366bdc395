/**
 * What this process was started with, and what it ends with. libc tells the
 * former by `--allow-ffi`, where Deno would ask for more, or cannot tell.
 *
 * @module
 */

import { ENXIO } from "../ffi/errno.ts";
import { cString, libc, toCString } from "../ffi/libc.ts";
import { glibcVersion } from "../ffi/linux/libc.ts";
import {
  EFD_CLOEXEC,
  O_CLOEXEC,
  O_RDONLY,
  POLLOUT,
  SIG_IGN,
  SIGACTION,
  SIGHUP,
} from "../ffi/linux/numbers.ts";
import { check } from "./errors.ts";
import { pollOne } from "./poller.ts";

/** Descriptors that Deno takes for itself, and breaks down without. */
const SPARE = 4;

/**
 * Asserts that there are descriptors left, for Deno and a script.
 *
 * @throws {SocketError} if there are not
 */
export function checkDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < SPARE) {
      const fd = libc().eventfd(0, EFD_CLOEXEC);
      opened.push(check(fd, "eventfd", "begin"));
    }
  } finally {
    for (const fd of opened) libc().close(fd);
  }
}

/** A variable of the environment; `undefined` if it is not set. */
export function environment(name: string): string | undefined {
  const value = libc().getenv(toCString(name));
  return value === null ? undefined : cString(value);
}

/**
 * The version of the GNU C library, such as `2.36`.
 *
 * @throws {Error} if this system has another one
 */
export function libcVersion(): string {
  return cString(glibcVersion());
}

/**
 * Whether there surely is no terminal that could be closed, as in a service
 * (tty(4): ENXIO).
 */
export function lacksTerminal(): boolean {
  const fd = libc().open(toCString("/dev/tty"), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) libc().close(fd);
  return fd === -ENXIO;
}

/** Whether the closing of the terminal is ignored (SIGHUP), as `nohup` has it. */
export function ignoresHangup(): boolean {
  const action = new DataView(new ArrayBuffer(SIGACTION.SIZE));
  const result = libc().sigaction(SIGHUP, null, action);
  check(result, "sigaction", "ask what becomes of SIGHUP");
  return action.getBigUint64(SIGACTION.HANDLER, true) === SIG_IGN;
}

/** Ignores it. */
export function ignoreHangup(): void {
  const action = new DataView(new ArrayBuffer(SIGACTION.SIZE));
  action.setBigUint64(SIGACTION.HANDLER, SIG_IGN, true);
  const result = libc().sigaction(SIGHUP, action, null);
  check(result, "sigaction", "ignore SIGHUP");
}

/** What a shell has as the exit code of those that a signal has ended. */
export function endedBy(name: string): number {
  return 128 + ({ SIGHUP: 1, SIGTERM: 15, SIGBREAK: 21 }[name] ?? 2);
}

/** Whether an output takes something at once: 4,096 octets, by pipe(7). */
export function hasRoom(fd: number): boolean {
  return pollOne(fd, POLLOUT, 0) === POLLOUT;
}
