import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeEthernet,
  encodeEthernet,
  type EthernetHeader,
} from "../../../lib/wire/link/ethernet.ts";
import {
  checkEthernet,
  describeEthernet,
  ethernetTitle,
} from "../../../lib/wire/link/ethernet_protocol.ts";
import { formatMAC, parseMAC } from "../../../lib/wire/link/mac.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

const codec: Codec<EthernetHeader> = {
  decode: decodeEthernet,
  encode: encodeEthernet,
  describe: describeEthernet,
  check: (octets) => checkEthernet(octets, decodeEthernet(octets)),
};

const ENDS = { destination: "02:00:00:00:00:02", source: "02:00:00:00:00:01" };
const ENDS_HEX = "020000000002020000000001";

/** Octets, the header that they are, and the payload behind it. */
const GOOD: [hex: string, header: EthernetHeader, payload: string][] = [
  [
    ENDS_HEX + "0800" + "4869",
    { ...ENDS, vlanTags: [], typeOrLength: 0x0800 },
    "4869",
  ],
  [
    ENDS_HEX + "8100f064" + "86dd" + "aa",
    {
      ...ENDS,
      vlanTags: [{ tpid: 0x8100, pcp: 7, dei: true, vid: 100 }],
      typeOrLength: 0x86dd,
    },
    "aa",
  ],
  [
    ENDS_HEX + "88a82fff" + "91000001" + "81000002" + "0806",
    {
      ...ENDS,
      vlanTags: [
        { tpid: 0x88a8, pcp: 1, dei: false, vid: 4095 },
        { tpid: 0x9100, pcp: 0, dei: false, vid: 1 },
        { tpid: 0x8100, pcp: 0, dei: false, vid: 2 },
      ],
      typeOrLength: 0x0806,
    },
    "",
  ],
  [
    ENDS_HEX + "0005" + "424203" + "0102",
    {
      ...ENDS,
      vlanTags: [],
      typeOrLength: 5,
      llc: { dsap: 0x42, ssap: 0x42, control: 3 },
    },
    "0102",
  ],
  [
    // An information frame: its control field has two octets.
    ENDS_HEX + "0005" + "f0f00204" + "99",
    {
      ...ENDS,
      vlanTags: [],
      typeOrLength: 5,
      llc: { dsap: 0xf0, ssap: 0xf0, control: 0x0204 },
    },
    "99",
  ],
  [
    ENDS_HEX + "000a" + "aaaa03" + "0000000800" + "4500",
    {
      ...ENDS,
      vlanTags: [],
      typeOrLength: 10,
      llc: {
        dsap: 0xaa,
        ssap: 0xaa,
        control: 3,
        snap: { oui: 0, protocol: 0x0800 },
      },
    },
    "4500",
  ],
  // No room for LLC.
  [
    ENDS_HEX + "0002" + "4242",
    { ...ENDS, vlanTags: [], typeOrLength: 2 },
    "4242",
  ],
  // Neither a length nor a type.
  [
    ENDS_HEX + "05dd" + "00",
    { ...ENDS, vlanTags: [], typeOrLength: 1501 },
    "00",
  ],
];

Deno.test("encodeEthernet() and decodeEthernet() of each kind of frame", () => {
  for (const [hex, header, payload] of GOOD) {
    assertRoundTrip(codec, hex, header, payload);
  }
});

/**
 * Of the Wireshark wiki's sample captures: the first frame of arp-storm.pcap,
 * and the head of that of cdp_v2.pcap, which a Cisco switch sent.
 */
const ARP_STORM = "ffffffffffff00070daff4540806" +
  "000108000604000100070daff45418a6ac0100000000000018a6ad9f" +
  "060104000000000201000302000005010301";
const CDP = "01000ccccccc000bbe189a4101c3aaaa0300000c2000" + "02b409a0";

