/**
 * libpcap, opened when it is first needed: as much of it as compiles the
 * filters that tcpdump's users write.
 *
 * @module
 */

import { cString, toCString } from "../libc.ts";
import { BPF_PROGRAM, SOCK_FILTER } from "./numbers.ts";

const SYMBOLS = {
  /** pcap_t *pcap_open_dead(int linktype, int snaplen) */
  pcap_open_dead: { parameters: ["i32", "i32"], result: "pointer" },
  /** pcap_t *pcap_create(const char *source, char *errbuf) */
  pcap_create: { parameters: ["buffer", "buffer"], result: "pointer" },
  /** int pcap_set_snaplen(pcap_t *p, int snaplen) */
  pcap_set_snaplen: { parameters: ["pointer", "i32"], result: "i32" },
  /** int pcap_activate(pcap_t *p) */
  pcap_activate: { parameters: ["pointer"], result: "i32" },
  /** int pcap_compile(pcap_t *p, struct bpf_program *program, const char *expression, int optimize, bpf_u_int32 netmask) */
  pcap_compile: {
    parameters: ["pointer", "buffer", "buffer", "i32", "u32"],
    result: "i32",
  },
  /** int pcap_lookupnet(const char *device, bpf_u_int32 *netp, bpf_u_int32 *maskp, char *errbuf) */
  pcap_lookupnet: {
    parameters: ["buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  /** char *pcap_geterr(pcap_t *p) */
  pcap_geterr: { parameters: ["pointer"], result: "pointer" },
  /** void pcap_freecode(struct bpf_program *program) */
  pcap_freecode: { parameters: ["buffer"], result: "void" },
  /** void pcap_close(pcap_t *p) */
  pcap_close: { parameters: ["pointer"], result: "void" },
} as const;

type Libpcap = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The name on most systems, and on Debian and its kin. */
const NAMES = ["libpcap.so.1", "libpcap.so.0.8"];
/** PCAP_ERRBUF_SIZE: octets for what some functions have to say. */
const ERROR_SIZE = 256;
/** The network's mask, which `ip broadcast` alone needs, is not known. */
const PCAP_NETMASK_UNKNOWN = 0xffff_ffff;

let symbols: Libpcap | undefined;

/** libpcap's word: the instructions, or what it has against the expression. */
export type Compilation =
  | { readonly instructions: DataView<ArrayBuffer> }
  | { readonly fault: string };

/** What an expression is compiled for. */
export interface CompileTarget {
  /** What packets begin with, as capture files number it. */
  readonly linkType: number;
  /** Octets of a packet that the program lets through. */
  readonly snapLength: number;
  /**
   * The interface that it is for, of this thread's namespace, whose network's
   * mask is asked for; default none.
   */
  readonly device?: string;
  /**
   * Whether libpcap opens it for a moment, as it asks it what the kernel keeps
   * apart from packets; default false.
   */
  readonly isLive?: boolean;
}

/**
 * Compiles an expression.
 *
 * @returns `undefined` where libpcap is not installed
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`
 */
export function compile(
  expression: string,
  target: CompileTarget,
): Compilation | undefined {
  symbols ??= open();
  if (symbols === undefined) return undefined;
  const { device, isLive, linkType, snapLength } = target;
  const live = isLive ? device : undefined;
  const handle = live === undefined
    ? symbols.pcap_open_dead(linkType, snapLength)
    : symbols.pcap_create(toCString(live), new Uint8Array(ERROR_SIZE));
  if (handle === null) return { fault: "out of memory" };
  try {
    if (live !== undefined) {
      symbols.pcap_set_snaplen(handle, snapLength);
      // Above zero are warnings.
      if (symbols.pcap_activate(handle) < 0) return faultOf(symbols, handle);
    }
    const program = new DataView(new ArrayBuffer(BPF_PROGRAM.SIZE));
    const result = symbols.pcap_compile(
      handle,
      program,
      toCString(expression),
      1,
      device === undefined ? PCAP_NETMASK_UNKNOWN : netmask(symbols, device),
    );
    if (result < 0) return faultOf(symbols, handle);
    try {
      return { instructions: instructionsOf(program) };
    } finally {
      symbols.pcap_freecode(program);
    }
  } finally {
    symbols.pcap_close(handle);
  }
}

/**
 * The mask of an interface's first IPv4 address. `pcap_lookupnet` tells it in
 * network order, but `pcap_compile` takes a number.
 */
function netmask({ pcap_lookupnet }: Libpcap, device: string): number {
  const net = new Uint32Array(1);
  const mask = new DataView(new ArrayBuffer(4));
  const error = new Uint8Array(ERROR_SIZE);
  return pcap_lookupnet(toCString(device), net, mask, error) < 0
    ? PCAP_NETMASK_UNKNOWN
    : mask.getUint32(0);
}

function faultOf(
  { pcap_geterr }: Libpcap,
  handle: Deno.PointerValue,
): Compilation {
  return { fault: cString(pcap_geterr(handle)) };
}

/** A copy, since what the program points to is libpcap's own. */
function instructionsOf(program: DataView): DataView<ArrayBuffer> {
  const length = program.getUint32(BPF_PROGRAM.LENGTH, true) * SOCK_FILTER.SIZE;
  const address = program.getBigUint64(BPF_PROGRAM.INSTRUCTIONS, true);
  const pointer = Deno.UnsafePointer.create(address) as Deno.PointerObject;
  return new DataView(
    Deno.UnsafePointerView.getArrayBuffer(pointer, length).slice(0),
  );
}

function open(): Libpcap | undefined {
  for (const name of NAMES) {
    try {
      return Deno.dlopen(name, SYMBOLS).symbols;
    } catch (error) {
      // Without the permission no name would be any better.
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
  }
  return undefined;
}
