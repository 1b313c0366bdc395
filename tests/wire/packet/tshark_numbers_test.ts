/**
 * The names of numbers, by tshark and by us: EtherTypes, hardware, operations;
 * and of IP protocols by the machine's own list. Those that we do not name are
 * left out. It writes capture files and runs tshark on them; nothing is sent.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../../../lib/lab/command.ts";
import { etherTypeName } from "../../../lib/wire/ether_types.ts";
import { ipProtocolName } from "../../../lib/wire/ip_protocols.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { arp } from "../../../lib/wire/link/arp_protocol.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import { sll } from "../../../lib/wire/link/linux_cooked_protocol.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL,
} from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { sctp } from "../../../lib/wire/transport/sctp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { liveTest } from "../../live/live.ts";
import { linesOf } from "../field_checks.ts";
import { V4 } from "../protocol_packets.ts";
import { tsharkTrees } from "../tshark.ts";

const numbers = (end: number) => Array.from({ length: end }, (_, i) => i);
const ADDRESSES = {
  senderProtocolAddress: "192.0.2.1",
  targetProtocolAddress: "192.0.2.2",
};
const COOKED = {
  packetType: 0,
  addressLength: 6,
  address: new Uint8Array(8),
  hardwareType: 1,
};

/** Where we have other words than tshark, shorter ones or some at all. */
const OURS = [
  "Protocol: TRILL (0x22f3)",
  "Protocol: PPP (0x880b)",
  "Protocol: MPLS multicast (0x8848)",
  "Protocol: Local Experimental Ethertype 1 (0x88b5)",
  "Link-layer address type: IPv6-in-IPv4 tunnel (776)",
  "Link-layer address type: None (65534)",
];

/** What begins with what, its line, and one for each number. */
const TABLES: readonly {
  readonly linkType: number;
  readonly label: string;
  readonly least: number;
  readonly packets: readonly Uint8Array<ArrayBuffer>[];
}[] = [
  {
    linkType: LINK_TYPE_LINUX_SLL,
    label: "Protocol",
    least: 20,
    packets: numbers(0x10000).filter((type) => etherTypeName(type))
      .map((protocol) => buildPacket(sll({ ...COOKED, protocol }))),
  },
  {
    linkType: LINK_TYPE_LINUX_SLL,
    label: "Packet type",
    least: 5,
    packets: numbers(6).map((packetType) =>
      buildPacket(sll({ ...COOKED, packetType, protocol: 0x88b5 }))
    ),
  },
  {
    linkType: LINK_TYPE_LINUX_SLL,
    label: "Link-layer address type",
    least: 10,
    packets: [...numbers(1000), 0xfffe, 0xffff].map((hardwareType) =>
      buildPacket(sll({ ...COOKED, hardwareType, protocol: 0x88b5 }))
    ),
  },
  {
    linkType: LINK_TYPE_ETHERNET,
    label: "Opcode",
    least: 9,
    packets: numbers(11).map((operation) =>
      buildPacket(ethernet({}), arp({ ...ADDRESSES, operation }))
    ),
  },
  {
    linkType: LINK_TYPE_ETHERNET,
    label: "Hardware type",
    least: 5,
    packets: numbers(40).map((hardwareType) =>
      buildPacket(
        ethernet({}),
        arp({ ...ADDRESSES, operation: 1, hardwareType }),
      )
    ),
  },
];

for (const { linkType, label, least, packets } of TABLES) {
  await liveTest(
    `describeLayer() names the numbers of "${label}" as tshark does`,
    ["tshark"],
    async () => {
      const trees = await tsharkTrees(packets, [], linkType);
      const isIt = (line: string) => line.trim().startsWith(`${label}: `);
      let named = 0;
      for (const [i, bytes] of packets.entries()) {
        const { layers } = dissect(bytes, { linkType });
        const ours = layers
          .flatMap((layer) => linesOf(describeLayer(bytes, layer).fields))
          .find(isIt)?.trim();
        assert(ours !== undefined, bytes.toHex());
        if (/: unknown/i.test(ours)) continue;
        named++;
        const theirs = trees[i].find(isIt)?.trim();
        if (!OURS.includes(ours)) assertEquals(ours, theirs);
      }
      assert(named >= least, `only ${named} are named`);
    },
  );
}

