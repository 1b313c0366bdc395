import { icmpv6 } from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderHexdump } from "../../../lib/render/packet/tree.ts";
import { renderTree } from "../../../lib/render/packet/tree.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { encodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { encodeIPv4Options } from "../../../lib/wire/ipv4/ipv4_options.ts";
import { SEED } from "../packets.ts";

const tree = (bytes: Uint8Array) => renderTree(bytes, dissect(bytes));

Deno.test("renderTree() shows the seed's first packet as Wireshark does", () => {
  assertEquals(tree(Uint8Array.fromHex(SEED[0][0])), [
    "Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1",
    "    0100 .... = Version: 4",
    "    .... 0101 = Header Length: 20 bytes (5)",
    "    Differentiated Services Field: 0x00 (DSCP: CS0, ECN: Not-ECT)",
    "        0000 00.. = Differentiated Services Codepoint: Default (0)",
    "        .... ..00 = Explicit Congestion Notification: Not ECN-Capable Transport",
    "            (0)",
    "    Total Length: 33",
    "    Identification: 0x36c8 (14024)",
    "    000. .... = Flags: 0x0",
    "        0... .... = Reserved bit: Not set",
    "        .0.. .... = Don't fragment: Not set",
    "        ..0. .... = More fragments: Not set",
    "    ...0 0000 0000 0000 = Fragment Offset: 0",
    "    Time to Live: 128",
    "    Protocol: experimentation and testing (253)",
    "    Header Checksum: 0xfeb1 [correct]",
    "    Source Address: 1.1.1.100",
    "    Destination Address: 1.1.1.1",
    "Data (13 bytes)",
    "0000  48 65 6c 6c 6f 20 57 6f 72 6c 64 20 21            Hello World !",
  ]);
});

Deno.test("renderTree() shows the bits of every field that is no whole octet", () => {
  const packet = encodeIPv4({
    dscp: 46,
    ecn: 3,
    reserved: true,
    dontFragment: true,
    moreFragments: true,
    fragmentOffset: 43_688,
    protocol: 253,
    destination: "1.1.1.1",
  });
  const bits = tree(packet).filter((line) => line.includes(" = "));
  assertEquals(bits, [
    "    0100 .... = Version: 4",
    "    .... 0101 = Header Length: 20 bytes (5)",
    "        1011 10.. = Differentiated Services Codepoint: Expedited Forwarding (46)",
    "        .... ..11 = Explicit Congestion Notification: Congestion Experienced (3)",
    "    111. .... = Flags: 0x7, Reserved bit, Don't fragment, More fragments",
    "        1... .... = Reserved bit: Set",
    "        .1.. .... = Don't fragment: Set",
    "        ..1. .... = More fragments: Set",
    "    ...1 0101 0101 0101 = Fragment Offset: 43688",
  ]);
});

Deno.test("renderTree() shows options, and breaks their lines", () => {
  const addresses = Array.from({ length: 9 }, (_, i) => `192.168.100.20${i}`);
  const options = encodeIPv4Options([
    { kind: "recordRoute", pointer: 40, addresses },
  ]);
  const packet = encodeIPv4({
    protocol: 253,
    destination: "1.1.1.1",
    options,
  });
  assertEquals(tree(packet).slice(-5), [
    "    Options: (40 bytes)",
    "        IP Option: Record Route, pointer 40: 192.168.100.200 192.168.100.201",
    "            192.168.100.202 192.168.100.203 192.168.100.204 192.168.100.205",
    "            192.168.100.206 192.168.100.207 192.168.100.208",
    "        IP Option: End of Options List (EOL)",
  ]);
});

