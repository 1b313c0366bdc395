/** The spoof script, from the outside; tcpdump and tshark are the judges. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inHost } from "../hosts.ts";
import { liveTest, ROOT, run, script, unwrapped } from "../live.ts";
import { packetsSent } from "../pair/pair_counter.ts";
import { lines, Process } from "../pair/pair_process.ts";
import { Tcpdump } from "../sniff/sniff_support.ts";
import { octets, openIn, pair, RECEIVER } from "../socket/socket_support.ts";

const FORGED = "172.16.12.1";
const TO_RECEIVER = [RECEIVER, "--source", FORGED];

/** The first seed's code, as Python 3 spells it. */
const SEED = `
import socket, struct
def checksum(source):
    total = 0
    for count in range(0, len(source) // 2 * 2, 2):
        total += source[count + 1] * 256 + source[count]
        total = total & 0xffffffff
    total = (total >> 16) + (total & 0xffff)
    total = total + (total >> 16)
    answer = ~total & 0xffff
    return answer >> 8 | (answer << 8 & 0xff00)
ip_header = struct.pack('!BBHHHBBH4s4s', (4 << 4) + 5, 0, 28, 0, 0, 255, 1, 0,
    socket.inet_aton('${FORGED}'), socket.inet_aton('${RECEIVER}'))
packet = struct.pack("!BBHHH", 8, 0, 0, 0, 0)
packet = struct.pack("!BBHHH", 8, 0, checksum(packet), 0, 0)
print((ip_header + packet).hex())
`;

await liveTest(
  "spoof --dry-run needs no permission, and shows the seed's packet",
  ["python3"],
  async () => {
    const path = `${ROOT}scripts/spoof.ts`;
    const bare = [Deno.execPath(), "run", "--no-prompt", path, "--dry-run"];
    const { code, stdout, stderr } = await run([...bare, ...TO_RECEIVER]);
    assertEquals([code, stderr], [0, ""]);
    const seed = await run(["python3", "-c", SEED]);
    assertEquals(`${lines(stdout)[0]}\n`, seed.stdout);
    for (
      const text of [
        "  = Total Length: 28, kept: always written by the kernel",
        "  + Identification: 0x0000, filled in when it leaves: 0 lets",
        "  + Header Checksum: 0x0000, filled in when it leaves: always",
        "    Source Address: 172.16.12.1",
      ]
    ) assertStringIncludes(stdout, text);
    for (const line of lines(stdout)) assert(line.length <= 80, line);

    const json = await run([...bare, ...TO_RECEIVER, "--json"]);
    const { bytes, kernel } = JSON.parse(json.stdout);
    assertEquals(`${bytes}\n`, seed.stdout);
    assertEquals(Object.keys(kernel), [
      "totalLength",
      "identification",
      "checksum",
    ]);
  },
);

await liveTest(
  "spoof puts the seed's packet on the wire: what is 0 was corrected",
  ["lab", "tcpdump", "tshark", "init-root"],
  async () => {
    await using lab = await pair();
    await using dump = await Tcpdump.start(lab, "receiver", "icmp");
    const call = script("spoof", ...TO_RECEIVER);
    const { code, stdout } = await run(lab.inside("sender", call));
    assertEquals(code, 0);
    assertStringIncludes(stdout, "--- 1 sent to 1.1.1.1, 28 octets, ");
    await dump.packets(1);
    const [fields] = await dump.fields(
      ...["ip.src", "ip.dst", "ip.len", "ip.ttl", "ip.checksum.status"],
      ...["icmp.type", "icmp.checksum.status", "ip.id"],
    );
    assertEquals(fields.slice(0, 7), [
      FORGED,
      RECEIVER,
      ...["28", "255", "1", "8", "1"],
    ]);
    assert(Number(fields[7]) !== 0);
  },
);

/** SEED Labs, "Packet Sniffing and Spoofing", task 2.2, question 4. */
await liveTest(
  "the IP length field cannot be set to an arbitrary value",
  ["lab", "tcpdump", "tshark", "init-root"],
  async () => {
    await using lab = await pair();
    await using dump = await Tcpdump.start(lab, "receiver", "icmp");
    const lengths = [0, 19, 20, 27, 29, 1000, 65_535];
    for (const length of lengths) {
      const args = [...TO_RECEIVER, "--length", `${length}`, "--diff"];
      const call = script("spoof", ...args, "--json");
      const { stdout } = await run(lab.inside("sender", call));
      const field = fieldIn(stdout, "totalLength");
      assertEquals(
        [field.sent.value, field.left.value, field.arrived.value],
        [length, 28, 28],
      );
      assertEquals(field.kernel, length === 0 ? "filled" : "overwritten");
      assertStringIncludes(field.rules[0], "always written by the kernel");
    }
    await dump.packets(lengths.length);
    const onWire = await dump.fields("ip.len");
    assertEquals(onWire.flat(), lengths.map(() => "28"));
  },
);