Deno.test("decodeEthernet() of captured frames", () => {
  const arp = decodeEthernet(bytes(ARP_STORM));
  assertEquals(arp.header, {
    destination: "ff:ff:ff:ff:ff:ff",
    source: "00:07:0d:af:f4:54",
    vlanTags: [],
    typeOrLength: 0x0806,
  });
  assertEquals(arp.payload.length, 46);
  const cdp = decodeEthernet(bytes(CDP));
  assertEquals(cdp.header.llc?.snap, { oui: 0x00000c, protocol: 0x2000 });
  assertEquals([cdp.headerLength, cdp.missing], [22, 451 - 12]);
  assertEquals(
    ethernetTitle(cdp.header),
    "IEEE 802.3 Ethernet, Src: 00:0b:be:18:9a:41, Dst: 01:00:0c:cc:cc:cc",
  );
});

Deno.test("decodeEthernet() leaves what follows the length", () => {
  const { payload, trailer, missing } = decodeEthernet(
    bytes(ENDS_HEX + "0004" + "424203" + "01" + "000000"),
  );
  assertEquals([payload.toHex(), trailer.length, missing], ["01", 3, 0]);
});

Deno.test("decodeEthernet() takes no mebibyte of VLAN tags for a header", () => {
  const frame = new Uint8Array(2 ** 20);
  for (let at = 12; at < frame.length; at += 4) frame.set([0x81, 0, 0, 7], at);
  const { header, headerLength, payload } = decodeEthernet(frame);
  assertEquals([header.vlanTags.length, header.typeOrLength], [64, 0x8100]);
  assertEquals(headerLength, 14 + 64 * 4);
  assertEquals(encodeEthernet(header, payload), frame);
  const { layers } = dissect(frame, { linkType: LINK_TYPE_ETHERNET });
  assertEquals(layers.map(({ protocol }) => protocol), ["ethernet", "data"]);
});

Deno.test("decodeEthernet() of every truncated prefix", () => {
  for (const [hex, header] of GOOD) {
    assertPrefixes(
      // Where the LLC header is cut short its octets are payload.
      header.llc === undefined ? codec : {
        ...codec,
        decode: (octets) => ({
          ...decodeEthernet(octets),
          payload: new Uint8Array(),
        }),
      },
      hex,
      14 + 4 * header.vlanTags.length,
    );
  }
  assertThrows(
    () => decodeEthernet(bytes(ENDS_HEX + "810000")),
    Error,
    "ethernet header at octet 15: ends after 15 octets, at least 18 wanted",
  );
});

Deno.test("encodeEthernet() computes what is left out", () => {
  assertEquals(
    encodeEthernet({ typeOrLength: 0x88b5 }).toHex(),
    "ffffffffffff" + "000000000000" + "88b5",
  );
  assertEquals(
    encodeEthernet({
      vlanTags: [{ vid: 1 }, { vid: 2 }],
      llc: { dsap: 0x42, ssap: 0x42, control: 3 },
    }, bytes("0102")).toHex(),
    "ffffffffffff000000000000" + "88a80001" + "81000002" + "0005" + "424203" +
      "0102",
  );
});

Deno.test("encodeEthernet() refuses what does not fit", () => {
  const zero = "00:00:00:00:00:00";
  assertRanges(
    "Ethernet",
    ({ typeOrLength = 0, ...tag }) =>
      encodeEthernet({
        destination: zero,
        source: zero,
        vlanTags: [{ tpid: 0, vid: 0, ...tag }],
        typeOrLength,
      }),
    [
      ["tpid", 96, 16],
      ["pcp", 112, 3],
      ["vid", 116, 12],
      ["typeOrLength", 128, 16],
    ],
  );
  const llc = { dsap: 0, ssap: 0, control: 3 };
  const bad: [() => unknown, string][] = [
    [() => encodeEthernet({ source: "1:2:3:4:5:6", typeOrLength: 0 }), "MAC"],
    [() => encodeEthernet({ llc: { ...llc, dsap: 256 } }), "dsap must be"],
    [() => encodeEthernet({ llc: { ...llc, ssap: -1 } }), "ssap must be"],
    [() => encodeEthernet({ llc: { ...llc, control: 65_536 } }), "control"],
    [
      () =>
        encodeEthernet({
          llc: { ...llc, snap: { oui: 2 ** 24, protocol: 0 } },
        }),
      "from 0 to 16777215, but is 16777216",
    ],
    [() => encodeEthernet({ llc }, new Uint8Array(1498)), "but is 1501"],
  ];
  for (const [encode, message] of bad) {
    assertThrows(encode, RangeError, message);
  }
  assertThrows(() => encodeEthernet({}), TypeError, "typeOrLength is wanted");
});

