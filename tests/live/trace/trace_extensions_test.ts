/** What stands behind quoted packets, and what NAT has made of these. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import {
  encodeICMPExtensions,
  type Family,
  type ICMPExtensionObject,
} from "../../../mod.ts";
import { inHost } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { atItsEnd, type Speech, Spokesman } from "./spokesman.ts";
import {
  chainAddress,
  hopsOf,
  PATIENT_MS,
  traceFrom,
  waiting,
} from "./trace_support.ts";

const SOURCE = { 4: "10.9.1.1", 6: "2001:db8:9:1::1" } as const;

const OBJECTS: ICMPExtensionObject[] = [
  {
    kind: "mplsLabelStack",
    labels: [
      { label: 1_048_575, trafficClass: 5, bottomOfStack: false, ttl: 1 },
      { label: 16, trafficClass: 0, bottomOfStack: true, ttl: 254 },
    ],
  },
  {
    kind: "unknown",
    classNumber: 5,
    classType: 1,
    data: Uint8Array.fromHex("cafef00d"),
  },
];

/** Says what the second router of a chain keeps to itself, with extensions. */
function labelled(extensions: Uint8Array, family: Family): Speech {
  return (probe, hops) =>
    hops === 2
      ? { router: 2, quoted: atItsEnd(probe, family), extensions }
      : undefined;
}

/** The second line of a screen of `traceroute -e`, without its times. */
async function theirSecond(lab: Lab, target: string, ...args: string[]) {
  const second = ["-f", "2", "-m", "2", ...waiting(PATIENT_MS), ...args];
  const command = ["traceroute", "-n", "-e", ...second, target];
  const screen = await inHost(lab, "host", ...command);
  return screen.split("\n")[1].replaceAll(/ +\d+\.\d+ ms/g, " T");
}

await liveTest(
  "labels and unknown extensions are what traceroute -e shows",
  ["lab", "nft", "traceroute"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [2] }));
    const extensions = encodeICMPExtensions({ objects: OBJECTS });
    for (const family of [4, 6] as const) {
      await using _router = new Spokesman(
        lab,
        family,
        labelled(extensions, family),
      );
      const target = chainAddress(4, family);
      for (const [method, option] of [["icmp", "-I"], ["udp", "-U"]] as const) {
        const { hops } = await traceFrom(lab, target, {
          method,
          firstHop: 2,
          maxHops: 2,
        });
        assertEquals(hops[0].packetsReceived, 3, `${method} ${family}`);
        for (const answer of hops[0].answers) {
          assertEquals(answer?.extensions, OBJECTS);
          assertEquals(answer?.changes, []);
        }
        const from = chainAddress(2, family);
        assertEquals(hops[0].addresses, [from]);
        assertEquals(
          await theirSecond(lab, target, option),
          ` 2  ${from} ` +
            "<MPLS:L=1048575,E=5,S=0,T=1/L=16,E=0,S=1,T=254;5/1:cafef00d>" +
            " T T T",
        );
      }
      const args = ["-n", "-f", "2", "-m", "2", target];
      const command = lab.inside("host", script("traceroute", ...args));
      assertStringIncludes(
        (await run(command)).stdout,
        "[MPLS: label 1048575, TC 5, TTL 1; label 16, TC 0, TTL 254]\n",
      );
    }
  },
);

await liveTest(
  "extensions of wrong lengths do no harm",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [2] }));
    const good = encodeICMPExtensions({ objects: OBJECTS });
    for (const length of [0, 1, 3, 4, 0xffff]) {
      const extensions = good.slice();
      // Of the first object (RFC 4884 §8); the checksum is wrong, too.
      extensions.set([length >> 8, length & 0xff], 4);
      for (const family of [4, 6] as const) {
        await using _router = new Spokesman(
          lab,
          family,
          labelled(extensions, family),
        );
        const { hops } = await traceFrom(lab, chainAddress(4, family), {
          firstHop: 2,
          maxHops: 2,
        });
        assertEquals(hops[0].packetsReceived, 3, `${length}`);
      }
    }
  },
);

/** It translates without remembering what, so quotes stay as they are. */
function translating(table: string, inside: string, outside: string): string {
  return `table ${table} stateless {
    chain forth {
      type filter hook forward priority 0
      ${table} saddr ${inside} ${table} saddr set ${outside}
    }
    chain back {
      type filter hook prerouting priority -300
      ${table} daddr ${outside} ${table} daddr set ${inside}
    }
  }`;
}

const TRANSLATED = { 4: "10.9.2.77", 6: "2001:db8:9:2::77" } as const;

await liveTest(
  "a translator that leaves quotes alone is seen in them",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(4));
    for (const [table, family] of [["ip", 4], ["ip6", 6]] as const) {
      const [inside, outside] = [SOURCE[family], TRANSLATED[family]];
      const rules = translating(table, inside, outside);
      await inHost(lab, "router2", "nft", rules);
      const change = {
        field: "source",
        sent: inside,
        quoted: outside,
      };
      for (const method of ["icmp", "udp", "tcp", "raw"] as const) {
        const target = chainAddress(5, family);
        const trace = await traceFrom(lab, target, { method });
        assertEquals(
          hopsOf(trace),
          [1, 2, 3, 4, 5].map((hop) => chainAddress(hop, family)),
          method,
        );
        const changes = trace.hops.map(({ answers }) =>
          answers.map((answer) => answer?.changes[0])
        );
        assertEquals(
          changes.slice(2, 4) as unknown[],
          Array(2).fill([change, change, change]),
        );
        assertEquals(changes[0], Array(3).fill(undefined));
      }
      const command = script("traceroute", "-n", chainAddress(5, family));
      const { stdout } = await run(lab.inside("host", command));
      assertStringIncludes(stdout, `on the way here: source ${outside}]`);
    }
  },
);
