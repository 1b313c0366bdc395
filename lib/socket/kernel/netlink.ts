/**
 * Asking the kernel by netlink (netlink(7), rtnetlink(7)): one question, all of
 * its answers.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import {
  AF_NETLINK,
  NETLINK_ROUTE,
  NLATTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSGHDR,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from "../../ffi/linux/numbers.ts";
import { EINTR } from "../../ffi/errno.ts";
import { check, socketError } from "../errors.ts";
import { inNamespace } from "./namespace.ts";

/** A question: its type, its flags, its fixed part, and what it asks about. */
export interface NetlinkRequest {
  /** Such as `RTM_GETROUTE`. */
  readonly type: number;
  /** Beside `NLM_F_REQUEST`. */
  readonly flags?: number;
  /** Such as a `struct rtmsg`. */
  readonly fixed: Uint8Array;
  /** Attributes, by their type. */
  readonly attributes?: readonly (readonly [number, Uint8Array])[];
}

/** One answer: its fixed part, and its attributes by their type. */
export interface NetlinkAnswer {
  /** Such as a `struct rtmsg`. */
  readonly fixed: DataView;
  /** Attributes, by their type. */
  readonly attributes: ReadonlyMap<number, Uint8Array>;
}

/** The kernel's answers never come in larger pieces. */
const BUFFER_SIZE = 32_768;
/** `nla_type` has two flags in its highest bits. */
const TYPE_MASK = 0x3fff;

/**
 * Asks rtnetlink. The kernel answers before the question's call returns, so
 * that nothing waits.
 *
 * @param namespace the network namespace to ask in
 * @param action what is being done, for errors: `find a route to 1.1.1.1`
 * @returns its answers, or the error number that it answered instead
 * @throws {SocketError} if there is no socket to be had
 */
export function askNetlink(
  request: NetlinkRequest,
  namespace: string | undefined,
  action: string,
): NetlinkAnswer[] | number {
  const symbols = libc();
  const open = () =>
    check(
      symbols.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
      "socket",
      action,
    );
  const fd = namespace === undefined ? open() : inNamespace(namespace, open);
  try {
    const message = encode(request);
    check(
      symbols.sendto(fd, message, message.length, 0, null, 0),
      "sendto",
      action,
    );
    const isDump = (request.flags ?? 0) !== 0;
    const answers: NetlinkAnswer[] = [];
    for (;;) {
      const buffer = new Uint8Array(BUFFER_SIZE);
      const length = symbols.read(fd, buffer, BUFFER_SIZE);
      if (length < 0) {
        if (length === -EINTR) continue;
        throw socketError({ syscall: "read", errno: -length, action });
      }
      const end = decode(buffer.subarray(0, length), request, answers);
      if (end !== undefined) return end === 0 ? answers : end;
      if (!isDump) return answers;
    }
  } finally {
    symbols.close(fd);
  }
}

function encode(
  { type, flags = 0, fixed, attributes = [] }: NetlinkRequest,
): Uint8Array<ArrayBuffer> {
  const size = attributes.reduce(
    (sum, [, value]) => sum + padded(NLATTR.SIZE + value.length),
    NLMSGHDR.SIZE + fixed.length,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(NLMSGHDR.LENGTH, size, true);
  view.setUint16(NLMSGHDR.TYPE, type, true);
  view.setUint16(NLMSGHDR.FLAGS, NLM_F_REQUEST | flags, true);
  bytes.set(fixed, NLMSGHDR.SIZE);
  let at = NLMSGHDR.SIZE + fixed.length;
  for (const [type, value] of attributes) {
    view.setUint16(at + NLATTR.LENGTH, NLATTR.SIZE + value.length, true);
    view.setUint16(at + NLATTR.TYPE, type, true);
    bytes.set(value, at + NLATTR.SIZE);
    at += padded(NLATTR.SIZE + value.length);
  }
  return bytes;
}

/** @returns 0 at the end of all answers, an error number, or `undefined` */
function decode(
  bytes: Uint8Array,
  { fixed }: NetlinkRequest,
  answers: NetlinkAnswer[],
): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + NLMSGHDR.SIZE <= bytes.length;) {
    const length = view.getUint32(at + NLMSGHDR.LENGTH, true);
    const type = view.getUint16(at + NLMSGHDR.TYPE, true);
    const start = at + NLMSGHDR.SIZE;
    if (length < NLMSGHDR.SIZE || type === NLMSG_DONE) return 0;
    // `struct nlmsgerr` begins with the error number, negated.
    if (type === NLMSG_ERROR) return -view.getInt32(start, true);
    const end = at + length;
    answers.push({
      fixed: new DataView(
        bytes.buffer,
        bytes.byteOffset + start,
        fixed.length,
      ),
      attributes: attributesOf(bytes.subarray(start + fixed.length, end)),
    });
    at += padded(length);
  }
}

function attributesOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const attributes = new Map<number, Uint8Array>();
  for (let at = 0; at + NLATTR.SIZE <= bytes.length;) {
    const length = view.getUint16(at + NLATTR.LENGTH, true);
    if (length < NLATTR.SIZE) break;
    const type = view.getUint16(at + NLATTR.TYPE, true) & TYPE_MASK;
    attributes.set(type, bytes.subarray(at + NLATTR.SIZE, at + length));
    at += padded(length);
  }
  return attributes;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
