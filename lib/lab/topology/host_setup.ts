/**
 * Kernel parameters that hosts of several labs are given.
 *
 * @module
 */

import type { HostSetup } from "./topology.ts";

/** Kernel parameters, by name. */
export type Sysctl = Readonly<Record<string, string | number>>;

/** An error for each packet that deserves one, however many there are. */
export const UNLIMITED_ERRORS: Sysctl = {
  // The kernel's limit for all hosts together spares these types as well.
  "net.ipv4.icmp_ratemask": 0,
  "net.ipv6.icmp.ratemask": "",
};

/** Lets a host forward what is not for it. */
export const FORWARDING: Sysctl = {
  "net.ipv4.ip_forward": 1,
  "net.ipv6.conf.all.forwarding": 1,
};

/** Keeps it from that. */
const NOT_FORWARDING: Sysctl = {
  "net.ipv4.ip_forward": 0,
  "net.ipv6.conf.all.forwarding": 0,
};

/**
 * All kernel parameters that a host is told: what its role comes to, whatever
 * the machine does, from which its namespace has inherited; then its own.
 */
export function sysctlOf({ role, sysctl }: HostSetup = {}): Sysctl {
  return { ...(role === "router" ? FORWARDING : NOT_FORWARDING), ...sysctl };
}

/** A host that has no address, and says nothing of its own. */
export const MUTE: Sysctl = {
  "net.ipv6.conf.all.disable_ipv6": 1,
  "net.ipv6.conf.default.disable_ipv6": 1,
};

/** A middlebox is a program, and a busy machine may let it wait so long. */
const MIDDLEBOX_WAIT_MS = 2000;

/**
 * What a host's interfaces are told, so that a lab does as it is wired.
 *
 * @param slowestMs the longest that a cable of the lab takes, if a middlebox is
 * in any
 */
export function forInterfaces(
  devices: readonly string[],
  slowestMs?: number,
): Sysctl {
  const sysctl: Record<string, string | number> = {};
  for (const device of ["all", ...devices]) {
    // A source may be whatever the packet says.
    sysctl[`net.ipv4.conf.${device}.rp_filter`] = 0;
  }
  for (const device of devices) {
    // Link-local addresses can be used at once, as nobody else is there.
    sysctl[`net.ipv6.conf.${device}.accept_dad`] = 0;
    sysctl[`net.ipv6.conf.${device}.router_solicitations`] = 0;
    for (const family of ["ipv4", "ipv6"]) {
      const neighbour = `net.${family}.neigh.${device}`;
      // Asked for again soon, where the first question came too early, but not
      // given up before an answer can be there.
      const retransMs = 50 + 2 * (slowestMs ?? 0);
      sysctl[`${neighbour}.retrans_time_ms`] = retransMs;
      if (slowestMs === undefined) continue;
      const questions = 3 + Math.ceil(MIDDLEBOX_WAIT_MS / retransMs);
      sysctl[`${neighbour}.mcast_solicit`] = questions;
      sysctl[`${neighbour}.ucast_solicit`] = questions;
    }
  }
  return sysctl;
}
