/** Filters that no kernel takes, by tcpdump's own choice. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { splitFilter } from "../../../lib/socket/filter/capture_filter.ts";
import { runFilter } from "../../../lib/socket/filter/run_filter.ts";
import {
  buildPacket,
  compileFilter,
  ethernet,
  type FilterInstruction,
  ipv4,
  ipv6,
  LINK_TYPE_LINUX_SLL2,
  type PacketCriteria,
  tcp,
  udp,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  pair,
  RECEIVER,
  RECEIVER6,
  SENDER,
  SENDER6,
} from "../socket/socket_support.ts";
import { LAST, selected, selectedByTcpdump } from "./selected.ts";
import { variedFrames } from "./sniff_support.ts";

const SIX = { source: SENDER6, destination: RECEIVER6 };
const FOUR = { source: SENDER, destination: RECEIVER };
const PORTS = { sourcePort: 7, destinationPort: 53 };
const OPTIONS = { nextHeader: undefined, data: new Uint8Array(6) };
/** An authentication header (RFC 4302) of 24 octets before UDP. */
const AUTHENTICATED = Uint8Array.fromHex(
  "11040000" + "00000001" + "00000002" + "00".repeat(12),
);

/** UDP and TCP behind extension headers, one and more, and none behind many. */
function extended(vlanTags: { vid: number }[] = []): Uint8Array<ArrayBuffer>[] {
  const link = ethernet({
    destination: "02:00:00:00:00:01",
    source: "02:00:00:00:00:02",
    vlanTags,
  });
  const chains = [
    [],
    [{ kind: "hopByHop", ...OPTIONS }],
    [{ kind: "destinationOptions", ...OPTIONS }],
    [{ kind: "hopByHop", ...OPTIONS }, {
      kind: "destinationOptions",
      ...OPTIONS,
      data: new Uint8Array(14),
    }],
    [{ kind: "fragment", identification: 1 }],
  ] as const;
  return [
    ...chains.flatMap((extensionHeaders) => [
      buildPacket(
        link,
        ipv6({ ...SIX, extensionHeaders }),
        udp(PORTS),
        "hello",
      ),
      buildPacket(link, ipv6({ ...SIX, extensionHeaders }), tcp(PORTS)),
    ]),
    buildPacket(
      link,
      ipv6({ ...SIX, protocol: 51 }),
      AUTHENTICATED,
      buildPacket(udp({ ...PORTS, checksum: 0 }), "authentic"),
    ),
    buildPacket(
      link,
      ipv4({ ...FOUR, protocol: 51 }),
      AUTHENTICATED,
      buildPacket(udp({ ...PORTS, checksum: 0 }), "authentic"),
    ),
    buildPacket(link, ipv4(FOUR), udp(PORTS)),
  ];
}

function runOn(
  program: readonly FilterInstruction[],
  bytes: Uint8Array,
): boolean {
  const packet = {
    bytes,
    originalLength: bytes.length,
    interfaceIndex: 1,
    packetType: 0,
  };
  return runFilter(program, packet) > 0;
}

/** Loops, and every operation that the language has. */
const EXPRESSIONS = [
  ...["ip6 protochain 17", "ip6 protochain 6", "ip protochain 17"],
  ...["protochain 17", "not protochain 6", "ip6 protochain 0 or icmp"],
  ...["ip[2:2] + 2 = 42", "ip[2:2] - ip[8] > 100", "ip[2:2] * ip[9] & 32 != 0"],
  ...["ip[4:2] / (ip[9] - 16) = 0", "ip[2:2] % 7 = 1", "ip[10] ^ ip[11] > 99"],
  ...["ip[2:2] << 3 = 288", "ip[12:4] >> 4 = 0x101016", "ip and -ip[8] > 5"],
  ...["ip[8] / (ip[9] - 17) = 0", "ip[8] % (ip[9] - 6) = 9"],
  ...["ip[2:2] | 1 = 37", "udp[ip[9] - 17] = 0", "ether[ip[9]] = 0"],
  ...["less 60", "greater 60", "tcp[tcpflags] & tcp-syn != 0", "port 53"],
  ...[
    "host 1.1.1.1",
    "net 1.1.2.0/24",
    "ip[99] = 0 or ether proto 0x88b5",
    "not ip[40] = 0",
  ],
  ...["ip[ip[ip[0] & 3] & 15] = 69", "ip6[40 + ip6[6] / 17] = 0"],
];

await liveTest(
  "runFilter() selects what tcpdump selects",
  ["init-root", "tcpdump"],
  async () => {
    const frames = [...variedFrames(), ...extended()];
    const sent = [...frames, LAST];
    for (const expression of EXPRESSIONS) {
      const { kernel, own } = splitFilter(expression, {});
      assertEquals(/protochain/.test(expression), own !== undefined);
      const seen = sent.filter((frame) => runOn((own ?? kernel)!, frame))
        .map((frame) => frame.subarray(14).toHex());
      const wanted = await selectedByTcpdump(frames, expression);
      assertEquals(seen, wanted, expression);
      assert(seen.length > 0 && seen.length < sent.length, expression);
    }
  },
);

Deno.test("runFilter() ends whatever a program divides by or loads", () => {
  const ALL = { code: 0x06, jt: 0, jf: 0, k: 1 };
  const LOADS = [0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xb1];
  for (const code of LOADS) {
    for (const k of [4, 5, 0xffff, 0x7fff_ffff, 0xffff_efff, 0xffff_f014]) {
      const load = { code, jt: 0, jf: 0, k };
      assertEquals(runOn([load, ALL], new Uint8Array(4)), false);
    }
  }
  for (const code of [0x34, 0x94, 0x3c, 0x9c]) {
    const divide = { code, jt: 0, jf: 0, k: 0 };
    assertEquals(runOn([divide, ALL], new Uint8Array(4)), false);
  }
});

