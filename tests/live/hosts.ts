/**
 * What tests do to the virtual hosts of a lab.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import type { Lab } from "../../lib/lab/lab.ts";
import type { Topology } from "../../lib/lab/topology.ts";

/** Runs a program inside a host; tells what it printed. */
export async function inHost(
  lab: Lab,
  host: string,
  ...command: readonly string[]
): Promise<string> {
  const [program, ...args] = lab.inside(host, command);
  return await runProgram(program, args);
}

/** Sets kernel parameters inside a host, and nowhere else. */
export async function setKernel(
  lab: Lab,
  host: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<void> {
  const pairs = Object.entries(parameters).map(([key, value]) =>
    `${key}=${value}`
  );
  await inHost(lab, host, "sysctl", "-qw", ...pairs);
}

/** Gives the pair link-local addresses that can be used at once. */
export async function addLinkLocals(lab: Lab): Promise<void> {
  const hosts = [["sender", "fe80::100/64"], ["receiver", "fe80::1/64"]];
  for (const [host, address] of hosts) {
    const add = ["ip", "address", "add", address, "dev", "eth0", "nodad"];
    await inHost(lab, host, ...add);
  }
}

/** A client, a router, and a server behind it; IPv4 and IPv6. */
export const ROUTED: Topology = {
  name: "routed",
  description: "a client 1.1.1.100, a router 1.1.1.1, a server 1.1.2.2",
  hosts: ["client", "router", "server"],
  links: [{
    ends: [
      {
        host: "client",
        port: {
          device: "eth0",
          addresses: ["1.1.1.100/24", "2001:db8:1::100/64"],
        },
      },
      {
        host: "router",
        port: { device: "eth0", addresses: ["1.1.1.1/24", "2001:db8:1::1/64"] },
      },
    ],
  }, {
    ends: [
      {
        host: "router",
        port: {
          device: "eth1",
          // To forward, it needs a link-local address that is not tentative.
          addresses: ["1.1.2.1/24", "2001:db8:2::1/64", "fe80::1/64"],
        },
      },
      {
        host: "server",
        port: { device: "eth0", addresses: ["1.1.2.2/24", "2001:db8:2::2/64"] },
      },
    ],
  }],
};

/**
 * Lets the router forward, and refuse two networks: it says that 1.1.3.0/24
 * and 2001:db8:3::/64 are unreachable, 1.1.4.0/24 and 2001:db8:4::/64
 * prohibited. Of those errors an IPv4 host is sent five, and one more each
 * second (net.ipv4.route.error_burst, which no namespace can change).
 */
export async function startRouting(lab: Lab): Promise<void> {
  await setKernel(lab, "router", {
    "net.ipv4.ip_forward": 1,
    "net.ipv6.conf.all.forwarding": 1,
    // Of each kind of error, as many as there is reason for.
    "net.ipv4.icmp_ratemask": 0,
    "net.ipv6.icmp.ratelimit": 0,
    "net.ipv4.icmp_msgs_per_sec": 100_000,
  });
  const routes: [host: string, ...route: string[]][] = [
    ["client", "default", "via", "1.1.1.1"],
    ["client", "default", "via", "2001:db8:1::1"],
    ["server", "default", "via", "1.1.2.1"],
    ["server", "default", "via", "2001:db8:2::1"],
    ["router", "unreachable", "1.1.3.0/24"],
    ["router", "unreachable", "2001:db8:3::/64"],
    ["router", "prohibit", "1.1.4.0/24"],
    ["router", "prohibit", "2001:db8:4::/64"],
  ];
  for (const [host, ...route] of routes) {
    await inHost(lab, host, "ip", "route", "add", ...route);
  }
}

/** Group ids that may open ping sockets: everybody's. */
export const EVERYBODY = "0 2147483647";
