import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { decodeDHCP, describeDHCP } from "../../../lib/wire/names/dhcp.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { decodeDNS, describeDNS } from "../../../lib/wire/names/dns.ts";
import { PacketError } from "../../../lib/wire/errors.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const EXAMPLE = "076578616d706c6503636f6d00";

/** Octets of a message, and the line that names it. */
const DNS: [hex: string, line: string][] = [
  // Of the Wireshark wiki's sample captures: the first of NTP_sync.pcap.
  [
    "002b01000001000000000000" + "02757304706f6f6c036e7470036f726700" +
    "00010001",
    "DNS query A us.pool.ntp.org",
  ],
  [
    "002b81800001000200000000" + EXAMPLE + "001c0001",
    "DNS response AAAA example.com, 2 answers",
  ],
  [
    "002b81800001000100000000" + EXAMPLE + "00ff0001",
    "DNS response ANY example.com, 1 answer",
  ],
  [
    "002b81830001000000000000" + EXAMPLE + "00010001",
    "DNS response A example.com, no such name",
  ],
  [
    "002b818f0001000000000000" + EXAMPLE + "00010001",
    "DNS response A example.com, error 15",
  ],
  ["002b28000001000000000000" + "00" + "00060001", "DNS update SOA ."],
  ["002b01000000000000000000", "DNS query"],
  // A pointer back into the header: its last octets are an empty name.
  [
    "002b01000001000000000000" + "0161c00a" + "ffff0001",
    "DNS query TYPE65535 a",
  ],
  // Nothing that a terminal obeys, and no dot that is none.
  [
    "002b01000001000000000000" + "041b5b2e5c" + "00" + "00010001",
    "DNS query A \\027[\\.\\\\",
  ],
  // Pointers to themselves, forwards, and in circles; labels cut short.
  ["002b01000001000000000000" + "c00c" + "00010001", "DNS query"],
  ["002b01000001000000000000" + "c00e" + "0000010001", "DNS query"],
  ["002b01000001000000000000" + "0161c00c" + "00010001", "DNS query"],
  ["002b01000001000000000000" + "0961", "DNS query"],
  ["002b01000001000000000000" + "0161", "DNS query"],
  ["002b01000001000000000000" + "c0", "DNS query"],
  ["002b01000001000000000000" + "0000", "DNS query"],
  ["002b01000001000000000000" + "40".padEnd(200, "0"), "DNS query"],
];

Deno.test("describeDNS() names a message in one line", () => {
  for (const [hex, line] of DNS) {
    const around = bytes(`ff${hex}`).subarray(1);
    assertEquals(describeDNS(decodeDNS(around).header), line);
  }
});

Deno.test("decodeDNS().header of every truncated prefix, and of 20,000 inputs", () => {
  const random = seededRandom(1035);
  for (const [hex] of DNS) {
    const whole = bytes(hex);
    for (let length = 0; length < whole.length; length++) {
      const prefix = whole.subarray(0, length);
      if (length >= 12) decodeDNS(prefix).header;
      else {assertThrows(
          () => decodeDNS(prefix).header,
          PacketError,
          "12 wanted",
        );}
    }
  }
  let named = 0;
  for (let i = 0; i < 20_000; i++) {
    const octets = randomBytes(random, randomInt(random, 12, 400));
    if (i % 2 === 0) {
      octets.set(bytes(randomOf(random, DNS)[0]).subarray(0, 12));
    }
    for (let at = 12; i % 3 === 0 && at + 2 < octets.length;) {
      octets[at] = randomOf(random, [0, 1, 2, 3, 63, 0xc0]);
      at += octets[at] + 1;
    }
    const summary = decodeDNS(octets).header;
    if (summary.question !== undefined) named++;
    const line = describeDNS(summary);
    assertLess(line.length, 81);
    assert(/^[ -~…]*$/.test(line), "nothing that a terminal obeys");
  }
  assert(named > 1000, `${named} had a name`);
});

function dhcp(operation: number, options: string): Uint8Array {
  const octets = new Uint8Array(236 + options.length / 2);
  octets[0] = operation;
  octets.set(bytes(options), 236);
  return octets;
}

/** A message, and the line that names it. */
const DHCP: [octets: Uint8Array, line: string][] = [
  [dhcp(1, "63825363" + "350101" + "ff"), "DHCP Discover"],
  [dhcp(2, "63825363" + "350102"), "DHCP Offer"],
  [
    dhcp(1, "63825363" + "3d0701020000000001" + "0000" + "350103"),
    "DHCP Request",
  ],
  [dhcp(2, "63825363" + "350105" + "ff"), "DHCP ACK"],
  [dhcp(1, "63825363" + "350163"), "DHCP message 99"],
  [dhcp(1, ""), "BOOTP request"],
  [dhcp(2, "63825363" + "ff350105"), "BOOTP reply"],
  [dhcp(1, "00000000" + "350105"), "BOOTP request"],
  [dhcp(1, "63825363" + "35020101"), "BOOTP request"],
  [dhcp(1, "63825363" + "3501"), "BOOTP request"],
  [dhcp(7, "63825363" + "35"), "BOOTP operation 7"],
  [dhcp(1, "63825363" + "0cff" + "350101"), "BOOTP request"],
];

Deno.test("describeDHCP() names a message in one line", () => {
  for (const [octets, line] of DHCP) {
    assertEquals(describeDHCP(decodeDHCP(octets).header), line, octets.toHex());
  }
});

Deno.test("decodeDHCP().header of every truncated prefix, and of 20,000 inputs", () => {
  const [whole] = DHCP[2];
  for (let length = 0; length < whole.length; length++) {
    const prefix = whole.subarray(0, length);
    if (length >= 236) decodeDHCP(prefix).header;
    else {assertThrows(
        () => decodeDHCP(prefix).header,
        PacketError,
        "236 wanted",
      );}
  }
  const random = seededRandom(2131);
  for (let i = 0; i < 20_000; i++) {
    const options = randomBytes(random, randomInt(random, 0, 40)).toHex();
    describeDHCP(decodeDHCP(dhcp(1, `63825363${options}`)).header);
  }
});

Deno.test("dissect() names what is on the ports of DNS and DHCP", () => {
  const found = (
    sourcePort: number,
    destinationPort: number,
    payload: Uint8Array,
  ) => {
    const packet = buildPacket(
      ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
      udp({ sourcePort, destinationPort }),
      payload,
    );
    const { layers, problems } = dissect(packet);
    assertEquals(problems, []);
    return describeLayer(packet, layers[2]).title;
  };
  assertEquals(found(40_000, 53, bytes(DNS[0][0])), DNS[0][1]);
  assertEquals(found(53, 40_000, bytes(DNS[1][0])), DNS[1][1]);
  assertEquals(found(5353, 5353, bytes(DNS[0][0])), DNS[0][1]);
  assertEquals(found(68, 67, DHCP[0][0]), "DHCP Discover");
  assertEquals(found(67, 68, DHCP[1][0]), "DHCP Offer");
  // Between a relay and its server, and where one of the ports is another.
  assertEquals(found(67, 67, DHCP[0][0]), "DHCP Discover");
  assertEquals(found(40_000, 67, DHCP[0][0]), "DHCP Discover");
  assertEquals(found(40_000, 68, DHCP[1][0]), "DHCP Offer");
  assertEquals(found(40_000, 54, bytes(DNS[0][0])), "Data (33 bytes)");
});
