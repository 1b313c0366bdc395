/**
 * The LAN of SEED Labs' exercises: an attacker who sees all, and two others.
 *
 * @module
 */

import { forInterfaces, MUTE } from "./host_setup.ts";
import type { HostSetup, Link, Topology } from "./topology.ts";

/** The hosts, and the last part of their addresses. */
const HOSTS: readonly (readonly [name: string, number: number])[] = [
  ["attacker", 1],
  ["user", 5],
  ["victim", 6],
];

/**
 * 10.9.0.0/24 and 2001:db8:9::/64 on a switch that sends everything everywhere,
 * as a hub does. What is not on the LAN is sent to the attacker, who does not
 * forward it, and whose kernel does not complain either.
 */
export const lan: Topology = {
  name: "lan",
  description:
    "attacker 10.9.0.1, who sees all, user 10.9.0.5 and victim 10.9.0.6",
  hosts: [...HOSTS.map(([name]) => name), "switch"],
  links: HOSTS.map(([name, number]): Link => ({
    ends: [
      {
        host: name,
        port: {
          device: "eth0",
          addresses: [`10.9.0.${number}/24`, `2001:db8:9::${number}/64`],
        },
      },
      { host: "switch", port: { device: name, addresses: [] } },
    ],
  })),
  setup: {
    ...Object.fromEntries(HOSTS.map(([name]) => [name, hostSetup(name)])),
    switch: {
      role: "switch",
      sysctl: MUTE,
      ip: [
        // It forgets at once who is where, and so floods.
        "link add hub type bridge ageing_time 0 mcast_snooping 0",
        ...HOSTS.map(([name]) => `link set ${name} master hub`),
        "link set hub up",
      ],
    },
  },
};

function hostSetup(name: string): HostSetup {
  return {
    sysctl: forInterfaces(["eth0"]),
    // Without a route an IPv6 host complains, though it does not forward.
    ip: name === "attacker" ? ["route add blackhole ::/0"] : [
      "route add default via 10.9.0.1",
      "route add default via 2001:db8:9::1",
    ],
  };
}