Deno.test("describeEthernet() words tags and LLC as Wireshark does", () => {
  const lines = (hex: string) =>
    linesOf(
      describeEthernet(bytes(hex), decodeEthernet(bytes(hex)).header),
    );
  assertEquals(lines(GOOD[1][0]), [
    "Destination: 02:00:00:00:00:02",
    "Source: 02:00:00:00:00:01",
    "802.1Q Virtual LAN: PRI: 7, DEI: 1, ID: 100",
    "  Type: 802.1Q Virtual LAN (0x8100)",
    "  Priority: Network Control (7)",
    "  DEI: Eligible",
    "  ID: 100",
    "Type: IPv6 (0x86dd)",
  ]);
  assertEquals(lines(GOOD[5][0]).slice(2), [
    "Length: 10",
    "DSAP: SNAP (0xaa)",
    "SSAP: SNAP (0xaa)",
    "Control field: 0x03",
    "Organization Code: 0x000000",
    "Type: IPv4 (0x0800)",
  ]);
});

Deno.test("checkEthernet() tells what is wrong", () => {
  const problems = (hex: string) =>
    codec.check(bytes(hex)).map(({ field, offset, reason }) =>
      `${field}@${offset} ${reason}`
    );
  assertEquals(problems(GOOD[0][0]), []);
  assertEquals(problems(ENDS_HEX + "0009" + "424203"), [
    "typeOrLength@12 is 9 octets, of which 6 are missing",
  ]);
  assertEquals(problems(ENDS_HEX + "05dd"), [
    "typeOrLength@12 is 1501: neither a length nor a type",
  ]);
  assertEquals(problems("020000000002030000000001" + "0800"), [
    "source@6 is 03:00:00:00:00:01: a group cannot send",
  ]);
});

Deno.test("decodeEthernet() of 20,000 inputs", () => {
  assertFuzz(codec, [...GOOD.map(([hex]) => hex), CDP, ARP_STORM], 8023);
});

Deno.test("dissect() follows EtherType and SNAP", () => {
  const hi = "4500001636dd000080fdfea701010164010101014869";
  for (
    const head of [
      "0800",
      "81000001" + "0800",
      "88a80001" + "81000001" + "0800",
      "001e" + "aaaa03" + "0000000800",
    ]
  ) {
    const { layers, problems } = dissect(bytes(ENDS_HEX + head + hi), {
      linkType: LINK_TYPE_ETHERNET,
    });
    assertEquals(layers.map(({ protocol }) => protocol), [
      "ethernet",
      "ipv4",
      "data",
    ]);
    assertEquals(problems, []);
  }
});

Deno.test("parseMAC() is strict, and formatMAC() its inverse", () => {
  assertEquals(formatMAC(parseMAC("AB:cd:00:FF:01:10")), "ab:cd:00:ff:01:10");
  const bad = ["", "00:00:00:00:00", "0:0:0:0:0:0", "00-00-00-00-00-00"];
  for (const text of [...bad, "00:00:00:00:00:0g", "00:00:00:00:00:00:00"]) {
    assertThrows(() => parseMAC(text), RangeError, JSON.stringify(text));
  }
});
