/**
 * The kernel's own small files, such as those of /proc. Deno itself opens none
 * of /proc without all permissions; libc does, by `--allow-ffi`.
 *
 * @module
 */

import { cString, libc, toCString } from "../../ffi/libc.ts";
import { EINTR } from "../../ffi/errno.ts";
import { DIRENT, O_CLOEXEC, O_RDONLY } from "../../ffi/linux/numbers.ts";
import { inNamespace } from "./namespace.ts";

const CHUNK = 4096;
/** The longest path that Linux knows, in octets. */
const PATH_MAX = 4096;

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

/** Whether there is such a file, and this process may read it. */
export function isReadable(path: string): boolean {
  const fd = libc().open(toCString(path), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  libc().close(fd);
  return true;
}

/** Where a link leads to, or `undefined` if that may not be known. */
export function readKernelLink(path: string): string | undefined {
  const link = new Uint8Array(PATH_MAX);
  const length = libc().readlink(toCString(path), link, PATH_MAX);
  return length < 0
    ? undefined
    : new TextDecoder().decode(link.subarray(0, length));
}

/** What stands in a folder; nothing, where it may not be read. */
export function listFolder(path: string): string[] {
  const symbols = libc();
  const directory = symbols.opendir(toCString(path));
  if (directory === null) return [];
  const names: string[] = [];
  try {
    for (;;) {
      const entry = symbols.readdir(directory);
      if (entry === null) return names;
      const name = cString(Deno.UnsafePointer.offset(entry, DIRENT.NAME));
      if (name !== "." && name !== "..") names.push(name);
    }
  } finally {
    symbols.closedir(directory);
  }
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