/** The same, question 5. */
await liveTest(
  "the IP checksum need not be calculated with raw sockets",
  ["lab", "tcpdump", "tshark", "init-root"],
  async () => {
    await using lab = await pair();
    await using dump = await Tcpdump.start(lab, "receiver", "icmp");
    const checksums = [0, 1, 0xdead, 0xffff];
    for (const checksum of checksums) {
      const args = [...TO_RECEIVER, "--checksum", `${checksum}`, "--diff"];
      const call = script("spoof", ...args, "--json");
      const { stdout } = await run(lab.inside("sender", call));
      const { sent, kernel, rules } = fieldIn(stdout, "checksum");
      assertEquals(sent.value, checksum);
      assertEquals(kernel, checksum === 0 ? "filled" : "overwritten");
      assertStringIncludes(rules[0], "always computed by the kernel");
    }
    await dump.packets(checksums.length);
    const onWire = await dump.fields("ip.checksum.status");
    assertEquals(onWire.flat(), checksums.map(() => "1"));
  },
);

/** A field of the comparison that `--json` printed. */
function fieldIn(stdout: string, name: string) {
  const [comparison] = lines(stdout).map((line) => JSON.parse(line))
    .filter(({ type }) => type === "compared");
  return comparison.fields.find((field: { name: string }) =>
    field.name === name
  );
}

await liveTest(
  "spoof sends every field as it is given, but for the kernel's",
  ["lab", "tcpdump", "tshark", "init-root"],
  async () => {
    await using lab = await pair();
    await using dump = await Tcpdump.start(lab, "receiver", "src", FORGED);
    const args = [
      ..."--ttl 7 --tos 0xb9 --id 0x1234 --flags reserved,DF".split(" "),
      ..."--options 01010100 --icmp-id 77 --icmp-seq 5".split(" "),
      ...["--payload", "Hi"],
    ];
    const call = script("spoof", ...TO_RECEIVER, ...args);
    assertEquals((await run(lab.inside("sender", call))).code, 0);
    const plain = script("spoof", ...TO_RECEIVER, "-p", "253", "--hex", "4869");
    assertEquals((await run(lab.inside("sender", plain))).code, 0);
    const [echo, other] = await dump.packets(2);
    const [fields] = await dump.fields(
      ...["ip.ttl", "ip.dsfield", "ip.id", "ip.hdr_len"],
      ...["icmp.ident", "icmp.seq", "data.data"],
    );
    assertEquals(fields.map((value) => value.split(",")[0]), [
      ...["7", "0xb9", "0x1234", "24"],
      ...["77", "5", "4869"],
    ]);
    // Reserved and Don't Fragment.
    assertEquals(echo.bytes[14 + 6], 0xc0);
    assertEquals(echo.bytes.slice(34, 38), Uint8Array.of(1, 1, 1, 0));
    assertEquals(other.bytes[14 + 9], 253);
    assertEquals(other.bytes.slice(14 + 20), octets("Hi"));
  },
);

/** What is given beside a destination and a source, and what is said. */
const BAD: [args: string[], said: string][] = [
  ...["256", "-1", "x", "1.5"].map((value): [string[], string] => [
    ["--ttl", value],
    `'-t, --ttl <hops>' argument '${value}' is invalid.\nWanted: a whole ` +
    "number from 0 to 255.",
  ]),
  [["--tos", "256"], "from 0 to 255."],
  [["--id", "65536"], "from 0 to 65535."],
  [["--protocol", "256"], "from 0 to 255."],
  [["--checksum", "65536"], "from 0 to 65535."],
  [["--length", "65536"], "from 0 to 65535."],
  [["--icmp-id", "65536"], "from 0 to 65535."],
  [["--icmp-seq", "65536"], "from 0 to 65535."],
  [["--flags", "8"], "Wanted: DF, MF or reserved, joined by commas"],
  [["--flags", "DF,XF"], "Wanted: DF, MF or reserved, joined by commas"],
  [["--options", "0"], "this digit is alone"],
  [["--options", "01".repeat(41)], "40 octets at most, and these are 41"],
  [["--count", "0"], "Wanted: a whole number, 1 or more."],
  [["--interval", "-1"], "Wanted: seconds from 0 to 2147483, such as"],
  [["--source", "1.1.1"], "Wanted: an IPv4 address"],
  [["--icmp-id", "1", "-p", "17"], "are fields of the echo request"],
  [["--payload", "a", "--hex", "00"], "exclude each other"],
  [["--payload", "x".repeat(65_508)], "octets, must be a whole number"],
  [["--dry-run", "--diff"], "cannot be used with"],
];

await liveTest(
  "spoof sends nothing for bad input: one sentence, exit 2",
  ["lab"],
  async () => {
    await using lab = await pair();
    const before = await packetsSent(lab);
    await Promise.all(BAD.map(async ([args, said]) => {
      const call = script("spoof", ...TO_RECEIVER, ...args);
      const { code, stdout, stderr } = await run(lab.inside("sender", call));
      assertStringIncludes(unwrapped(stderr), said.replaceAll("\n", " "));
      assertEquals([code, stdout], [2, ""], `${args}`.slice(0, 99));
    }));
    assertEquals(await packetsSent(lab), before);
  },
);

