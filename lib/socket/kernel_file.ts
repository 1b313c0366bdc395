/**
 * The kernel's own small files, such as those of /proc. Deno itself opens none
 * of /proc without all permissions; libc does, by `--allow-ffi`.
 *
 * @module
 */

import { libc, toCString } from "../ffi/libc.ts";
import { EINTR } from "../ffi/errno.ts";
import { O_CLOEXEC, O_RDONLY } from "../ffi/linux.ts";
import { inNamespace } from "./namespace.ts";

const CHUNK = 4096;

/**
 * The text of a file, as this process or a network namespace sees it. Of a
 * namespace that is `/proc/sys/net/…` and `/proc/thread-self/net/…`.
 *
 * @returns `undefined` if it cannot be read, as where the kernel lacks it
 * @throws {SocketError} if there is no such namespace
 */
export function readKernelFile(
  path: string,
  { namespace }: { namespace?: string } = {},
): string | undefined {
  const read = () => readAll(path);
  return namespace === undefined ? read() : inNamespace(namespace, read);
}

function readAll(path: string): string | undefined {
  const symbols = libc();
  const fd = symbols.open(toCString(path), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  try {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      const length = symbols.read(fd, chunk, CHUNK);
      if (length < 0) {
        if (length === -EINTR) continue;
        return undefined;
      }
      if (length === 0) return text;
      text += decoder.decode(chunk.subarray(0, length), { stream: true });
    }
  } finally {
    symbols.close(fd);
  }
}
