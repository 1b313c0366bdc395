/**
 * One pending `poll` for the whole process, over every socket that somebody
 * waits for.
 *
 * The poll runs on one thread of Deno's pool, however many sockets there are;
 * an eventfd among its descriptors wakes it when the set changes. Without
 * anything to wait for there is no poll, and the process may end.
 *
 * @module
 */

import { EAGAIN, EINTR } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import {
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  POLLFD,
  POLLIN,
  POLLNVAL,
} from "../ffi/linux/numbers.ts";
import { check, socketError } from "./errors.ts";
import { nextTurn } from "./time.ts";

/** Somebody who waits for a descriptor. */
export interface Watch {
  readonly fd: number;
  /** `POLLIN` or `POLLOUT`. */
  readonly events: number;
  /** Called once, when the descriptor is ready; the watch is then over. */
  readonly ready: () => void;
  /** Called instead, if the descriptor cannot be waited for. */
  readonly failed: (error: Error) => void;
}

const watches = new Set<Watch>();
let running = false;
/** Whether a poll is on its thread now, unaware of changes to `watches`. */
let polling = false;
let wakeFd = -1;

/** Calls `watch.ready` once when its descriptor is ready. */
export function addWatch(watch: Watch): void {
  watches.add(watch);
  if (polling) wake();
  if (!running) run();
}

/** Gives up waiting. Must come before the descriptor is closed. */
export function removeWatch(watch: Watch): void {
  if (watches.delete(watch) && polling) wake();
}

const WAKE_VALUE = new BigUint64Array([1n]);

function wake(): void {
  polling = false; // Once is enough.
  check(
    libc().write(wakeFd, WAKE_VALUE, 8),
    "write",
    "wake the poll of this process",
  );
}

async function run(): Promise<void> {
  running = true;
  try {
    while (watches.size > 0) {
      // Receivers that were just served may wait again at once: let them, or
      // each would have to wake the next poll. Without any it ends sooner, and
      // Deno need not load what it has timers by.
      if (await pollOnce()) await nextTurn();
    }
  } catch (error) {
    for (const watch of takeAll()) watch.failed(error as Error);
  } finally {
    running = false;
  }
}

/** @returns whether somebody was served */
async function pollOnce(): Promise<boolean> {
  if (wakeFd < 0) {
    wakeFd = check(
      libc().eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
      "eventfd",
      "make the eventfd that wakes the poll",
    );
  }
  const waiting = [...watches];
  const count = waiting.length + 1;
  const fds = new DataView(new ArrayBuffer(count * POLLFD.SIZE));
  fds.setInt32(POLLFD.FD, wakeFd, true);
  fds.setInt16(POLLFD.EVENTS, POLLIN, true);
  for (const [i, { fd, events }] of waiting.entries()) {
    const at = (i + 1) * POLLFD.SIZE;
    fds.setInt32(at + POLLFD.FD, fd, true);
    fds.setInt16(at + POLLFD.EVENTS, events, true);
  }
  polling = true;
  const result = await libc().pollInBackground(fds, count, -1);
  polling = false;
  if (result < 0) {
    throwPollError(fds, count);
    return false;
  }
  const isWoken = fds.getInt16(POLLFD.REVENTS, true) !== 0;
  if (isWoken) drainWakeFd();
  for (const [i, watch] of waiting.entries()) {
    const revents = fds.getInt16((i + 1) * POLLFD.SIZE + POLLFD.REVENTS, true);
    if (revents === 0 || !watches.delete(watch)) continue;
    if (revents & POLLNVAL) {
      watch.failed(new TypeError(`descriptor ${watch.fd} is not open`));
    } else {
      // POLLERR and POLLHUP too: the next call on the socket tells the reason.
      watch.ready();
    }
  }
  return result > Number(isWoken);
}

/** The errno of a background call is lost, so the same call tells it again. */
function throwPollError(fds: DataView<ArrayBuffer>, count: number): void {
  const number = -libc().poll(fds, count, 0);
  if (number <= 0 || number === EINTR || number === EAGAIN) return;
  throw socketError({
    syscall: "poll",
    errno: number,
    action: `wait for ${count - 1} sockets`,
  });
}

function drainWakeFd(): void {
  libc().read(wakeFd, new BigUint64Array(1), 8);
}

function takeAll(): Watch[] {
  const all = [...watches];
  watches.clear();
  return all;
}

/**
 * Looks at one descriptor, or waits for it in this thread, which does nothing
 * else meanwhile.
 *
 * @param timeoutMs 0 for not waiting, -1 for as long as it takes
 * @returns what has happened, 0 for nothing, or a negated error number
 */
export function pollOne(fd: number, events: number, timeoutMs: number): number {
  const pollfd = new DataView(new ArrayBuffer(POLLFD.SIZE));
  pollfd.setInt32(POLLFD.FD, fd, true);
  pollfd.setInt16(POLLFD.EVENTS, events, true);
  const result = libc().poll(pollfd, 1, timeoutMs);
  return result > 0 ? pollfd.getInt16(POLLFD.REVENTS, true) : result;
}
