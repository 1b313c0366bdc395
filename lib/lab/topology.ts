/**
 * Which hosts a lab has, how they are wired, and what each is told: data alone.
 *
 * @module
 */

import type { MiddleboxOptions } from "../tools/middlebox.ts";
import { lan } from "./lan.ts";

/** A host's end of a link. */
export interface Port {
  /** The interface's name inside the host. */
  readonly device: string;
  /** Its addresses with prefix lengths, such as `1.1.1.1/24`; a switch has none. */
  readonly addresses: readonly string[];
}

/** Two hosts, joined by a cable. */
export interface Link {
  readonly ends: readonly [
    { readonly host: string; readonly port: Port },
    { readonly host: string; readonly port: Port },
  ];
  /** The longest packet that it carries, in octets; default 1500. */
  readonly mtu?: number;
}

/** What a host is told once it is wired. */
export interface HostSetup {
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

/** A lab's plan. */
export interface Topology {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it is for, in a line. */
  readonly description: string;
  /** The hosts; commands run in the first, unless told otherwise. */
  readonly hosts: readonly string[];
  readonly links: readonly Link[];
  /** By host; nothing for those left out. */
  readonly setup?: Readonly<Record<string, HostSetup>>;
  /** What stands in its cables, in the host {@linkcode MIDDLEBOXES}. */
  readonly middleboxes?: readonly MiddleboxOptions[];
}

/** The pair of the protocol-253 demo: 1.1.1.100 sends, 1.1.1.1 receives. */
const pair: Topology = {
  name: "pair",
  description: "two hosts on one cable: sender 1.1.1.100, receiver 1.1.1.1",
  hosts: ["sender", "receiver"],
  links: [{
    ends: [
      {
        host: "sender",
        port: {
          device: "eth0",
          addresses: ["1.1.1.100/24", "2001:db8::100/64"],
        },
      },
      {
        host: "receiver",
        port: { device: "eth0", addresses: ["1.1.1.1/24", "2001:db8::1/64"] },
      },
    ],
  }],
};

/** The topologies that are always the same, by name. */
export const TOPOLOGIES: Readonly<Record<string, Topology>> = { pair, lan };
