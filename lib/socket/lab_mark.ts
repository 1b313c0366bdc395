/**
 * Whether a network namespace is a host of a lab, from which nothing leads out.
 *
 * @module
 */

import { libc, toCString } from "../ffi/libc.ts";
import { inNamespace } from "./namespace.ts";

/** A second name of the loopback interface, in every host of a lab. */
export const LAB_MARK = "raw4-lab";

/**
 * Whether this process, or a network namespace, is inside a lab.
 *
 * @throws {SocketError} if there is no such namespace
 */
export function isInLab(namespace?: string): boolean {
  const isMarked = () => libc().if_nametoindex(toCString(LAB_MARK)) > 0;
  return namespace === undefined
    ? isMarked()
    : inNamespace(namespace, isMarked);
}
