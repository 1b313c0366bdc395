/**
 * Capture filters as programs for the kernel: what tcpdump's users write, by
 * libpcap; the commonest of them without it.
 *
 * @module
 */

import { compile } from "../ffi/libpcap.ts";
import { SKF_AD_OFF, SOCK_FILTER } from "../ffi/linux.ts";
import { Raw4Error } from "../wire/errors.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
} from "../wire/link_types.ts";
import { BPF } from "./bpf.ts";
import { compileCriteria, SLL2_FIELDS, SLL2_SIZE } from "./criteria_filter.ts";
import type { FilterInstruction } from "./receiving_socket.ts";

/** libpcap, which compiles expressions, is not installed. */
export class FilterUnavailableError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "FilterUnavailableError";
  /** What to do now. */
  readonly remedy: string =
    "Install it: the package is libpcap0.8 on Debian and Ubuntu, libpcap " +
    "elsewhere. Without it, a protocol, a host and a port can be filtered for " +
    "(--protocol, --host, --port).";

  /** Makes the error, its message included. */
  constructor() {
    super("cannot compile the filter expression: libpcap is not installed");
  }
}

/** A filter that needs no libpcap by itself; all that is given must hold. */
export interface PacketCriteria {
  /** What must hold beside: an expression, for which libpcap is needed. */
  readonly expression?: string;
  /** IP protocol number, 0–255: of the IP header, or of IPv6's next header. */
  readonly protocol?: number;
  /** An IPv4 or IPv6 address, of sender or receiver, in ARP too. */
  readonly host?: string;
  /**
   * A port of sender or receiver, 0–65,535, of TCP, UDP or SCTP. Only a first
   * fragment has any.
   */
  readonly port?: number;
}

/** An expression for libpcap, criteria, or a program. */
export type CaptureFilter =
  | string
  | PacketCriteria
  | readonly FilterInstruction[];

/** How a filter is compiled. */
export interface CompileFilterOptions {
  /** What the packets begin with; default {@linkcode LINK_TYPE_ETHERNET}. */
  readonly linkType?: number;
  /** Octets of a packet to let through; default 262,144. */
  readonly snapLength?: number;
  /**
   * The Ethernet interface that it is for. The kernel keeps VLAN tags apart
   * from packets, and only for an interface libpcap knows where; so `vlan`
   * needs it, and nothing else does. Default none.
   */
  readonly device?: string;
}

/** Of an instruction's code: its class, and how a load finds its operand. */
const CLASS = 0x07;
const CLASSES_OF_LOADS = [0x00, 0x01];
const MODE = 0xe0;
const MODES_OF_PACKET = [0x20, 0x40, 0xa0];

/**
 * Compiles a filter into a program for
 * {@linkcode ReceivingSocket.attachFilter}.
 *
 * For {@linkcode LINK_TYPE_LINUX_SLL2} it is one for the kernel, which keeps
 * the header of cooked packets apart from them. VLAN tags are kept apart as
 * well: a filter sees a tagged packet as an untagged one, and `vlan` never
 * holds, unless it is compiled for a `device`. Even then what stands before
 * `vlan` sees no tag, as with tcpdump: `vlan and icmp`, not `icmp and vlan`.
 *
 * @param filter an expression such as `icmp and host 10.9.0.5` (pcap-filter(7)),
 * or criteria, which need no libpcap
 * @throws {RangeError} if libpcap refuses the expression, in its words, or a
 * criterion is out of range
 * @throws {FilterUnavailableError} if libpcap is needed and not installed
 * @throws {Deno.errors.NotCapable} for an expression, without `--allow-ffi`
 *
 * @example
 * ```ts
 * import { compileFilter } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const program = compileFilter({ protocol: 253, host: "1.1.1.1" });
 * assertEquals(program.at(-1), { code: 0x06, jt: 0, jf: 0, k: 0 });
 * ```
 */
export function compileFilter(
  filter: string | PacketCriteria,
  options: CompileFilterOptions = {},
): FilterInstruction[] {
  const { linkType = LINK_TYPE_ETHERNET, snapLength = 262_144 } = options;
  const { device } = options;
  if (typeof filter !== "string") {
    const { expression } = filter;
    const program = compileCriteria(filter, linkType, snapLength);
    if (expression === undefined) return program;
    const first = compileFilter(expression, options);
    const { protocol, host, port } = filter;
    // Without any of them the second would still want it to be IP.
    return [protocol, host, port].every((given) => given === undefined)
      ? first
      : both(first, program);
  }
  if (filter.includes("\0")) {
    throw new RangeError("the filter expression must not contain NUL");
  }
  const asksForTag = linkType === LINK_TYPE_ETHERNET && /\bvlan\b/.test(filter);
  const compilation = compile(filter, {
    linkType,
    snapLength,
    device: asksForTag ? device : undefined,
  });
  if (compilation === undefined) throw new FilterUnavailableError();
  if ("fault" in compilation) {
    throw new RangeError(
      `cannot compile the filter expression ${JSON.stringify(filter)}: ` +
        compilation.fault,
    );
  }
  const program = decodeProgram(compilation.instructions);
  return linkType === LINK_TYPE_LINUX_SLL2 ? program.map(forKernel) : program;
}

/** One program that lets through what both of them let through. */
function both(
  first: readonly FilterInstruction[],
  second: readonly FilterInstruction[],
): FilterInstruction[] {
  const passing = first.map((instruction, at) =>
    instruction.code === BPF.RETURN && instruction.k > 0
      // Instead of letting it through, on to the second program.
      ? { code: BPF.JUMP, jt: 0, jf: 0, k: first.length - at - 1 }
      : instruction
  );
  return [...passing, ...second];
}

function decodeProgram(octets: DataView): FilterInstruction[] {
  const program: FilterInstruction[] = [];
  for (let at = 0; at < octets.byteLength; at += SOCK_FILTER.SIZE) {
    program.push({
      code: octets.getUint16(at + SOCK_FILTER.CODE, true),
      jt: octets.getUint8(at + SOCK_FILTER.JT),
      jf: octets.getUint8(at + SOCK_FILTER.JF),
      k: octets.getUint32(at + SOCK_FILTER.K, true),
    });
  }
  return program;
}

/** The kernel's filter sees a cooked packet from its network header on. */
function forKernel(instruction: FilterInstruction): FilterInstruction {
  const { code, k } = instruction;
  const isOfPacket = CLASSES_OF_LOADS.includes(code & CLASS) &&
    MODES_OF_PACKET.includes(code & MODE);
  if (!isOfPacket || k >= SKF_AD_OFF) return instruction;
  const moved = k >= SLL2_SIZE ? k - SLL2_SIZE : SLL2_FIELDS[k];
  if (moved !== undefined) return { ...instruction, k: moved };
  throw new RangeError(
    "the filter expression asks for link-layer addresses, which the kernel " +
      "keeps from filters of cooked packets; give a device",
  );
}
