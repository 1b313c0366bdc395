/** What the doctor reads out of rules, and what the kernel does by them. */

import { assertEquals } from "@std/assert";
import { PacketSocket, RawSocket } from "../../../mod.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { findSwallowed } from "../../../lib/tools/doctor/firewall.ts";
import { readIptablesRules } from "../../../lib/tools/doctor/iptables_rules.ts";
import { readNftRules } from "../../../lib/tools/doctor/nft_rules.ts";
import { inHost } from "../hosts.ts";
import { liveTest } from "../live.ts";

/** A chain's policy and rules, and whether the doctor is sure of them. */
const RULES: [policy: string, rules: string[], isSure: boolean][] = [
  ["accept", [], true],
  ["drop", [], true],
  ["accept", ["ip protocol 253 drop"], true],
  ["accept", ["meta l4proto 253 counter reject"], true],
  ["accept", ["meta l4proto { tcp, 253 } drop"], true],
  ["accept", ["meta l4proto { tcp, udp } drop"], true],
  ["accept", ["ip protocol 200-254 drop"], true],
  ["accept", ["ip protocol 1-252 drop"], true],
  ["accept", ["ip6 nexthdr 253 drop"], true],
  ["accept", ["udp dport 1-65535 drop"], true],
  ["accept", ["icmp type echo-request drop"], true],
  ["drop", ["iif lo accept"], true],
  ["drop", ["iifname != lo accept"], true],
  ["drop", ["iifname eth0 accept"], false],
  ["drop", ["ct state established,related accept"], true],
  ["drop", ["ct state new accept"], true],
  ["drop", ["ct state vmap { invalid : drop, new : accept }"], true],
  ["accept", ["ct state vmap { established : accept, new : drop }"], true],
  ["drop", ["meta protocol ip accept"], true],
  ["drop", ["meta nfproto ipv6 accept"], true],
  ["drop", ["ip protocol != { icmp, tcp } accept"], true],
  ["accept", ["ip saddr 1.1.1.0/24 drop"], false],
  ["accept", ["ip saddr 10.0.0.0/8 drop"], false],
  ["accept", ["limit rate 1/day drop"], false],
  ["drop", ["jump other"], true],
  ["accept", ["goto refuse", "accept"], true],
  ["accept", ["jump pass", "ip protocol 253 drop"], true],
  ["accept", ["jump pass", "accept", "drop"], true],
];

/** Chains to jump to. */
const OTHERS = `
  chain other { ip protocol 253 accept; }
  chain refuse { counter; log prefix "x"; drop; }
  chain pass { ip protocol 253 return; drop; }`;

/** Whether a packet of the pair arrives. */
async function arrives(lab: Lab): Promise<boolean> {
  const namespace = lab.namespace("receiver");
  using cable = PacketSocket.open({
    device: "eth0",
    namespace,
    filter: { protocol: 253 },
  });
  using receiver = RawSocket.open({ protocol: 253, namespace });
  using sender = RawSocket.open({
    protocol: 253,
    namespace: lab.namespace("sender"),
  });
  // When the second is at the door, the rules have been asked for the first.
  for (const octet of [1, 2]) sender.send(Uint8Array.of(octet), "1.1.1.1");
  for (let seen = 0; seen < 2; seen++) await cable.receive();
  return receiver.receiveNow().length > 0;
}

await liveTest(
  "the doctor reads nft's rules as the kernel does",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    for (const [policy, rules, isSure] of RULES) {
      const set = `flush ruleset
table inet f {
  ${OTHERS}
  chain in {
    type filter hook input priority 0; policy ${policy};
    ${rules.join("\n    ")}
  }
}`;
      await inHost(lab, "receiver", "nft", set);
      const text = await inHost(
        lab,
        "receiver",
        ...["nft", "-j", "list", "ruleset"],
      );
      const swallowed = findSwallowed(readNftRules(text)!);
      const label = `${policy} ${rules}`;
      if (isSure) {
        const isDropped = swallowed.some((rule) => rule.isSure);
        assertEquals(swallowed.length, isDropped ? 1 : 0, label);
        assertEquals(await arrives(lab), !isDropped, label);
      } else {
        const sure = swallowed.map((rule) => rule.isSure);
        assertEquals(sure, [false], label);
      }
    }
  },
);

await liveTest(
  "the doctor reads iptables' rules as the kernel does",
  ["lab", "iptables"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const iptables = (...args: string[]) =>
      inHost(lab, "receiver", "iptables", ...args);
    const rules: string[][] = [
      ["-P", "INPUT", "ACCEPT"],
      ["-P", "INPUT", "DROP"],
      ["-A", "INPUT", "-i", "lo", "-j", "ACCEPT"],
      ["-A", "INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT"],
      ["-A", "INPUT", "-m", "conntrack", "--ctstate", "NEW", "-j", "ACCEPT"],
      ["-I", "INPUT", "!", "-p", "icmp", "-j", "REJECT"],
      ["-I", "INPUT", "-p", "253", "-j", "ACCEPT"],
    ];
    for (const rule of rules) {
      await iptables(...rule);
      const swallowed = findSwallowed(readIptablesRules(await iptables("-S")));
      const isDropped = swallowed.some(({ isSure }) => isSure);
      assertEquals(swallowed.length, isDropped ? 1 : 0, rule.join(" "));
      assertEquals(await arrives(lab), !isDropped, rule.join(" "));
    }
  },
);
