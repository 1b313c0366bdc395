/**
 * What a system can do, and what it has to look at its network with.
 *
 * @module
 */

/** What not every system can do, or not in the way of Linux. */
export const CAPABILITIES = [
  /** Network namespaces: labs, and sockets of their hosts. */
  "labs",
  /** Packets as they cross an interface, whomever they are for. */
  "packetSocket",
  /** Sockets of one interface, by its name. */
  "devices",
  /** TCP by raw sockets. */
  "tcpRaw",
  /** TCP that arrives, at raw sockets. */
  "tcpReplies",
  /** UDP that arrives, at raw sockets. */
  "udpReplies",
  /** UDP from any source. */
  "foreignUDP",
  /** IPv6 by raw sockets. */
  "rawIPv6",
  /** IPv6 packets with their own header. */
  "ipv6Headers",
  /** Asking what the first link takes, without sending. */
  "linkMTU",
  /** The route and the neighbour that the kernel would choose. */
  "routeTable",
  /** Sending past the kernel's own way out. */
  "fastSending",
  /** Classic BPF programs that the kernel runs. */
  "kernelFilters",
  /** How many packets a full buffer has cost. */
  "dropCounter",
  /** ICMP errors as a queue of their socket. */
  "errorQueue",
  /** Being told, and choosing, what becomes of SIGHUP. */
  "signalActions",
  /** Writing 4,096 octets without waiting, once poll(2) tells of room. */
  "pageOfRoom",
] as const;

/** One of those. */
export type Capability = typeof CAPABILITIES[number];

/** A reason, to go behind the system's name, and the way out. */
export type Lack = readonly [reason: string, remedy: string];

/** What is lacking without anybody having to be told. */
export const SILENT: Lack = ["cannot", ""];
export const ON_LINUX = "Run it on Linux, in a virtual machine for instance.";
export const OR_ON_LINUX =
  "Or run it on Linux, in a virtual machine for instance.";
export const IN_ICMP =
  "Send ICMP, or a protocol of one's own such as 253, instead.";
export const NO_FAST_SENDING: Lack = [
  "has no way out that is faster than its raw sockets, or raw4 knows none",
  `Send the ordinary way. ${OR_ON_LINUX}`,
];
export const NO_NAMESPACES: Lack = [
  "has no network namespaces, which labs are made of",
  ON_LINUX,
];

/** What a system has to look at its network with, and to be let use it. */
export interface Tools {
  readonly raw: string;
  readonly ping: string;
  readonly files: string;
  readonly route: string;
  readonly routes: string;
  readonly mtu: string;
  readonly queue: string;
  readonly addresses: string;
  readonly zones: string;
  readonly interfaces: string;
  readonly up: string;
  readonly firewall: string;
}

/** A system, and what it lacks of what Linux has. */
export interface System {
  /** As Deno calls it. */
  readonly os: string;
  readonly name: string;
  /** Signals that end a script with its summary. */
  readonly signals: readonly Deno.Signal[];
  /** Whether everybody may ping, and only raw sockets need a privilege. */
  readonly everybodyPings?: boolean;
  /** What has its firewall let a protocol in, but for its number. */
  readonly firewallRule?: string;
  readonly lacks: Readonly<Partial<Record<Capability, Lack>>>;
  readonly tools: Tools;
}

export const POSIX_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
