/**
 * Programs of classic BPF: their instructions, and the operations that filters
 * here are made of.
 *
 * @module
 */

/**
 * One instruction of a classic BPF program (`struct sock_filter`).
 *
 * @category Filters
 */
export interface FilterInstruction {
  /** Operation, 0–65,535. */
  readonly code: number;
  /** Instructions to skip if a jump's condition holds, 0–255. */
  readonly jt: number;
  /** Instructions to skip if it does not, 0–255. */
  readonly jf: number;
  /** Operand, 0–0xffffffff. */
  readonly k: number;
}

/** From `linux/bpf_common.h`. A is the accumulator, X the index. */
export const BPF = {
  /** A = the 32 bits, the 16 bits, or the octet at k. */
  LOAD_WORD: 0x20,
  LOAD_HALF: 0x28,
  LOAD_OCTET: 0x30,
  /** A = the 32 bits, the 16 bits, or the octet at X + k. */
  LOAD_WORD_INDEXED: 0x40,
  LOAD_HALF_INDEXED: 0x48,
  LOAD_OCTET_INDEXED: 0x50,
  /** X = k. */
  LOAD_X: 0x01,
  /** X = the length of the IPv4 header at k. */
  LOAD_HEADER_LENGTH: 0xb1,
  /** X = A. */
  MOVE_TO_X: 0x07,
  /** A = A & k. */
  AND: 0x54,
  /** A = A << k. */
  SHIFT_LEFT: 0x64,
  /** A = A + X. */
  ADD_X: 0x0c,
  /** Skips k instructions. */
  JUMP: 0x05,
  /** Skips `jt` instructions if A = k, else `jf`. */
  JUMP_EQUAL: 0x15,
  /** The same if A & k. */
  JUMP_BITS: 0x45,
  /** Keeps k octets of the packet: none, or all. */
  RETURN: 0x06,
} as const;
