/**
 * What the doctor finds out about a machine.
 *
 * @module
 */

import type { Capability, System } from "../../ffi/system.ts";
import { systemCalled } from "../../ffi/systems.ts";
import type { ReversePathFilter } from "../../socket/kernel/ip_settings.ts";
import type { FirewallFacts } from "./firewall.ts";

/** The kinds of sockets that are tried, in the order that they are shown in. */
export const SOCKET_KINDS = [
  "raw",
  "ownHeader",
  "rawIPv6",
  "icmp",
  "icmpv6",
  "ping",
  "pingIPv6",
  "packet",
  "filter",
  "timeStamps",
] as const;

/** One of them. */
export type SocketKind = (typeof SOCKET_KINDS)[number];

/** What a system has to have for them. */
export const REQUIRED: Readonly<Partial<Record<SocketKind, Capability>>> = {
  rawIPv6: "rawIPv6",
  icmpv6: "rawIPv6",
  packet: "packetSocket",
  filter: "kernelFilters",
};

/** What became of one packet to this host itself. */
export interface SocketTest {
  readonly kind: SocketKind;
  /**
   * `works`: it came back. `refused`: the system did not let it be sent.
   * `silent`: it was sent, and never came.
   */
  readonly outcome: "works" | "refused" | "silent";
  /** Why it was refused, in a sentence. */
  readonly reason?: string;
  /** The error's name, such as `EPERM`, where it is the system's. */
  readonly code?: string;
  /** What to do about it, where the error knows. */
  readonly remedy?: string;
}

/** An interface, and what it does to packets. */
export interface InterfaceFacts {
  readonly name: string;
  readonly reversePathFilter: ReversePathFilter;
  /** What is left to the card, as ethtool names it: `tx`, `tso`, `gro` … */
  readonly offloads: readonly string[];
}

/**
 * A machine, as far as it could be asked; what is absent is not known, or there
 * is no such thing on its system.
 */
export interface MachineFacts {
  /** As Deno names them: `linux`, `x86_64`. */
  readonly os: string;
  readonly arch: string;
  /** How many there are. */
  readonly cpus: number;
  /** What it calls itself, such as `Debian GNU/Linux 12 (bookworm)`. */
  readonly distribution?: string;
  /** The kernel's release, such as `6.1.0-50-arm64`. */
  readonly kernel?: string;
  /** Deno's version. */
  readonly deno: string;
  /** The C library; musl has no version that matters. */
  readonly libc?: {
    readonly name: "glibc" | "musl";
    readonly version?: string;
  };
  /** Whether Deno permits to call libc. */
  readonly mayCall: boolean;
  /** Whether Deno permits to run what labs are built with. */
  readonly mayBuildLabs: boolean;
  /** What this process may, of what matters here. */
  readonly capabilities?: {
    readonly netRaw: boolean;
    readonly netAdmin: boolean;
    readonly sysAdmin: boolean;
  };
  /** `user.max_user_namespaces` */
  readonly maxUserNamespaces?: number;
  /** `kernel.unprivileged_userns_clone`, of Debian's kernels. */
  readonly unprivilegedUserNamespaces?: boolean;
  /** `kernel.apparmor_restrict_unprivileged_userns`, of Ubuntu's. */
  readonly appArmorRestricts?: boolean;
  /** Where programs are, by their names. */
  readonly programs?: Readonly<Record<string, string | undefined>>;
  /** What `ip -V` says. */
  readonly ipVersion?: string;
  /** Where a lab could be had, when it was tried. */
  readonly labs?: "namespaces" | "user-namespace" | "none";
  /** `net.ipv4.ping_group_range`; from more to less: nobody. */
  readonly pingGroups?: readonly [number, number];
  readonly isLoopbackUp?: boolean;
  /** All but loopback. */
  readonly interfaces?: readonly InterfaceFacts[];
  readonly firewall?: FirewallFacts;
  readonly hasIPv6?: boolean;
  readonly hasLibpcap?: boolean;
  /** Those that the system has, if they were tried. */
  readonly sockets: readonly SocketTest[];
}

/** A machine's system; `undefined` if raw4 does not know it. */
export function systemOf({ os }: MachineFacts): System | undefined {
  return systemCalled(os);
}

/** How the machine is asked what takes a program of the system's. */
export interface Programs {
  /** Whether Deno permits to run it. */
  mayRun(program: string): boolean;
  /** What it prints; `undefined` if it fails, or is not there. */
  run(program: string, ...args: string[]): Promise<string | undefined>;
  /** Where it may be. */
  pathsOf(program: string): readonly string[];
  /** Tries where a lab can be had, and leaves nothing behind. */
  findRung(): Promise<"namespaces" | "user-namespace" | "none">;
}
