/**
 * What Linux has, and what it lacks.
 *
 * @module
 */

import { POSIX_SIGNALS, type System } from "../system.ts";

export const system: System = {
  os: "linux",
  name: "Linux",
  signals: POSIX_SIGNALS,
  lacks: {},
  tools: {
    raw: "Raw sockets need root or the capability CAP_NET_RAW. Run " +
      "it as root (sudo), or as yourself with the one capability:\n" +
      "  sudo setpriv --reuid=$(id -u) --regid=$(id -g) --init-groups " +
      "--inh-caps=+net_raw --ambient-caps=+net_raw deno run …\n" +
      "In a lab everybody may: `scripts/lab.ts run pair -- bash` is a shell in one.",
    ping: "The system lets no group of yours ping. As root: " +
      '`sysctl -w net.ipv4.ping_group_range="0 2147483647"` (it is for IPv6 too); ' +
      "or use a raw socket, as root.",
    files: "`ulimit -n` shows the limit",
    route: "`ip route get ADDRESS` shows what the kernel would do",
    routes: "`ip route` shows it",
    mtu: "`ip link` shows it",
    queue: " (`tc -s qdisc` shows it)",
    addresses: "`ip address` lists those it has",
    zones: "ip -6 address",
    interfaces: "`ip link` lists them",
    up: "`ip link` shows it, `ip link set dev NAME up` brings it up",
    firewall: "`nft list ruleset` shows them",
  },
};
