/** What craft builds in fragments; tshark and the kernel put it together. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeIPv4 } from "../../../mod.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";
import { pair } from "../socket/socket_support.ts";

const DATA = Uint8Array.from({ length: 2000 }, (_, i) => i * 7).toHex();
const UPPER =
  `{"udp":{"sourcePort":9,"destinationPort":4000}},{"data":"${DATA}"}`;
const ENDS = `"source":"1.1.1.100","destination":"1.1.1.1"`;
const ENDS6 = `"source":"2001:db8::100","destination":"2001:db8::1"`;

/** Packets behind headers of several kinds, and what their fragments have. */
const DESCRIBED: [description: string, mtu: string, lengths: number[]][] = [
  [
    `{"layers":[{"ipv4":{${ENDS},"identification":1}},${UPPER}]}`,
    "1000",
    [996, 996, 76],
  ],
  [
    `{"layers":[{"ethernet":{"vlanTags":[{"vid":5}]}},` +
    `{"ipv4":{${ENDS},"identification":2}},${UPPER}]}`,
    "1280",
    [18 + 1276, 18 + 772],
  ],
  [
    `{"layers":[{"ethernet":{}},{"ipv6":{${ENDS6}}},${UPPER}]}`,
    "1281",
    [14 + 1280, 14 + 824],
  ],
  // What fits is left as it is, right or wrong.
  [
    `{"layers":[{"ipv4":{${ENDS},"protocol":253,"checksum":57005}},{"data":"abcd"}]}`,
    "68",
    [22],
  ],
];

await liveTest(
  "craft --mtu makes fragments that tshark puts together",
  ["tshark"],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const [i, [description, mtu, lengths]] of DESCRIBED.entries()) {
        const file = `${folder}/${i}.pcapng`;
        const { code, stdout, stderr } = await run(
          script("craft", "--json", description, "--mtu", mtu, "--write", file),
        );
        assertEquals([code, stderr], [0, ""]);
        assertEquals(lines(stdout).map((hex) => hex.length / 2), lengths);
        const whole = await run(script("craft", "--json", description));
        if (lengths.length === 1) assertEquals(stdout, whole.stdout);
        const names = [
          ...["ip.checksum.status", "udp.checksum.status", "data.data"],
        ];
        const options = ["ip.check_checksum:TRUE", "udp.check_checksum:TRUE"];
        const seen = await run([
          ...["tshark", "-r", file, "-T", "fields"],
          ...names.flatMap((name) => ["-e", name]),
          ...options.flatMap((option) => ["-o", option]),
        ]);
        const last = lines(seen.stdout).at(-1)!.split("\t");
        const isIPv6 = description.includes("ipv6");
        if (lengths.length > 1) {
          assertEquals(last, [isIPv6 ? "" : "1", "1", DATA]);
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "craft --mtu from flags: an identification is theirs",
  [],
  async () => {
    const call = ["-d", "1.1.1.1", "--hex", DATA, "--mtu", "600"];
    const headers = async (...args: string[]) => {
      const { stdout } = await run(script("craft", ...call, ...args));
      return lines(stdout).map((hex) =>
        decodeIPv4(Uint8Array.fromHex(hex)).header
      );
    };
    const made = await headers();
    assertEquals(made.length, 4);
    const [{ identification }] = made;
    assertEquals(identification > 0, true);
    for (const header of made) {
      assertEquals(header.identification, identification);
    }
    assertEquals((await headers("--id", "77")).at(-1)?.identification, 77);
    // A fragment is split further.
    const parts = await headers("--flags", "MF");
    assertEquals(parts.map((part) => part.moreFragments), Array(4).fill(true));
  },
);

await liveTest(
  "craft --mtu refuses what cannot be split, exit 2",
  [],
  async () => {
    const long = ["-d", "1.1.1.1", "--hex", DATA];
    const no = "craft: a packet cannot be fragmented: ";
    const BAD: [args: string[], said: string][] = [
      [
        [...long, "--mtu", "576", "--flags", "DF"],
        `${no}its flag Don't Fragment is set, and 2020 octets do not fit into 576`,
      ],
      [[...long, "--mtu", "67"], "Wanted: a whole number from 68 to 65535."],
      [[...long, "--mtu", "65536"], "Wanted: a whole number from 68 to 65535."],
      [[...long, "--mtu", "1.5"], "Wanted: a whole number from 68 to 65535."],
      [
        [...long, "--mtu", "576", "--length", "9999"],
        `${no}its totalLength is 9999 octets, of which 7979 are missing`,
      ],
      [
        ["--json", DESCRIBED[2][0], "--mtu", "1279"],
        `${no}IPv6 wants an MTU of 1280 or more, and it is 1279`,
      ],
      [
        ["--json", '{"layers":[{"data":"abcd"}]}', "--mtu", "576"],
        `${no}it is no IP packet`,
      ],
      [
        [...long, "--id", "0", "--mtu", "576", "--send"],
        `${no}its identification is 0, for which the kernel chooses one in each ` +
        "fragment anew: give it another",
      ],
    ];
    for (const [args, said] of BAD) {
      const { code, stderr } = await run(script("craft", ...args));
      assertEquals(code, 2, stderr);
      assertStringIncludes(unwrapped(stderr), said);
    }
  },
);

const LISTEN = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); " +
  "s.bind(('1.1.1.1', 4000)); print('ready', flush=True)\n" +
  "for _ in range(2): print(s.recvfrom(9999)[0].hex(), flush=True)";

await liveTest(
  "craft --mtu --send: the kernel delivers the datagram of fragments",
  ["lab", "python3"],
  async () => {
    await using lab = await pair();
    await using listening = new Process(
      lab.inside("receiver", ["python3", "-c", LISTEN]),
    );
    await listening.until("ready");
    const [[description]] = DESCRIBED;
    const call = script("craft", "--json", description, "--mtu", "600");
    const sent = await run(lab.inside("sender", [...call, "--send"]));
    assertEquals([sent.code, sent.stderr], [
      0,
      "sent to 1.1.1.1\n".repeat(4),
    ]);
    assertEquals(lines(sent.stdout).length, 4);
    await listening.until(DATA);

    // With a table for each fragment
    const compared = await run(
      lab.inside("sender", [...call, "--send", "--diff"]),
    );
    assertEquals([compared.code, compared.stderr], [0, ""]);
    const offsets = lines(compared.stdout)
      .filter((line) => line.includes("Fragment Offset  "))
      .map((line) => line.trim().split(/ {2,}/).slice(1));
    assertEquals(
      offsets,
      ["0", "576", "1152", "1728"].map((at) => [at, at, at]),
    );
    await listening.until(DATA, 2);
  },
);

await liveTest(
  "craft --mtu --send --why: there is a reply to all fragments together",
  ["lab"],
  async () => {
    await using lab = await pair();
    const request = `{"layers":[{"ipv4":{${ENDS},"identification":9}},` +
      `{"icmpv4":{"kind":"echoRequest","identifier":7,"sequence":5}},` +
      `{"data":"${DATA}"}]}`;
    const call = script("craft", "--json", request, "--mtu", "600");
    const { code, stdout } = await run(
      lab.inside("sender", [...call, "--send", "--why"]),
    );
    assertEquals(code, 0);
    assertStringIncludes(
      stdout,
      "There is a reply: 1.1.1.1 answered 1.1.1.100.",
    );
    assertStringIncludes(stdout, "--- 1 sent to 1.1.1.1, 2088 octets");
  },
);
