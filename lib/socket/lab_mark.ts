/**
 * Whether a network namespace is a host of a lab, from which nothing leads out.
 *
 * @module
 */

import { inquire } from "./inquiry.ts";
import { interfaceIndex } from "./interface.ts";

/** A second name of the loopback interface, in every host of a lab. */
export const LAB_MARK = "raw4-lab";

/**
 * Whether this process, or a network namespace, is inside a lab.
 *
 * @throws {SocketError} if there is no such namespace
 */
export function isInLab(namespace?: string): boolean {
  const action = "find out whether this is a lab";
  return inquire(4, namespace, action, (fd) => interfaceIndex(LAB_MARK, fd)) >
    0;
}
