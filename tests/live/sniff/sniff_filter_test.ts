/** Capture filters, by tcpdump's own choice. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  buildPacket,
  compileFilter,
  ethernet,
  icmpv4,
  ipv4,
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_RAW,
  type PacketCriteria,
  udp,
} from "../../../mod.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { pair } from "../socket/socket_support.ts";
import { selected, selectedByTcpdump } from "./selected.ts";
import { variedFrames } from "./sniff_support.ts";

const FILTERS: readonly (readonly [string, PacketCriteria?])[] = [
  ["icmp and host 1.1.1.100", { protocol: 1, host: "1.1.1.100" }],
  ["udp dst portrange 10-100"],
  ["net 1.1.2.0/24"],
  ["ether proto 0x88b5"],
  ["not ip"],
  ["ip[6:2] & 0x1fff != 0"],
  ["tcp[tcpflags] & tcp-syn != 0"],
  ["less 50"],
  ["host 1.1.1.1", { host: "1.1.1.1" }],
  ["host 2001:db8::1", { host: "2001:db8::1" }],
  ["host 1.1.2.5 and udp", { host: "1.1.2.5", protocol: 17 }],
  ["port 53", { port: 53 }],
  ["tcp port 53", { protocol: 6, port: 53 }],
  ["udp port 8", { protocol: 17, port: 8 }],
  ["host 2001:db8::100 and port 53", { host: "2001:db8::100", port: 53 }],
  ["ip proto 253 or ip6 proto 253", { protocol: 253 }],
  [
    "udp and (src port 9) and host 1.1.1.1",
    { expression: "udp and src port 9", host: "1.1.1.1" },
  ],
  ["tcp or host 1.1.2.5", { expression: "tcp or host 1.1.2.5" }],
  ["not host 1.1.1.1", { not: [{ host: "1.1.1.1" }] }],
  ["not host 2001:db8::1", { not: [{ host: "2001:db8::1" }] }],
  ["not port 53", { not: [{ port: 53 }] }],
  ["not (ip proto 17 or ip6 proto 17)", { not: [{ protocol: 17 }] }],
  [
    "host 1.1.1.1 and not port 53 and not icmp",
    { host: "1.1.1.1", not: [{ port: 53 }, { protocol: 1 }] },
  ],
  [
    "not (host 1.1.1.1 and udp and port 53)",
    { not: [{ host: "1.1.1.1", protocol: 17, port: 53 }] },
  ],
  [
    "ip and not host 1.1.2.5",
    { expression: "ip", not: [{ host: "1.1.2.5" }] },
  ],
];

await liveTest(
  "compileFilter() selects what tcpdump selects, by expression and by criteria",
  ["lab", "init-root", "tcpdump"],
  async () => {
    await using lab = await pair();
    const frames = variedFrames();
    for (const [expression, criteria] of FILTERS) {
      const wanted = await selectedByTcpdump(frames, expression);
      assert(wanted.length < frames.length, `${expression} is no test`);
      const filters = criteria === undefined
        ? [expression]
        : [expression, criteria];
      for (const filter of filters) {
        for (const cooked of [false, true]) {
          // A cooked packet has another length, and so it has for tcpdump.
          if (cooked && expression.startsWith("less")) continue;
          assertEquals(
            await selected(lab, frames, filter, cooked),
            wanted,
            `${JSON.stringify(filter)}${cooked ? ", cooked" : ""}`,
          );
        }
      }
    }
  },
);

const VLAN_FILTERS = [
  ...["vlan", "vlan 5", "not vlan", "vlan 5 and icmp", "vlan and udp port 7"],
  ...["vlan 6 and (udp or tcp)", "vlan 7 and vlan 5"],
];

await liveTest(
  "a filter of a device knows VLAN tags, which the kernel keeps apart",
  ["lab", "init-root", "tcpdump"],
  async () => {
    await using lab = await pair();
    const ends = { source: "1.1.1.100", destination: "1.1.1.1" };
    const TAGS: readonly (readonly { tpid?: number; vid: number }[])[] = [
      ...[[], [{ vid: 5 }], [{ vid: 6 }], [{ tpid: 0x88a8, vid: 5 }]],
      [{ tpid: 0x88a8, vid: 7 }, { vid: 5 }],
    ];
    const frames = TAGS.flatMap((vlanTags) =>
      [
        icmpv4({ kind: "echoRequest", identifier: 1 }),
        udp({ sourcePort: 7, destinationPort: 9 }),
      ].map((layer) => buildPacket(ethernet({ vlanTags }), ipv4(ends), layer))
    );
    for (const expression of VLAN_FILTERS) {
      const wanted = await selectedByTcpdump(frames, expression);
      const seen = await selected(lab, frames, expression, false);
      assertEquals(seen, wanted, expression);
      assert(seen.length > 0 && seen.length < frames.length, expression);
    }
  },
);

Deno.test("compileFilter() refuses to exclude nothing, or what cannot be", () => {
  assertThrows(() => compileFilter({ not: [{}] }), RangeError, "not needs");
  assertThrows(
    () => compileFilter({ not: [{ protocol: 1, port: 5 }] }),
    RangeError,
    "ports",
  );
});

Deno.test("compileFilter() compiles criteria for every link type", () => {
  const criteria = { protocol: 17, host: "1.1.1.1", port: 53 };
  for (
    const linkType of [LINK_TYPE_ETHERNET, LINK_TYPE_RAW, LINK_TYPE_LINUX_SLL2]
  ) {
    const program = compileFilter(criteria, { linkType, snapLength: 99 });
    assertEquals(program.slice(-2).map(({ k }) => k), [99, 0]);
    // No jump leads out of it.
    for (const [i, { code, jt, jf, k }] of program.entries()) {
      const furthest = code === 0x05 ? k : Math.max(jt, jf);
      assert(i + furthest < program.length);
    }
  }
});

await liveTest(
  "compileFilter() repeats libpcap's own words",
  ["tcpdump"],
  () => {
    const bad = [
      ["icmp and", "syntax error"],
      ["host 1.1.1.300", "invalid"],
      ["port 70000", "70000"],
      ["\0", "NUL"],
    ];
    for (const [expression, words] of bad) {
      assertThrows(() => compileFilter(expression), RangeError, words);
    }
    assertThrows(
      () =>
        compileFilter("ether host 02:00:00:00:00:01", {
          linkType: LINK_TYPE_LINUX_SLL2,
        }),
      RangeError,
    );
  },
);

await liveTest(
  "sniff without libpcap names the package, and --host still works",
  [
    "lab",
    "unshare",
  ],
  async () => {
    await using lab = await pair();
    const files = (await run([
      ...[
        "sh",
        "-c",
        "ls /usr/lib/*/libpcap.so* /lib/*/libpcap.so* /usr/lib/libpcap.so* 2>/dev/null",
      ],
    ])).stdout.trim().split("\n").filter(Boolean);
    assert(files.length > 0);
    // In a mount namespace of its own, an empty file stands where libpcap was.
    const hide = files.map((file) => `mount --bind /dev/null ${file}`);
    const without = (...args: string[]) =>
      run(
        lab.inside("receiver", [
          ...["unshare", "--mount", "sh", "-c"],
          `${hide.join(" && ")} && exec "$@"`,
          ...["sh", ...script("sniff", "-I", "eth0", ...args)],
        ]),
        { cwd: ROOT },
      );
    const failed = await without("-f", "icmp");
    assertEquals([failed.code, failed.stdout], [4, ""]);
    assert(failed.stderr.includes("libpcap is not installed"), failed.stderr);
    assert(failed.stderr.includes("libpcap0.8"), failed.stderr);
    const works = await without("--host", "1.1.1.99", "-w", "0.1");
    assertEquals(works.code, 1, works.stderr);
    assert(works.stderr.includes("0 captured"), works.stderr);
  },
);
