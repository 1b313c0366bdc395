/**
 * Some thousands of packets of every kind, right and wrong, read by tshark and
 * by us, and compared field by field. It writes capture files and runs tshark
 * on them; nothing is sent.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { dissect } from "../../lib/wire/dissect.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
} from "../../lib/wire/link_types.ts";
import { liveTest } from "../live/live.ts";
import { type Random, seededRandom } from "../random.ts";
import { cooked, frame, looped, rawPacket } from "./random_packets.ts";
import { readWithTshark } from "./tshark.ts";
import { NAMES, type Row, rowOf } from "./tshark_fields.ts";

const PACKETS = 4000;

/**
 * Where we say something else than tshark, on purpose.
 *
 * @returns whether `name` is to be left out of the comparison
 */
const DIFFERENCES: readonly {
  readonly reason: string;
  isOne(name: string, ours: Row, theirs: Row): boolean;
}[] = [
  {
    reason: "A header whose own length is impossible is not decoded here; " +
      "tshark shows what stands before that length.",
    isOne: (name, ours, theirs) =>
      name.startsWith("udp.") && ours["udp.length"] === undefined &&
        Number(theirs["udp.length"]) < 8 ||
      name.startsWith("tcp.") && ours["tcp.hdr_len"] === undefined,
  },
  {
    reason: "A message of fewer octets than every one of its kind has is not " +
      "decoded here; tshark shows those that there are.",
    isOne: (name, ours) =>
      name.startsWith("igmp.") &&
        (ours["igmp.type"] === undefined || ours["igmp.maddr"] === "") ||
      name.startsWith("gre.") && ours["gre.proto"] === undefined,
  },
  {
    reason: "Where an IP length goes past the end no checksum inside is " +
      "checked here; tshark takes what is there for all.",
    isOne: (name, ours) =>
      name.endsWith(".checksum.status") && /[23]/.test(ours[name]) &&
      ours.isIPCutShort === "1",
  },
  {
    reason: "A DRARP error (RFC 1931) has a status code where other messages " +
      "have the target's address; here it is an address all the same.",
    isOne: (name, ours) =>
      name === "arp.dst.proto_ipv4" && ours["arp.opcode"] === "7",
  },
];

/** What there is, what each begins with, and the fields that it alone has. */
const KINDS: readonly (readonly [
  name: string,
  linkType: number,
  make: (random: Random) => Uint8Array<ArrayBuffer>,
  own: RegExp,
])[] = [
  ["Ethernet frames", LINK_TYPE_ETHERNET, frame, /^(eth|vlan|ieee|llc|arp)/],
  ["raw IP packets", LINK_TYPE_RAW, rawPacket, /^$/],
  [
    "cooked captures v1",
    LINK_TYPE_LINUX_SLL,
    (random) => cooked(random, 1),
    /^(sll(?!.ifindex)|arp)/,
  ],
  [
    "cooked captures v2",
    LINK_TYPE_LINUX_SLL2,
    (random) => cooked(random, 2),
    /^(sll|arp)/,
  ],
  [
    "loopback captures of hosts",
    LINK_TYPE_NULL,
    (random) => looped(random, true),
    /^null/,
  ],
  [
    "loopback captures of OpenBSD",
    LINK_TYPE_LOOP,
    (random) => looped(random, false),
    /^null/,
  ],
];

for (
  const [name, linkType, make, own] of KINDS
) {
  await liveTest(
    `dissect() reads ${name} as tshark does`,
    ["tshark"],
    async () => {
      const random = seededRandom(linkType);
      const packets = Array.from({ length: PACKETS }, () => make(random));
      const theirs = await theirRows(packets, linkType);
      assertEquals(theirs.length, packets.length);
      const filled = new Map<string, number>();
      const mismatches = new Map<string, string>();
      for (const [i, packet] of packets.entries()) {
        const ours = rowOf(dissect(packet, { linkType }));
        for (const name of NAMES) {
          const [our, their] = [ours[name] ?? "", theirs[i][name] ?? ""];
          if (our === their) {
            if (our !== "") filled.set(name, (filled.get(name) ?? 0) + 1);
            continue;
          }
          const known = DIFFERENCES.some(({ isOne }) =>
            isOne(name, ours, theirs[i])
          );
          if (!known) {
            mismatches.set(
              `${name}: ${our || "nothing"} here, ${their || "nothing"} there`,
              packet.toHex(),
            );
          }
        }
      }
      assertEquals([...mismatches].slice(0, 20), []);
      // The comparison would be worth little if it compared nothing.
      for (const name of NAMES) {
        const isOthers = KINDS.some((kind) => kind[3].test(name));
        if (isOthers && !own.test(name)) continue;
        assert((filled.get(name) ?? 0) >= 20, `${name} is hardly compared`);
      }
    },
  );
}

async function theirRows(
  packets: readonly Uint8Array[],
  linkType: number,
): Promise<Row[]> {
  const all = await readWithTshark(packets, linkType, NAMES, [
    ...["ip", "udp", "tcp"].map((name) => `${name}.check_checksum:TRUE`),
    ...["ip.defragment:FALSE", "ipv6.defragment:FALSE"],
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
  ]);
  return all.map((fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, values]) => [
        name,
        name.includes("sack_")
          ? values.map(decimal).join()
          : decimal(values[0]),
      ]),
    )
  );
}

function decimal(text: string): string {
  return /^(0x[0-9a-f]+|\d+)$/.test(text) ? `${Number(text)}` : text;
}
