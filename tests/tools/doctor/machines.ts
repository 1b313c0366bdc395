/**
 * Machines that are not this one, as the doctor finds them.
 *
 * @module
 */

import {
  type MachineFacts,
  SOCKET_KINDS,
  type SocketKind,
  type SocketTest,
} from "../../../lib/tools/doctor/machine_facts.ts";

/** Tests of sockets, all of which work but for some. */
export function sockets(
  faults: Partial<Record<SocketKind, Omit<SocketTest, "kind">>> = {},
): SocketTest[] {
  return SOCKET_KINDS.map((kind) => ({
    kind,
    ...faults[kind] ?? { outcome: "works" },
  }));
}

/** What the system says to who may not. */
export const REFUSED = {
  outcome: "refused",
  code: "EPERM",
  reason: "cannot open a raw socket: Operation not permitted (socket: EPERM)",
  remedy: "Raw sockets need root.",
} as const;

/** Debian, as root, with all that there is. */
export const ROOT: MachineFacts = {
  os: "linux",
  arch: "x86_64",
  cpus: 4,
  distribution: "Debian GNU/Linux 13 (trixie)",
  kernel: "6.12.48+deb13-amd64",
  deno: "2.9.6",
  libc: { name: "glibc", version: "2.41" },
  mayCall: true,
  mayBuildLabs: true,
  capabilities: { netRaw: true, netAdmin: true, sysAdmin: true },
  maxUserNamespaces: 15_000,
  programs: {
    ip: "/usr/sbin/ip",
    unshare: "/usr/bin/unshare",
    nsenter: "/usr/bin/nsenter",
    nft: "/usr/sbin/nft",
    iptables: undefined,
  },
  ipVersion: "iproute2-6.15.0",
  labs: "namespaces",
  pingGroups: [0, 2147483647],
  isLoopbackUp: true,
  interfaces: [{ name: "eth0", reversePathFilter: 2, offloads: [] }],
  firewall: { state: "read", program: "nft", swallowed: [] },
  hasIPv6: true,
  hasLibpcap: true,
  sockets: sockets(),
};

/** The same machine's student, who has no capability. */
export const STUDENT: MachineFacts = {
  ...ROOT,
  capabilities: { netRaw: false, netAdmin: false, sysAdmin: false },
  labs: "user-namespace",
  firewall: { state: "refused" },
  sockets: sockets({
    raw: REFUSED,
    ownHeader: REFUSED,
    rawIPv6: REFUSED,
    icmp: REFUSED,
    icmpv6: REFUSED,
    packet: REFUSED,
    filter: REFUSED,
    timeStamps: REFUSED,
  }),
};

/** Alpine, by a Deno of its own. */
export const MUSL: MachineFacts = {
  os: "linux",
  arch: "aarch64",
  cpus: 4,
  deno: "2.9.6",
  libc: { name: "musl" },
  mayCall: true,
  mayBuildLabs: false,
  sockets: sockets(Object.fromEntries(SOCKET_KINDS.map((kind) => [kind, {
    outcome: "refused",
    reason: "Could not open library: libc.so.6",
  }]))),
};

/** A system of which nothing but Deno's own word is known. */
export function other(os: string, tests: readonly SocketTest[]): MachineFacts {
  return {
    os,
    arch: "aarch64",
    cpus: 8,
    deno: "2.9.6",
    mayCall: true,
    mayBuildLabs: false,
    sockets: tests,
  };
}