Deno.test("renderTree() says where in the packet a field stands, and its width", () => {
  const frame = Uint8Array.fromHex(`ffffffffffff0200000000010800${SEED[1][0]}`);
  const dissection = dissect(frame, { linkType: 1 });
  const lines = renderTree(frame, dissection, { offsets: true });
  assertEquals(lines.slice(0, 12), [
    "octet.bit   bits",
    "      0.0    112  Ethernet II, Src: 02:00:00:00:00:01, Dst: ff:ff:ff:ff:ff:ff",
    "      0.0     48      Destination: ff:ff:ff:ff:ff:ff",
    "      6.0     48      Source: 02:00:00:00:00:01",
    "     12.0     16      Type: IPv4 (0x0800)",
    "     14.0    160  Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1",
    "     14.0      4      0100 .... = Version: 4",
    "     14.4      4      .... 0101 = Header Length: 20 bytes (5)",
    "     15.0      8      Differentiated Services Field: 0x00 (DSCP: CS0, ECN:",
    "                          Not-ECT)",
    "     15.0      6          0000 00.. = Differentiated Services Codepoint: Default",
    "                              (0)",
  ]);
  assertEquals(lines.slice(-2), [
    "     34.0     16  Data (2 bytes)",
    "0000  48 69                                             Hi",
  ]);
});

Deno.test("renderTree() breaks a word that no line has room for", () => {
  const bytes = buildPacket(
    ipv6({ source: "fe80::1", destination: "fe80::2", hopLimit: 255 }),
    icmpv6({
      kind: "neighborSolicitation",
      target: "fe80::2",
      // A link-layer address of 38 octets, as the fuzzer came upon one.
      options: Uint8Array.of(1, 5, ...new Uint8Array(38).fill(0xab)),
    }),
  );
  for (const offsets of [false, true]) {
    const lines = renderTree(bytes, dissect(bytes), { offsets });
    for (const line of lines) assert(line.length <= 80, line);
    const text = lines.map((line) => line.trim()).join("");
    assertStringIncludes(text, Array(38).fill("ab").join(":"));
  }
});

/** Faulty octets, and the end of their tree. */
const FAULTY: [what: string, hex: string, lines: string[]][] = [
  ["nothing", "", [
    "[Problem: ipv4 header at 0: ends after 0 octets, at least 20 wanted]",
  ]],
  ["two octets", "4500", [
    "Data (2 bytes)",
    "0000  45 00                                             E.",
    "[Problem: ipv4 header at 2: ends after 2 octets, at least 20 wanted]",
  ]],
  [
    "the seed's packet before its card filled the checksum in",
    "4500002002aa000080fd0000010101640101010148656c6c6f20576f726c6421",
    [
      "    Header Checksum: 0x0000 [incorrect, should be 0x32d1]",
      "    Source Address: 1.1.1.100",
      "    Destination Address: 1.1.1.1",
      "Data (12 bytes)",
      "0000  48 65 6c 6c 6f 20 57 6f 72 6c 64 21               Hello World!",
      "[Problem: ipv4 checksum at 10: 0x0000 [incorrect, should be 0x32d1]]",
    ],
  ],
  [
    "a packet in a packet, of which one octet is left",
    "4500002a000000004004766a010101640101010145",
    [
      "Data (1 byte)",
      "0000  45                                                E",
      "[Problem: ipv4 totalLength at 2: is 42 octets, of which 21 are missing]",
      "[Problem: ipv4 header at 21: ends after 1 octet, at least 20 wanted]",
    ],
  ],
];

Deno.test("renderTree() keeps what decoded, and ends with what is wrong", () => {
  for (const [what, hex, lines] of FAULTY) {
    const shown = tree(Uint8Array.fromHex(hex));
    assertEquals(shown.slice(-lines.length), lines, what);
  }
});

Deno.test("renderHexdump() shows 16 octets a line, dots for what is no ASCII", () => {
  assertEquals(renderHexdump(new Uint8Array()), []);
  assertEquals(
    renderHexdump(Uint8Array.from({ length: 17 }, (_, i) => i * 15)),
    [
      "0000  00 0f 1e 2d 3c 4b 5a 69 78 87 96 a5 b4 c3 d2 e1   ...-<KZix.......",
      "0010  f0                                                .",
    ],
  );
  const edges = Uint8Array.of(0x1f, 0x20, 0x7e, 0x7f);
  assertEquals(renderHexdump(edges)[0].slice(-4), ". ~.");
  assertEquals(
    renderHexdump(new Uint8Array(65_535)).at(-1)?.slice(0, 8),
    "fff0  00",
  );
});
