/**
 * What macOS has, and what it lacks.
 *
 * @module
 */

import {
  IN_ICMP,
  NO_FAST_SENDING,
  NO_NAMESPACES,
  OR_ON_LINUX,
  POSIX_SIGNALS,
  SILENT,
  type System,
} from "../system.ts";

export const system: System = {
  os: "darwin",

  name: "macOS",
  signals: POSIX_SIGNALS,
  everybodyPings: true,
  lacks: {
    labs: NO_NAMESPACES,
    packetSocket: [
      "has packet sockets of another kind (BPF), which raw4 does not know",
      `Use tcpdump there. ${OR_ON_LINUX}`,
    ],
    tcpReplies: ["shows raw sockets no TCP", IN_ICMP],
    udpReplies: ["shows raw sockets no UDP", IN_ICMP],
    ipv6Headers: [
      "sends no IPv6 packets with a header of their own",
      `Take IPv4 instead. ${OR_ON_LINUX}`,
    ],
    routeTable: SILENT,
    fastSending: NO_FAST_SENDING,
    kernelFilters: SILENT,
    dropCounter: SILENT,
    pageOfRoom: SILENT,
  },
  tools: {
    raw: "Raw sockets need root: run it with `sudo`. Only ping can do without.",
    ping: "Run it with `sudo`, by a raw socket.",
    files: "`ulimit -n` shows the limit",
    route: "`route -n get ADDRESS` shows what the kernel would do",
    routes: "`netstat -rn` shows it",
    mtu: "`ifconfig` shows it",
    queue: "",
    addresses: "`ifconfig` lists those it has",
    zones: "ifconfig",
    interfaces: "`ifconfig` lists them",
    up: "`ifconfig` shows it, `sudo ifconfig NAME up` brings it up",
    firewall: "`sudo pfctl -s rules` shows them",
  },
};
