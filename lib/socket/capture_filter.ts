/**
 * Capture filters as programs for the kernel: what tcpdump's users write, by
 * libpcap; the commonest of them without it.
 *
 * @module
 */

import { compile } from "../ffi/libpcap.ts";
import {
  SKF_AD_HATYPE,
  SKF_AD_IFINDEX,
  SKF_AD_OFF,
  SKF_AD_PKTTYPE,
  SKF_AD_PROTOCOL,
  SOCK_FILTER,
} from "../ffi/linux.ts";
import { isIPv4, parseIPv4, parseIPv6 } from "../wire/address.ts";
import { checkRange, Raw4Error } from "../wire/errors.ts";
import { ETHER_TYPE } from "../wire/ether_types.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_RAW,
} from "../wire/link_types.ts";
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

/** Octets of the header of a cooked capture, which the kernel's filter lacks. */
const SLL2_SIZE = 20;

/**
 * Where the kernel has the fields of a cooked capture's header, by their
 * offsets in it.
 */
const SLL2_FIELDS: Readonly<Record<number, number>> = {
  0: SKF_AD_OFF + SKF_AD_PROTOCOL,
  4: SKF_AD_OFF + SKF_AD_IFINDEX,
  8: SKF_AD_OFF + SKF_AD_HATYPE,
  10: SKF_AD_OFF + SKF_AD_PKTTYPE,
};

/** Operations of classic BPF, from `linux/bpf_common.h`. */
const LOAD32 = 0x20;
const LOAD16 = 0x28;
const LOAD8 = 0x30;
const LOAD16_INDEXED = 0x48;
const LOAD_IPV4_HEADER_LENGTH = 0xb1;
const AND = 0x54;
const JUMP = 0x05;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_BITS = 0x45;
const RETURN = 0x06;

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
    instruction.code === RETURN && instruction.k > 0
      // Instead of letting it through, on to the second program.
      ? { code: JUMP, jt: 0, jf: 0, k: first.length - at - 1 }
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

/** An instruction whose jumps name where they lead; `next` is the one after. */
interface Step {
  readonly code: number;
  readonly k: number;
  readonly then?: string;
  readonly otherwise?: string;
  /** What jumps here call it. */
  readonly label?: string;
}

const IPV4 = {
  FRAGMENT: 6,
  PROTOCOL: 9,
  SOURCE: 12,
  DESTINATION: 16,
} as const;
const IPV6 = {
  PROTOCOL: 6,
  SOURCE: 8,
  DESTINATION: 24,
  PAYLOAD: 40,
} as const;
const ARP = { SENDER: 14, TARGET: 24 } as const;
const FRAGMENT_OFFSET = 0x1fff;
const DESTINATION_PORT = 2;
/** SCTP, TCP and UDP begin with their ports. */
const HAS_PORTS = [132, 6, 17];