const LIVE: readonly (string | (PacketCriteria & { expression: string }))[] = [
  "ip6 protochain 17",
  "ip protochain 17",
  "ip6 protochain 6 or ether proto 0x88b5",
  { expression: "protochain 17", host: RECEIVER6 },
  { expression: "protochain 17", port: 53, protocol: 17 },
];

await liveTest(
  "a packet socket runs here what the kernel does not, and tcpdump neither",
  ["lab", "init-root", "tcpdump"],
  async () => {
    await using lab = await pair();
    const frames = [...variedFrames(), ...extended()];
    for (const filter of LIVE) {
      const { expression, ...criteria } = typeof filter === "string"
        ? { expression: filter }
        : filter;
      const { host, port, protocol } = criteria as PacketCriteria;
      const asWords = [
        `(${expression})`,
        ...(host === undefined ? [] : [`host ${host}`]),
        ...(protocol === undefined ? [] : [`proto ${protocol}`]),
        ...(port === undefined ? [] : [`port ${port}`]),
      ].join(" and ");
      const wanted = await selectedByTcpdump(frames, asWords);
      assert(wanted.length > 0 && wanted.length < frames.length, asWords);
      for (const cooked of [false, true]) {
        const seen = await selected(lab, frames, filter, cooked);
        assertEquals(seen, wanted, `${asWords}, ${cooked}`);
      }
    }
    // A thousand frames before the one: none of them is an end.
    const many = Array.from({ length: 1000 }, () => variedFrames()[0]);
    const [, , , wanted] = extended();
    assertEquals(
      await selected(lab, [...many, wanted], "ip6 protochain 6", false),
      [wanted.subarray(14).toHex()],
    );
  },
);

await liveTest(
  "a packet socket knows VLAN tags, directions and link-layer fields beside a loop",
  ["lab", "init-root", "tcpdump"],
  async () => {
    await using lab = await pair();
    const frames = [...extended(), ...extended([{ vid: 5 }])];
    const tagged = "vlan 5 and ip6 protochain 17";
    const wanted = await selectedByTcpdump(frames, tagged);
    assert(wanted.length > 0 && wanted.length < frames.length / 2);
    assertEquals(await selected(lab, frames, tagged, false), wanted);
    const loop = await selectedByTcpdump(extended(), "ip6 protochain 17");
    const DIRECTIONS: [expression: string, seen: string[]][] = [
      ["inbound and ip6 protochain 17", loop],
      ["outbound and ip6 protochain 17", []],
    ];
    for (const [expression, seen] of DIRECTIONS) {
      assertEquals(await selected(lab, extended(), expression, false), seen);
    }
    // Octet 12 of a cooked packet is its sender's address, 11 how long that is.
    const cooked = "link[11] = 6 and link[12:4] = 0x02000000 and link[17] = 2";
    const all = extended().map((frame) => frame.subarray(14).toHex());
    assertEquals(await selected(lab, extended(), cooked, true), all);
    assertEquals(
      await selected(lab, extended(), `${cooked} and ip`, true),
      all.slice(-2),
    );
  },
);

await liveTest(
  "a packet socket runs here a filter too long for the kernel",
  ["lab", "init-root", "tcpdump"],
  async () => {
    await using lab = await pair();
    // In each octet another bit: nothing for the optimizer to join.
    const terms = Array.from(
      { length: 1500 },
      (_, i) =>
        `(ip[${i % 20}] = ${i >> 4} and ip[${19 - i % 19}] = ${i % 251})`,
    );
    const expression = `host 1.1.2.5 or ${terms.join(" or ")}`;
    const { kernel } = splitFilter(expression, {});
    assertEquals(kernel, undefined);
    const frames = variedFrames();
    const wanted = await selectedByTcpdump(frames, expression);
    assert(wanted.length > 0 && wanted.length < frames.length);
    assertEquals(await selected(lab, frames, expression, false), wanted);
  },
);

await liveTest(
  "ip broadcast knows the interface's network",
  ["lab", "init-root"],
  async () => {
    await using lab = await pair();
    // It is a /24. libpcap looks at the host's part alone, and tcpdump 4.99 at
    // another one: it gives libpcap the mask with its octets turned round.
    const addresses = ["255.255.255.255", "1.1.1.255", "1.1.2.0", "0.0.0.0"];
    const frames = [...addresses, "1.1.1.1", "1.1.255.1", "1.255.255.254"].map(
      (destination) =>
        buildPacket(
          ethernet({ destination: "ff:ff:ff:ff:ff:ff" }),
          ipv4({ source: SENDER, destination }),
          udp(PORTS),
        ),
    );
    for (const cooked of [false, true]) {
      assertEquals(
        await selected(lab, frames, "ip broadcast", cooked),
        frames.slice(0, 4).map((frame) => frame.subarray(14).toHex()),
      );
    }
    assertEquals(
      await selected(lab, frames, "ip and not ip broadcast", false),
      frames.slice(4).map((frame) => frame.subarray(14).toHex()),
    );
  },
);

await liveTest(
  "compileFilter() says what no kernel runs, and ip broadcast what it lacks",
  ["tcpdump"],
  () => {
    assertThrows(
      () => compileFilter("ip6 protochain 6"),
      RangeError,
      "no kernel runs this filter expression",
    );
    assertThrows(
      () => compileFilter("link[12] = 2", { linkType: LINK_TYPE_LINUX_SLL2 }),
      RangeError,
      "no kernel runs this filter expression",
    );
    assertThrows(
      () => compileFilter("ip broadcast"),
      RangeError,
      "netmask not known, so 'ip broadcast' not supported; " +
        "give a device that has an IPv4 address",
    );
  },
);
