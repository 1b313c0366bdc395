/**
 * Has the kernel run a program, or does it for a kernel that does not.
 *
 * @module
 */

import { addressOf, libc } from "../../ffi/libc.ts";
import {
  SO_ATTACH_FILTER,
  SO_DETACH_FILTER,
  SOCK_FILTER,
  SOCK_FPROG,
  SOL_SOCKET,
} from "../../ffi/linux/numbers.ts";
import { supports } from "../../ffi/supports.ts";
import { checkRange } from "../../wire/errors.ts";
import { check } from "../errors.ts";
import type { FilterInstruction } from "./bpf.ts";
import { letsThrough } from "./run_filter.ts";

/**
 * Lets the kernel discard the packets that a program returns 0 for.
 *
 * @param program 1–4,096 instructions
 * @throws {RangeError} if a number is out of range
 * @throws {SocketError} if the kernel refuses the program
 */
export function attachFilter(
  fd: number,
  program: readonly FilterInstruction[],
): void {
  checkRange("the filter's length, in instructions,", program.length, 1, 4096);
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    checkRange(`code of instruction ${i}`, code, 0, 0xffff);
    checkRange(`jt of instruction ${i}`, jt, 0, 255);
    checkRange(`jf of instruction ${i}`, jf, 0, 255);
    checkRange(`k of instruction ${i}`, k, 0, 0xffff_ffff);
  }
  if (!supports.kernelFilters) {
    const passes = (packet: Uint8Array) => letsThrough(program, packet);
    return libc().setFilter?.(fd, passes);
  }
  // One buffer for both, since a pointer inside a struct keeps nothing alive.
  const fprog = new DataView(
    new ArrayBuffer(SOCK_FPROG.SIZE + program.length * SOCK_FILTER.SIZE),
  );
  const filter = addressOf(fprog.buffer) + BigInt(SOCK_FPROG.SIZE);
  fprog.setUint16(SOCK_FPROG.LENGTH, program.length, true);
  fprog.setBigUint64(SOCK_FPROG.FILTER, filter, true);
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    const at = SOCK_FPROG.SIZE + i * SOCK_FILTER.SIZE;
    fprog.setUint16(at + SOCK_FILTER.CODE, code, true);
    fprog.setUint8(at + SOCK_FILTER.JT, jt);
    fprog.setUint8(at + SOCK_FILTER.JF, jf);
    fprog.setUint32(at + SOCK_FILTER.K, k, true);
  }
  const { setsockopt } = libc();
  const { SIZE } = SOCK_FPROG;
  const result = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, fprog, SIZE);
  check(result, "setsockopt", "attach the filter");
}

/** Lets every packet through again. */
export function detachFilter(fd: number): void {
  if (!supports.kernelFilters) return libc().setFilter?.(fd, undefined);
  const nothing = new Int32Array(1);
  const { setsockopt } = libc();
  const result = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, nothing, 4);
  check(result, "setsockopt", "detach the filter");
}
