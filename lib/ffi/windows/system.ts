/**
 * What Windows has, and what it lacks.
 *
 * @module
 */

import {
  IN_ICMP,
  NO_FAST_SENDING,
  NO_NAMESPACES,
  ON_LINUX,
  OR_ON_LINUX,
  SILENT,
  type System,
} from "../system.ts";

export const system: System = {
  os: "windows",

  name: "Windows",
  signals: ["SIGINT", "SIGBREAK", "SIGHUP"],
  everybodyPings: true,
  lacks: {
    labs: NO_NAMESPACES,
    packetSocket: [
      "shows no program what crosses an interface",
      `Use Wireshark there. ${OR_ON_LINUX}`,
    ],
    devices: [
      "binds no socket to an interface by its name",
      "Give the interface's own address instead; `ipconfig` lists them.",
    ],
    tcpRaw: ["sends no TCP from raw sockets", IN_ICMP],
    tcpReplies: ["shows raw sockets no TCP", IN_ICMP],
    foreignUDP: [
      "drops UDP whose source is no address of its own",
      `Take an address of this host as the source. ${IN_ICMP}`,
    ],
    rawIPv6: ["has no raw IPv6 sockets that raw4 can use", ON_LINUX],
    ipv6Headers: [
      "sends no IPv6 packets with a header of their own",
      ON_LINUX,
    ],
    linkMTU: ["does not tell what its link takes", ON_LINUX],
    routeTable: SILENT,
    fastSending: NO_FAST_SENDING,
    kernelFilters: SILENT,
    dropCounter: SILENT,
    errorQueue: SILENT,
    signalActions: SILENT,
    pageOfRoom: SILENT,
  },
  firewallRule:
    "netsh advfirewall firewall add rule name=raw4 dir=in action=allow protocol=",
  tools: {
    raw: "Raw sockets are for administrators: open the terminal by “Run as " +
      "administrator”. Only ping does without.",
    ping: "Open the terminal by “Run as administrator”.",
    files: "end other programs",
    route: "`route print` shows them all",
    routes: "`route print` shows it",
    mtu: "`netsh interface ipv4 show subinterfaces` shows it",
    queue: "",
    addresses: "`ipconfig` lists those it has",
    zones: "ipconfig",
    interfaces: "`ipconfig` lists them",
    up: "`ncpa.cpl` shows it, and brings it up",
    firewall: "`netsh advfirewall firewall show rule name=all` shows them",
  },
};
