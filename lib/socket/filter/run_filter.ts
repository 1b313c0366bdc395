/**
 * Classic BPF, run here: for the filters that no kernel takes, since they have
 * loops, or ask for what the kernel's own view of a packet lacks.
 *
 * @module
 */

import {
  SKF_AD_IFINDEX,
  SKF_AD_OFF,
  SKF_AD_PKTTYPE,
} from "../../ffi/linux/numbers.ts";
import type { FilterInstruction } from "./bpf.ts";

/** A packet, and what a filter may ask besides its octets. */
export interface FilteredPacket {
  /** From where the program counts its offsets. */
  readonly bytes: Uint8Array;
  /** Octets that were on the wire. */
  readonly originalLength: number;
  /** The interface, as `ip link` numbers them. */
  readonly interfaceIndex: number;
  /** Whom it is for, as the kernel's PACKET_HOST and so on. */
  readonly packetType: number;
}

/** The parts of an instruction's code (`linux/bpf_common.h`). */
const CLASS = 0x07;
const SIZE = 0x18;
const MODE = 0xe0;
const OPERATION = 0xf0;
const IS_OPERAND_X = 0x08;

/** Classes; of the loads, what they load and from where. */
const LOAD = 0;
const LOAD_X = 1;
const STORE = 2;
const STORE_X = 3;
const CALCULATE = 4;
const JUMP = 5;
const RETURN = 6;
const HALF = 0x08;
const OCTET = 0x10;
const IMMEDIATE = 0x00;
const INDEXED = 0x40;
const MEMORY = 0x60;
const LENGTH = 0x80;
const HEADER_LENGTH = 0xa0;
const RETURN_A = 0x10;
const X_TO_A = 0x80;

/**
 * Runs a program that libpcap made, which ends on every packet.
 *
 * @returns octets of the packet to keep; 0: it is not let through
 */
export function runFilter(
  program: readonly FilterInstruction[],
  packet: FilteredPacket,
): number {
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at];
    const operand = code & IS_OPERAND_X ? x : k;
    switch (code & CLASS) {
      case LOAD:
      case LOAD_X: {
        const value = load(code, k, x, packet, memory);
        if (value === undefined) return 0;
        if ((code & CLASS) === LOAD) a = value;
        else x = value;
        break;
      }
      case STORE:
        memory[k] = a;
        break;
      case STORE_X:
        memory[k] = x;
        break;
      case CALCULATE: {
        const result = calculate(code & OPERATION, a, operand);
        if (result === undefined) return 0;
        a = result;
        break;
      }
      case JUMP:
        // Only the jump without a condition goes back: its k is signed.
        at += (code & OPERATION) === 0
          ? k | 0
          : holds(code & OPERATION, a, operand)
          ? jt
          : jf;
        break;
      case RETURN:
        return (code & SIZE) === RETURN_A ? a : k;
      default:
        if (code & X_TO_A) a = x;
        else x = a;
    }
  }
  return 0;
}

/** Whether a program lets a packet through that nothing but octets is known of. */
export function letsThrough(
  program: readonly FilterInstruction[],
  bytes: Uint8Array,
): boolean {
  const originalLength = bytes.length;
  const packet = { bytes, originalLength, interfaceIndex: 0, packetType: 0 };
  return runFilter(program, packet) > 0;
}

/** What a load loads; `undefined` beyond the packet's end. */
function load(
  code: number,
  k: number,
  x: number,
  packet: FilteredPacket,
  memory: Uint32Array,
): number | undefined {
  const { bytes } = packet;
  switch (code & MODE) {
    case IMMEDIATE:
      return k;
    case MEMORY:
      return memory[k];
    case LENGTH:
      return packet.originalLength;
    case HEADER_LENGTH:
      return k < bytes.length ? (bytes[k] & 0xf) * 4 : undefined;
  }
  if (k >= SKF_AD_OFF) return apart(k - SKF_AD_OFF, packet);
  const start = (code & MODE) === INDEXED ? k + x : k;
  const size = (code & SIZE) === OCTET ? 1 : (code & SIZE) === HALF ? 2 : 4;
  if (start + size > bytes.length) return undefined;
  let value = 0;
  for (let i = start; i < start + size; i++) value = value * 256 + bytes[i];
  return value;
}

/** What the kernel keeps apart from the octets. */
function apart(what: number, packet: FilteredPacket): number | undefined {
  if (what === SKF_AD_PKTTYPE) return packet.packetType;
  return what === SKF_AD_IFINDEX ? packet.interfaceIndex : undefined;
}

/** In 32 bits; `undefined` if it is divided by 0. */
function calculate(
  operation: number,
  a: number,
  operand: number,
): number | undefined {
  switch (operation) {
    case 0x00:
      return (a + operand) >>> 0;
    case 0x10:
      return (a - operand) >>> 0;
    case 0x20:
      return Math.imul(a, operand) >>> 0;
    case 0x30:
      return operand === 0 ? undefined : Math.floor(a / operand);
    case 0x40:
      return (a | operand) >>> 0;
    case 0x50:
      return (a & operand) >>> 0;
    case 0x60:
      return operand < 32 ? (a << operand) >>> 0 : 0;
    case 0x70:
      return operand < 32 ? a >>> operand : 0;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return operand === 0 ? undefined : a % operand;
    case 0xa0:
      return (a ^ operand) >>> 0;
  }
}

function holds(operation: number, a: number, operand: number): boolean {
  switch (operation) {
    case 0x10:
      return a === operand;
    case 0x20:
      return a > operand;
    case 0x30:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}