function compileCriteria(
  criteria: PacketCriteria,
  linkType: number,
  snapLength: number,
): FilterInstruction[] {
  const { protocol, host, port } = criteria;
  if (protocol !== undefined) checkRange("protocol", protocol, 0, 255);
  if (port !== undefined) {
    checkRange("port", port, 0, 0xffff);
    if (protocol !== undefined && !HAS_PORTS.includes(protocol)) {
      throw new RangeError(
        `port must go with a protocol that has ports, 6, 17 or 132, ` +
          `but protocol is ${protocol}`,
      );
    }
  }
  const isHost4 = host !== undefined && isIPv4(host);
  const words = host === undefined || isHost4
    ? []
    : Array.from({ length: 4 }, (_, i) => {
      const octets = parseIPv6(host);
      return new DataView(octets.buffer, octets.byteOffset).getUint32(4 * i);
    });
  const start = linkType === LINK_TYPE_ETHERNET ? 14 : 0;
  const steps: Step[] = [];
  const load = (code: number, k: number, label?: string) =>
    steps.push({ code, k, label });
  const ifEqual = (k: number, then: string, otherwise: string) =>
    steps.push({ code: JUMP_IF_EQUAL, k, then, otherwise });

  // Which protocol it is, and where it goes on from there
  const wants4 = host === undefined || isHost4;
  const wants6 = host === undefined || !isHost4;
  const wantsARP = isHost4 && protocol === undefined && port === undefined;
  if (linkType === LINK_TYPE_RAW) {
    load(LOAD8, 0);
    steps.push({ code: AND, k: 0xf0 });
    ifEqual(0x40, wants4 ? "ipv4" : "reject", "next");
    ifEqual(0x60, wants6 ? "ipv6" : "reject", "reject");
  } else {
    if (linkType === LINK_TYPE_ETHERNET) load(LOAD16, 12);
    else load(LOAD32, SLL2_FIELDS[0]);
    ifEqual(ETHER_TYPE.IPV4, wants4 ? "ipv4" : "reject", "next");
    ifEqual(ETHER_TYPE.IPV6, wants6 ? "ipv6" : "reject", "next");
    ifEqual(ETHER_TYPE.ARP, wantsARP ? "arp" : "reject", "reject");
  }
  const checkProtocol = (at: number) => {
    if (protocol === undefined && port === undefined) return;
    const wanted = protocol === undefined ? HAS_PORTS : [protocol];
    load(LOAD8, at);
    for (const [i, number] of wanted.entries()) {
      const isLast = i === wanted.length - 1;
      // Past the rest of this list.
      ifEqual(number, `+${wanted.length - 1 - i}`, isLast ? "reject" : "next");
    }
  };

  if (wants4) {
    steps.push({ code: AND, k: 0xffff_ffff, label: "ipv4" });
    if (isHost4) {
      load(LOAD32, start + IPV4.SOURCE);
      ifEqual(parseIPv4(host), "+2", "next");
      load(LOAD32, start + IPV4.DESTINATION);
      ifEqual(parseIPv4(host), "next", "reject");
    }
    checkProtocol(start + IPV4.PROTOCOL);
    if (port !== undefined) {
      load(LOAD16, start + IPV4.FRAGMENT);
      steps.push({
        code: JUMP_IF_BITS,
        k: FRAGMENT_OFFSET,
        then: "reject",
        otherwise: "next",
      });
      load(LOAD_IPV4_HEADER_LENGTH, start);
      load(LOAD16_INDEXED, start);
      ifEqual(port, "accept", "next");
      load(LOAD16_INDEXED, start + DESTINATION_PORT);
      ifEqual(port, "accept", "reject");
    } else {
      steps.push({ code: JUMP, k: 0, then: "accept" });
    }
  }
  if (wants6) {
    steps.push({ code: AND, k: 0xffff_ffff, label: "ipv6" });
    if (words.length > 0) {
      for (const [i, word] of words.entries()) {
        load(LOAD32, start + IPV6.SOURCE + 4 * i);
        // The source is it, past the destination; or the destination may be.
        ifEqual(word, i === 3 ? "+8" : "next", `+${6 - 2 * i}`);
      }
      for (const [i, word] of words.entries()) {
        load(LOAD32, start + IPV6.DESTINATION + 4 * i);
        ifEqual(word, "next", "reject");
      }
    }
    checkProtocol(start + IPV6.PROTOCOL);
    if (port !== undefined) {
      load(LOAD16, start + IPV6.PAYLOAD);
      ifEqual(port, "accept", "next");
      load(LOAD16, start + IPV6.PAYLOAD + DESTINATION_PORT);
      ifEqual(port, "accept", "reject");
    } else {
      steps.push({ code: JUMP, k: 0, then: "accept" });
    }
  }
  if (wantsARP) {
    load(LOAD32, start + ARP.SENDER, "arp");
    ifEqual(parseIPv4(host), "accept", "next");
    load(LOAD32, start + ARP.TARGET);
    ifEqual(parseIPv4(host), "accept", "reject");
  }
  steps.push({ code: RETURN, k: snapLength, label: "accept" });
  steps.push({ code: RETURN, k: 0, label: "reject" });
  return assemble(steps);
}

function assemble(steps: readonly Step[]): FilterInstruction[] {
  const labels = new Map(steps.map(({ label }, i) => [label, i]));
  return steps.map(({ code, k, then = "next", otherwise = "next" }, i) => {
    const distance = (to: string) =>
      to === "next"
        ? 0
        : to.startsWith("+")
        ? Number(to)
        : labels.get(to)! - i - 1;
    const [jt, jf] = [distance(then), distance(otherwise)];
    return code === JUMP ? { code, jt: 0, jf: 0, k: jt } : { code, jt, jf, k };
  });
}
