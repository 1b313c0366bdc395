/**
 * A star: a head, hosts that it gives work to, and a network to be swept.
 *
 * @module
 */

import { forInterfaces, MUTE, UNLIMITED_ERRORS } from "./host_setup.ts";
import type { Link, Topology } from "./topology.ts";

const MAX_HOSTS = 30;

/**
 * Plans a star: all on a switch, whose network is 10.9.0.0/24: the head is
 * 10.9.0.1, host k is 10.9.0.(10+k). The head answers for all of 10.10.0.0/16.
 *
 * @param hosts how many, 1–30
 * @throws {RangeError} if there cannot be such a star
 */
export function star(hosts: number): Topology {
  if (!(Number.isInteger(hosts) && hosts >= 1 && hosts <= MAX_HOSTS)) {
    throw new RangeError(
      `a star's number of hosts must be a whole number from 1 to ` +
        `${MAX_HOSTS}, but is ${hosts}`,
    );
  }
  const workers = Array.from({ length: hosts }, (_, i) => `host${i + 1}`);
  const last = (name: string) =>
    name === "head" ? 1 : 11 + workers.indexOf(name);
  const all = ["head", ...workers];
  return {
    name: "star",
    description: `head 10.9.0.1, which answers for 10.10.0.0/16, and ${
      hosts === 1 ? "a host" : `${hosts} hosts`
    } from 10.9.0.11 on`,
    hosts: [...all, "switch"],
    links: all.map((host): Link => ({
      ends: [
        {
          host,
          port: {
            device: "eth0",
            addresses: [
              `10.9.0.${last(host)}/24`,
              `2001:db8:9::${last(host)}/64`,
            ],
          },
        },
        { host: "switch", port: { device: host, addresses: [] } },
      ],
    })),
    setup: {
      head: {
        sysctl: { ...UNLIMITED_ERRORS, ...forInterfaces(["eth0"]) },
        ip: ["route add local 10.10.0.0/16 dev lo"],
      },
      ...Object.fromEntries(workers.map((host) => [host, {
        sysctl: forInterfaces(["eth0"]),
        ip: [
          "route add default via 10.9.0.1",
          "route add default via 2001:db8:9::1",
        ],
      }])),
      switch: {
        sysctl: MUTE,
        ip: [
          "link add bridge type bridge mcast_snooping 0",
          ...all.map((host) => `link set ${host} master bridge`),
          "link set bridge up",
        ],
      },
    },
  };
}
