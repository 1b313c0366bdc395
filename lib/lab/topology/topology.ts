/**
 * Which hosts a lab has, how they are wired, and what each is told: data alone.
 *
 * @module
 */

import type { MiddleboxOptions } from "../middlebox/middlebox.ts";

/**
 * A host's end of a link.
 *
 * @category Labs
 */
export interface Port {
  /** The interface's name inside the host. */
  readonly device: string;
  /** Its addresses with prefix lengths, such as `1.1.1.1/24`; a switch has none. */
  readonly addresses: readonly string[];
}

/**
 * Two hosts, joined by a cable.
 *
 * @category Labs
 */
export interface Link {
  /** The host and the interface at either end. */
  readonly ends: readonly [
    { readonly host: string; readonly port: Port },
    { readonly host: string; readonly port: Port },
  ];
  /** The longest packet that it carries, in octets; default 1500. */
  readonly mtu?: number;
}

/**
 * What a host does with what is not for it: nothing, forwards packets, or frames.
 *
 * @category Labs
 */
export type HostRole = "host" | "router" | "switch";

/**
 * What is unusual about a host: an option's name, with its number if it has one.
 *
 * @category Labs
 */
export type Traits = Readonly<Record<string, number | true>>;

/**
 * What a host is told once it is wired, and what it is thereby.
 *
 * @category Labs
 */
export interface HostSetup {
  /**
   * What it does with what is not for it; default `host`. Whether it forwards
   * follows from that, unless `sysctl` says otherwise.
   */
  readonly role?: HostRole;
  /** What is unusual about it; default nothing. */
  readonly traits?: Traits;
  /** Kernel parameters, such as `net.ipv4.ip_forward`, set in this order. */
  readonly sysctl?: Readonly<Record<string, string | number>>;
  /** Lines of `ip -batch`, when all addresses are there: routes, bridges. */
  readonly ip?: readonly string[];
  /** Chains of an nftables table of the family `inet`, such as
   * `chain silent { … }`. */
  readonly nft?: readonly string[];
}

/** The host that all middleboxes are in. */
export const MIDDLEBOXES = "middleboxes";

/**
 * A lab's plan.
 *
 * @category Labs
 */
export interface Topology {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it is for, in a line. */
  readonly description: string;
  /** The hosts; commands run in the first, unless told otherwise. */
  readonly hosts: readonly string[];
  /** The cables between them. */
  readonly links: readonly Link[];
  /** By host; nothing for those left out. */
  readonly setup?: Readonly<Record<string, HostSetup>>;
  /** What stands in its cables, in the host {@linkcode MIDDLEBOXES}. */
  readonly middleboxes?: readonly MiddleboxOptions[];
}
