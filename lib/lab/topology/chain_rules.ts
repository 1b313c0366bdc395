/**
 * What routers of a chain do to packets, as chains of nftables.
 *
 * @module
 */

import type { ChainOptions } from "./chain_options.ts";

/** The names that nft has for the ECN bits. */
const ECN = ["not-ect", "ect1", "ect0", "ce"];

/** The nftables chains of a router; none if it forwards and no more. */
export function chainsOf(router: number, options: ChainOptions): string[] {
  const chains: string[] = [];
  if (options.silent?.includes(router)) {
    chains.push(chain("silent", "filter hook output priority 0", [
      "icmp type time-exceeded drop",
      "icmpv6 type time-exceeded drop",
    ]));
  }
  const percent = options.lossy?.[router];
  if (percent !== undefined) {
    chains.push(chain("lossy", "filter hook forward priority 0", [
      // A remainder is never as much, and nft refuses to ask.
      percent === 100 ? "drop" : `numgen random mod 100 < ${percent} drop`,
    ]));
  }
  const tos = options.tos?.[router];
  if (tos !== undefined) {
    const [dscp, ecn] = [tos >> 2, ECN[tos & 3]];
    chains.push(chain("tos", "filter hook forward priority 1", [
      ...[`ip dscp set ${dscp}`, `ip ecn set ${ecn}`],
      ...[`ip6 dscp set ${dscp}`, `ip6 ecn set ${ecn}`],
    ]));
  }
  if (options.nat?.includes(router)) {
    chains.push(chain("nat", "nat hook postrouting priority 100", [
      // Not what goes back, by eth0 or eth3.
      `oifname { "eth1", "eth2" } masquerade`,
    ]));
  }
  return chains;
}

function chain(name: string, type: string, rules: readonly string[]): string {
  return `chain ${name} {\n${[`type ${type}`, ...rules].join("\n")}\n}`;
}