await liveTest(
  "spoof refuses public destinations outside of labs, exit 2",
  ["lab"],
  async () => {
    // Where nothing leads out, should it not refuse.
    const alone = ["unshare", "--net"];
    const call = script("spoof", "9.9.9.9", "--source", FORGED);
    const { code, stdout, stderr } = await run([...alone, ...call]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(
      unwrapped(stderr),
      "spoof: 9.9.9.9 is public, and forged packets go to loopback, private, " +
        "link-local and documentation addresses: --allow-public",
    );
    // Then the system has no route.
    const meant = await run([...alone, ...call, "--allow-public"]);
    assertEquals(meant.code, 4);
    assertStringIncludes(meant.stderr, "Network is unreachable");
  },
);

const COUNTING = `nft -f - <<'END'
table ip raw4 {
  counter sent {}
  chain out {
    type filter hook output priority 0;
    ip protocol 253 counter name sent
  }
}
END`;

await liveTest(
  "spoof sends as often as it is told, and ends by Ctrl-C with its summary",
  ["lab", "nft"],
  async () => {
    await using lab = await pair();
    const args = [...TO_RECEIVER, "-p", "253", "--payload", "x"];
    const many = script("spoof", ...args, "-c", "5000");
    // The kernel's count, since no buffer need have room for so many.
    await inHost(lab, "sender", "sh", "-c", COUNTING);
    const { stdout } = await run(lab.inside("sender", many));
    assertStringIncludes(stdout, "--- 5000 sent to 1.1.1.1, 105000 octets, ");
    const counted = await inHost(lab, "sender", "nft", "list", "counters");
    assertStringIncludes(counted, "packets 5000 bytes 105000");
    // Read only afterwards, so it has to have room for all of them.
    using receiver = openIn(lab, "receiver", { receiveBufferBytes: 8_000_000 });
    const slow = script("spoof", ...args, "-c", "5000", "-i", "10ms");
    await using process = new Process(lab.inside("sender", slow));
    await process.until("sent packet 3\n");
    process.kill("SIGINT");
    const end = await process.end();
    assertEquals(end.code, 0);
    const [, sent] = /--- (\d+) sent/.exec(end.stdout)!;
    for (let received = 0; received < Number(sent); received++) {
      await receiver.receive({ timeoutMs: 9000 });
    }
  },
);

await liveTest(
  "spoof, send and craft --send show both sides, at most 80 columns wide",
  ["lab"],
  async () => {
    await using lab = await pair();
    const calls = [
      script("spoof", ...TO_RECEIVER, "--diff", "--why"),
      script("send", RECEIVER, "Hi", "--diff", "--why"),
      script(
        ...["craft", "-s", FORGED, "-d", RECEIVER, "--payload", "Hi"],
        ...["--send", "--diff", "--why"],
      ),
    ];
    for (const call of calls) {
      const { code, stdout, stderr } = await run(lab.inside("sender", call));
      assertEquals([code, stderr], [1, ""]);
      const screen = lines(stdout);
      for (const line of screen) assert(line.length <= 80, line);
      const find = (label: string) =>
        screen.find((line) => line.startsWith(label)) ?? "";
      assertStringIncludes(
        find("  Field  "),
        "left eth0          arrived receiver",
      );
      assert(/\+0x[0-9a-f]{4}|!0x[0-9a-f]{4}/.test(find("  Header Checksum")));
      assertStringIncludes(stdout, "\nWhy: ");
    }
  },
);

await liveTest(
  "send --diff shows the first of the fragments that the kernel makes",
  ["lab"],
  async () => {
    await using lab = await pair();
    const call = script("send", RECEIVER, "--size", "3000", "--diff", "--json");
    const { stdout } = await run(lab.inside("sender", call));
    const [comparison] = lines(stdout).map((line) => JSON.parse(line))
      .filter(({ type }) => type === "compared");
    assertEquals(comparison.isFragmented, true);
    const flags = fieldIn(stdout, "flags");
    assertEquals([flags.sent, flags.left.text], [undefined, "0x1 MF"]);
    const payload = fieldIn(stdout, "payload");
    assertEquals(
      [payload.sent.text, payload.left.text, payload.arrived.text],
      ["3000 octets", "1480 octets", "1480 octets"],
    );
    assertStringIncludes(payload.rules[0], "longer than the MTU");
  },
);

await liveTest(
  "spoof --diff says when a packet did not leave, exit 1",
  ["lab"],
  async () => {
    await using lab = await pair();
    const call = script("spoof", "1.1.1.66", "--source", FORGED, "--diff");
    const { code, stdout } = await run(lab.inside("sender", call));
    assertEquals(code, 1);
    assertStringIncludes(stdout, "It was not seen leaving by eth0: it waits");
  },
);
