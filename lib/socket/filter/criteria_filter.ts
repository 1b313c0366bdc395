/**
 * The commonest capture filters, compiled without libpcap.
 *
 * @module
 */

import {
  SKF_AD_HATYPE,
  SKF_AD_IFINDEX,
  SKF_AD_OFF,
  SKF_AD_PKTTYPE,
  SKF_AD_PROTOCOL,
} from "../../ffi/linux/numbers.ts";
import { isIPv4, parseIPv4, parseIPv6 } from "../../wire/address.ts";
import { checkRange } from "../../wire/errors.ts";
import { ETHER_TYPE } from "../../wire/ether_types.ts";
import { LINK_TYPE_ETHERNET, LINK_TYPE_RAW } from "../../wire/link_types.ts";
import { get32 } from "../../wire/octets.ts";
import { BPF, type FilterInstruction } from "./bpf.ts";

/**
 * A filter that needs no libpcap by itself; all that is given must hold.
 *
 * @category Filters
 */
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
  /** What is not let through: each of these, whatever else holds. */
  readonly not?: readonly ExcludedCriteria[];
}

/**
 * What a filter excludes; of one of these all that is given must hold.
 *
 * @category Filters
 */
export type ExcludedCriteria = Pick<
  PacketCriteria,
  "protocol" | "host" | "port"
>;

/** Octets of the header of a cooked capture, which the kernel's filter lacks. */
export const SLL2_SIZE = 20;

/**
 * Where the kernel has the fields of a cooked capture's header, by their
 * offsets in it.
 */
export const SLL2_FIELDS: Readonly<Record<number, number>> = {
  0: SKF_AD_OFF + SKF_AD_PROTOCOL,
  4: SKF_AD_OFF + SKF_AD_IFINDEX,
  8: SKF_AD_OFF + SKF_AD_HATYPE,
  10: SKF_AD_OFF + SKF_AD_PKTTYPE,
};

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

/**
 * A program that lets through what meets all criteria but an expression.
 *
 * @throws {RangeError} if one is out of range, or a port is wanted of a
 * protocol that has none
 */
export function compileCriteria(
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
  const isHost6 = host !== undefined && !isHost4;
  const wantsARP = isHost4 && protocol === undefined && port === undefined;
  const compiler = new CriteriaCompiler(criteria, linkType);
  compiler.chooseFamily({ ipv4: !isHost6, ipv6: !isHost4, arp: wantsARP });
  if (!isHost6) compiler.ipv4(host === undefined ? [] : [parseIPv4(host)]);
  if (!isHost4) compiler.ipv6(host === undefined ? [] : wordsOf(host));
  if (wantsARP) compiler.arp(parseIPv4(host));
  return compiler.end(snapLength);
}

/**
 * A program that lets through what does not meet all of some criteria.
 *
 * @throws {RangeError} as {@linkcode compileCriteria} does, or if there are none
 */
export function compileExclusion(
  excluded: ExcludedCriteria,
  linkType: number,
  snapLength: number,
): FilterInstruction[] {
  const { protocol, host, port } = excluded;
  if ([protocol, host, port].every((given) => given === undefined)) {
    throw new RangeError("not needs a protocol, a host or a port to exclude");
  }
  return compileCriteria(excluded, linkType, snapLength).map((instruction) =>
    instruction.code === BPF.RETURN
      ? { ...instruction, k: instruction.k > 0 ? 0 : snapLength }
      : instruction
  );
}

/** An IPv6 address as filters compare it. */
function wordsOf(address: string): number[] {
  const octets = parseIPv6(address);
  return Array.from({ length: 4 }, (_, i) => get32(octets, 4 * i));
}

/** Appends the parts of a program, one behind the other. */
class CriteriaCompiler {
  readonly #criteria: PacketCriteria;
  readonly #linkType: number;
  /** Where the network header begins. */
  readonly #start: number;
  readonly #steps: Step[] = [];

  constructor(criteria: PacketCriteria, linkType: number) {
    this.#criteria = criteria;
    this.#linkType = linkType;
    this.#start = linkType === LINK_TYPE_ETHERNET ? 14 : 0;
  }

