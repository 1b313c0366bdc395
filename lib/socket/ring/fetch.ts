/**
 * `recvmmsg`: as many packets as are there, in one call, without waiting.
 *
 * @module
 */

import { EAGAIN, EINTR } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { MSG_DONTWAIT } from "../../ffi/linux/numbers.ts";
import { socketError } from "../errors.ts";
import type { MessageArena } from "./message_arena.ts";

/**
 * Fills the slots of an arena from the first on.
 *
 * @param slots how many at most
 * @param flags more flags of `recvmmsg`
 * @param hasErrors whether errors about sent packets are queued: the call tells
 * the pending one first, which is gone thereby, and still in the queue
 * @returns how many were filled
 * @throws {SocketError} if the socket reports an error
 */
export function fetchInto(
  arena: MessageArena,
  fd: number,
  slots: number,
  flags = 0,
  hasErrors = false,
): number {
  const symbols = libc();
  const { bytes } = arena;
  let mayBeQueued = hasErrors;
  for (;;) {
    const count = symbols.recvmmsg(
      fd,
      bytes,
      slots,
      flags | MSG_DONTWAIT,
      null,
    );
    if (count >= 0) return count;
    const errno = -count;
    if (errno === EAGAIN) return 0;
    if (errno === EINTR) continue;
    if (!mayBeQueued) {
      throw socketError({ syscall: "recvmmsg", errno, action: "receive" });
    }
    mayBeQueued = false;
  }
}