/** Words that are in no line of their own: how each of us tells them. */
const WORDS: readonly {
  readonly name: string;
  readonly least: number;
  readonly packets: readonly Uint8Array<ArrayBuffer>[];
  /** What both say; `undefined` where we have no word. */
  ours(text: string): string | undefined;
  theirs(tree: string): string | undefined;
}[] = [
  {
    name: "DHCP messages",
    least: 8,
    packets: numbers(10).map((type) => over(67, dhcp(type))),
    ours: (text) => /^DHCP ([A-Z]\w+)$/m.exec(text)?.[1],
    theirs: (tree) => /DHCP: (\w+) \(/.exec(tree)?.[1],
  },
  {
    name: "DNS types",
    least: 12,
    packets: numbers(300).map((type) => over(53, dns(type))),
    ours: (text) => /^DNS query (?!TYPE)(\w+) a$/m.exec(text)?.[1],
    theirs: (tree) => /Type: (\*|\w+) /.exec(tree)?.[1].replace("*", "ANY"),
  },
  {
    name: "SCTP chunks",
    least: 20,
    packets: numbers(256).map((type) =>
      buildPacket(
        ipv4(V4),
        sctp({ sourcePort: 1, destinationPort: 2, chunks: [{ type }] }),
      )
    ),
    ours: (text) =>
      /^Chunk: (?!Unknown)(.*) \(/m.exec(text)?.[1].replaceAll("-", " "),
    theirs: (tree) =>
      /Chunk type: (.*) \(/.exec(tree)?.[1].replaceAll(/[-_]/g, " "),
  },
];

function over(destinationPort: number, message: Uint8Array) {
  const sourcePort = 61_000;
  return buildPacket(ipv4(V4), udp({ sourcePort, destinationPort }), message);
}

function dhcp(type: number): Uint8Array {
  const message = new Uint8Array(244);
  message.set(Uint8Array.fromHex("01010600"));
  message.set(Uint8Array.fromHex("63825363"), 236);
  message.set([53, 1, type, 255], 240);
  return message;
}

function dns(type: number): Uint8Array {
  const head = Uint8Array.fromHex("002b01000001000000000000" + "016100");
  return Uint8Array.of(...head, type >> 8, type & 255, 0, 1);
}

for (const { name, least, packets, ours, theirs } of WORDS) {
  await liveTest(
    `dissect() names ${name} as tshark does`,
    ["tshark"],
    async () => {
      const trees = await tsharkTrees(packets);
      let named = 0;
      for (const [i, bytes] of packets.entries()) {
        const text = dissect(bytes).layers.flatMap((layer) => {
          const { title, fields } = describeLayer(bytes, layer);
          return [title, ...linesOf(fields)];
        });
        const word = ours(text.join("\n"));
        if (word === undefined) continue;
        named++;
        assertEquals(word, theirs(trees[i].join("\n")), bytes.toHex());
      }
      assert(named >= least, `only ${named} are named`);
    },
  );
}

/** IANA's keywords, where the machine's list has others. */
const KEYWORDS: Readonly<Record<number, string>> = {
  4: "IPv4",
  50: "ESP",
  51: "AH",
  108: "IPComp",
  253: "experimentation and testing",
  254: "experimentation and testing",
  255: "Reserved",
};

await liveTest(
  "ipProtocolName() names protocols as the machine's list does",
  ["getent"],
  async () => {
    const list = await runProgram("getent", ["protocols"]);
    const theirs = new Map(
      list.trimEnd().split("\n").map((line) => {
        const [, number, keyword] = line.split(/ +/);
        return [Number(number), keyword];
      }),
    );
    const ours = numbers(256).filter((number) => ipProtocolName(number));
    assert(ours.length > 30, "there are names");
    for (const number of ours) {
      const wanted = KEYWORDS[number] ?? theirs.get(number);
      assertEquals(ipProtocolName(number), wanted, `of ${number}`);
    }
  },
);