  /** Which protocol it is, and where it goes on from there. */
  chooseFamily(
    { ipv4, ipv6, arp }: { ipv4: boolean; ipv6: boolean; arp: boolean },
  ): void {
    const to = (label: string, isWanted: boolean) =>
      isWanted ? label : "reject";
    if (this.#linkType === LINK_TYPE_RAW) {
      this.#load(BPF.LOAD_OCTET, 0);
      this.#steps.push({ code: BPF.AND, k: 0xf0 });
      this.#ifEqual(0x40, to("ipv4", ipv4), "next");
      this.#ifEqual(0x60, to("ipv6", ipv6), "reject");
      return;
    }
    if (this.#linkType === LINK_TYPE_ETHERNET) this.#load(BPF.LOAD_HALF, 12);
    else this.#load(BPF.LOAD_WORD, SLL2_FIELDS[0]);
    this.#ifEqual(ETHER_TYPE.IPV4, to("ipv4", ipv4), "next");
    this.#ifEqual(ETHER_TYPE.IPV6, to("ipv6", ipv6), "next");
    this.#ifEqual(ETHER_TYPE.ARP, to("arp", arp), "reject");
  }

  /** @param host the address that is wanted; none if any will do */
  ipv4([host]: readonly number[]): void {
    const start = this.#start;
    this.#begin("ipv4");
    if (host !== undefined) {
      this.#load(BPF.LOAD_WORD, start + IPV4.SOURCE);
      this.#ifEqual(host, "+2", "next");
      this.#load(BPF.LOAD_WORD, start + IPV4.DESTINATION);
      this.#ifEqual(host, "next", "reject");
    }
    this.#checkProtocol(start + IPV4.PROTOCOL);
    if (this.#criteria.port === undefined) return this.#accept();
    this.#load(BPF.LOAD_HALF, start + IPV4.FRAGMENT);
    this.#steps.push({
      code: BPF.JUMP_BITS,
      k: FRAGMENT_OFFSET,
      then: "reject",
      otherwise: "next",
    });
    this.#load(BPF.LOAD_HEADER_LENGTH, start);
    this.#checkPorts(BPF.LOAD_HALF_INDEXED, start, this.#criteria.port);
  }

  /** @param host the four words of the address; none if any will do */
  ipv6(host: readonly number[]): void {
    const start = this.#start;
    this.#begin("ipv6");
    for (const [i, word] of host.entries()) {
      this.#load(BPF.LOAD_WORD, start + IPV6.SOURCE + 4 * i);
      // The source is it, past the destination; or the destination may be.
      this.#ifEqual(word, i === 3 ? "+8" : "next", `+${6 - 2 * i}`);
    }
    for (const [i, word] of host.entries()) {
      this.#load(BPF.LOAD_WORD, start + IPV6.DESTINATION + 4 * i);
      this.#ifEqual(word, "next", "reject");
    }
    this.#checkProtocol(start + IPV6.PROTOCOL);
    if (this.#criteria.port === undefined) return this.#accept();
    this.#checkPorts(BPF.LOAD_HALF, start + IPV6.PAYLOAD, this.#criteria.port);
  }

  /** @param host the address of which one asks, or that is asked for */
  arp(host: number): void {
    this.#load(BPF.LOAD_WORD, this.#start + ARP.SENDER, "arp");
    this.#ifEqual(host, "accept", "next");
    this.#load(BPF.LOAD_WORD, this.#start + ARP.TARGET);
    this.#ifEqual(host, "accept", "reject");
  }

  end(snapLength: number): FilterInstruction[] {
    this.#steps.push({ code: BPF.RETURN, k: snapLength, label: "accept" });
    this.#steps.push({ code: BPF.RETURN, k: 0, label: "reject" });
    return assemble(this.#steps);
  }

  /** Does nothing but bear a label. */
  #begin(label: string): void {
    this.#steps.push({ code: BPF.AND, k: 0xffff_ffff, label });
  }

  #load(code: number, k: number, label?: string): void {
    this.#steps.push({ code, k, label });
  }

  #ifEqual(k: number, then: string, otherwise: string): void {
    this.#steps.push({ code: BPF.JUMP_EQUAL, k, then, otherwise });
  }

  #accept(): void {
    this.#steps.push({ code: BPF.JUMP, k: 0, then: "accept" });
  }

  #checkProtocol(at: number): void {
    const { protocol, port } = this.#criteria;
    if (protocol === undefined && port === undefined) return;
    const wanted = protocol === undefined ? HAS_PORTS : [protocol];
    this.#load(BPF.LOAD_OCTET, at);
    for (const [i, number] of wanted.entries()) {
      const isLast = i === wanted.length - 1;
      // Past the rest of this list.
      const past = `+${wanted.length - 1 - i}`;
      this.#ifEqual(number, past, isLast ? "reject" : "next");
    }
  }

  #checkPorts(load: number, at: number, port: number): void {
    this.#load(load, at);
    this.#ifEqual(port, "accept", "next");
    this.#load(load, at + DESTINATION_PORT);
    this.#ifEqual(port, "accept", "reject");
  }
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
    return code === BPF.JUMP
      ? { code, jt: 0, jf: 0, k: jt }
      : { code, jt, jf, k };
  });
}
