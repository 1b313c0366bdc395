/**
 * Capture filters as programs for the kernel: what tcpdump's users write, by
 * libpcap; the commonest of them without it.
 *
 * @module
 */

import { compile, type CompileTarget } from "../../ffi/linux/libpcap.ts";
import { SKF_AD_OFF, SOCK_FILTER } from "../../ffi/linux/numbers.ts";
import { Raw4Error } from "../../wire/errors.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
} from "../../wire/link_types.ts";
import { BPF, type FilterInstruction } from "./bpf.ts";
import {
  compileCriteria,
  compileExclusion,
  type PacketCriteria,
  SLL2_FIELDS,
  SLL2_SIZE,
} from "./criteria_filter.ts";

/**
 * libpcap, which compiles expressions, is not installed.
 *
 * @category Filters
 */
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

/**
 * An expression for libpcap, criteria, or a program.
 *
 * @category Filters
 */
export type CaptureFilter =
  | string
  | PacketCriteria
  | readonly FilterInstruction[];

/**
 * How a filter is compiled.
 *
 * @category Filters
 */
export interface CompileFilterOptions {
  /** What the packets begin with; default {@linkcode LINK_TYPE_ETHERNET}. */
  readonly linkType?: number;
  /** Octets of a packet to let through; default 262,144. */
  readonly snapLength?: number;
  /**
   * The interface that it is for. `ip broadcast` needs it, for its network's
   * mask, and so does `vlan`: the kernel keeps VLAN tags apart from packets, and
   * only for an interface libpcap knows where. Default none.
   */
  readonly device?: string;
}

/** Of an instruction's code: its class, and how a load finds its operand. */
const CLASS = 0x07;
const CLASSES_OF_LOADS = [0x00, 0x01];
const MODE = 0xe0;
const MODES_OF_PACKET = [0x20, 0x40, 0xa0];
/** BPF_MAXINSNS: instructions that the kernel takes at most. */
const MAX_INSTRUCTIONS = 4096;
/** From here on a jump's distance is one back, which the kernel refuses. */
const BACK = 0x8000_0000;

/**
 * A filter in two parts: what both let through passes.
 *
 * @category Filters
 */
export interface SplitFilter {
  /** For the kernel; absent: everything passes. */
  readonly kernel?: readonly FilterInstruction[];
  /**
   * For `runFilter`, on frames as they are handed out; absent: everything
   * passes.
   */
  readonly own?: readonly FilterInstruction[];
}

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
 * @category Filters
 * @param filter an expression such as `icmp and host 10.9.0.5` (pcap-filter(7)),
 * or criteria, which need no libpcap
 * @throws {RangeError} if libpcap refuses the expression, in its words, a
 * criterion is out of range, or it is one that no kernel runs
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
): readonly FilterInstruction[] {
  const { kernel, own } = splitFilter(filter, options);
  if (kernel !== undefined && own === undefined) return kernel;
  throw new RangeError(
    "no kernel runs this filter expression, as it has a loop, is too long, or " +
      "asks for what cooked packets lack; a packet socket that is opened with " +
      "it runs it by itself",
  );
}

/**
 * Compiles a filter into what the kernel runs, and what it cannot run: loops
 * (`ip6 protochain`), programs of more than 4,096 instructions, and what asks
 * for a cooked packet's link-layer addresses.
 *
 * @category Filters
 * @throws as {@linkcode compileFilter} does
 */
export function splitFilter(
  filter: string | PacketCriteria,
  options: CompileFilterOptions,
): SplitFilter {
  const { linkType = LINK_TYPE_ETHERNET, snapLength = 262_144 } = options;
  if (typeof filter !== "string") {
    const { expression, protocol, host, port, not = [] } = filter;
    const wanted = [protocol, host, port].some((given) => given !== undefined);
    const first = expression === undefined
      ? {}
      : splitFilter(expression, options);
    const programs = [
      ...first.kernel === undefined ? [] : [first.kernel],
      // Without any of them the criteria would still want it to be IP.
      ...wanted || (expression === undefined && not.length === 0)
        ? [compileCriteria(filter, linkType, snapLength)]
        : [],
      ...not.map((excluded) =>
        compileExclusion(excluded, linkType, snapLength)
      ),
    ];
    const { own } = first;
    if (programs.length === 0) return first;
    const kernel = programs.reduce(both);
    return own === undefined ? { kernel } : { kernel, own };
  }
  const target = { linkType, snapLength, device: options.device };
  const asksForTag = linkType === LINK_TYPE_ETHERNET && /\bvlan\b/.test(filter);
  if (asksForTag && options.device !== undefined) {
    try {
      return { kernel: compileExpression(filter, { ...target, isLive: true }) };
    } catch (error) {
      // Of a loop behind a tag. Frames that are handed out have theirs.
      if (!(error instanceof RangeError)) throw error;
      return { own: compileExpression(filter, target) };
    }
  }
  const own = compileExpression(filter, target);
  const kernel = linkType === LINK_TYPE_LINUX_SLL2 ? own.map(forKernel) : own;
  return kernel.length <= MAX_INSTRUCTIONS && kernel.every(isForKernel)
    ? { kernel }
    : { own };
}

function compileExpression(
  expression: string,
  target: CompileTarget,
): FilterInstruction[] {
  if (expression.includes("\0")) {
    throw new RangeError("the filter expression must not contain NUL");
  }
  const compilation = compile(expression, target);
  if (compilation === undefined) throw new FilterUnavailableError();
  if ("instructions" in compilation) {
    return decodeProgram(compilation.instructions);
  }
  const { fault } = compilation;
  const remedy = fault.includes("netmask")
    ? "; give a device that has an IPv4 address"
    : "";
  throw new RangeError(
    `cannot compile the filter expression ${JSON.stringify(expression)}: ` +
      fault + remedy,
  );
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

/**
 * The kernel's filter sees a cooked packet from its network header on;
 * `undefined` for what it does not see.
 */
function forKernel(
  instruction: FilterInstruction,
): FilterInstruction | undefined {
  const { code, k } = instruction;
  const isOfPacket = CLASSES_OF_LOADS.includes(code & CLASS) &&
    MODES_OF_PACKET.includes(code & MODE);
  if (!isOfPacket || k >= SKF_AD_OFF) return instruction;
  const moved = k >= SLL2_SIZE ? k - SLL2_SIZE : SLL2_FIELDS[k];
  return moved === undefined ? undefined : { ...instruction, k: moved };
}

/** Whether the kernel runs it: whether it is none that goes back. */
function isForKernel(
  instruction: FilterInstruction | undefined,
): instruction is FilterInstruction {
  return instruction !== undefined &&
    (instruction.code !== BPF.JUMP || instruction.k < BACK);
}
