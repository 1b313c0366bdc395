/**
 * Kernel parameters that hosts of several labs are given.
 *
 * @module
 */

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

/** A host that has no address, and says nothing of its own. */
export const MUTE: Sysctl = {
  "net.ipv6.conf.all.disable_ipv6": 1,
  "net.ipv6.conf.default.disable_ipv6": 1,
};

/**
 * What a host's interfaces are told, so that a lab does as it is wired.
 *
 * @param slowestMs the longest that a cable of the lab takes
 */
export function forInterfaces(
  devices: readonly string[],
  slowestMs = 0,
): Sysctl {
  const sysctl: Record<string, string | number> = {};
  for (const device of ["all", ...devices]) {
    // Sources are what the packet says, and nobody says there is a better way.
    sysctl[`net.ipv4.conf.${device}.rp_filter`] = 0;
    sysctl[`net.ipv4.conf.${device}.send_redirects`] = 0;
  }
  for (const device of devices) {
    // Link-local addresses can be used at once, as nobody else is there.
    sysctl[`net.ipv6.conf.${device}.accept_dad`] = 0;
    sysctl[`net.ipv6.conf.${device}.router_solicitations`] = 0;
    // Asked for again soon, where the first question came too early, but not
    // given up before an answer can be there.
    const retransMs = 50 + 2 * slowestMs;
    sysctl[`net.ipv4.neigh.${device}.retrans_time_ms`] = retransMs;
    sysctl[`net.ipv6.neigh.${device}.retrans_time_ms`] = retransMs;
  }
  return sysctl;
}
