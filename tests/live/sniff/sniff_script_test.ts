/** The sniffer's script: its lines, its files, its ends. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import type { Lab } from "../../../lib/lab/lab.ts";
import { summarizePacket } from "../../../lib/render/packet/packet_line.ts";
import {
  buildPacket,
  ethernet,
  ipv4,
  LINK_TYPE_ETHERNET,
  tcp,
  udp,
} from "../../../mod.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";
import {
  packetSocketIn,
  readPackets,
  Tcpdump,
  tcpdumpLines,
  variedFrames,
} from "./sniff_support.ts";
import {
  inside,
  octets,
  openIn,
  pair,
  RECEIVER,
  SENDER,
} from "../socket/socket_support.ts";

/** Ethernet is told by its type, and so are these frames by nobody else. */
const MARK = 0x88b5;

/** Starts the sniffer in the receiver's host; `--json` tells when it listens. */
async function sniffer(lab: Lab, ...args: string[]): Promise<Process> {
  const command = script("sniff", "-I", "eth0", ...args);
  const sniffing = new Process(lab.inside("receiver", command));
  await sniffing.until('"type":"opened"');
  return sniffing;
}

/** The sniffer, permitted to write a file. */
function writing(file: string, ...args: string[]): string[] {
  const flags = ["--allow-ffi", `--allow-write=${file}`];
  const path = `${ROOT}scripts/sniff.ts`;
  const options = ["-I", "eth0", "--write", file, ...args];
  return [Deno.execPath(), "run", ...flags, path, ...options];
}

async function withFolder(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

await liveTest("a packet's line is tcpdump's", [
  "lab",
  "init-root",
  "tcpdump",
  "ping",
], async () => {
  await using lab = await pair();
  await using tcpdump = await Tcpdump.start(lab, "receiver", "-i", "eth0");
  await inside(lab, "receiver", "ip neigh flush dev eth0");
  await inside(lab, "sender", "ip neigh flush dev eth0");
  await inside(lab, "sender", `ping -q -c 2 -i 0.01 ${RECEIVER}`);
  await inside(lab, "sender", "ping -q -c 2 -i 0.01 2001:db8::1");
  using raw = openIn(lab, "sender");
  raw.send(octets("nobody listens"), RECEIVER);
  using rawUDP = openIn(lab, "sender", { protocol: 17 });
  const addresses = { source: SENDER, destination: RECEIVER };
  const ports = { sourcePort: 4000, destinationPort: 9999 };
  const upper = (packet: Uint8Array) => packet.subarray(20);
  rawUDP.send(
    upper(buildPacket(ipv4(addresses), udp(ports), "nobody")),
    RECEIVER,
  );
  using rawTCP = openIn(lab, "sender", { protocol: 6 });
  const options = Uint8Array.fromHex(
    "020405b40402080a0000000100000000" + "01030307",
  );
  for (const fields of [{ syn: true, options }, { fin: true, psh: true }]) {
    rawTCP.send(
      upper(buildPacket(
        ipv4(addresses),
        tcp({ ...ports, sequence: 77, ...fields }),
        "fin" in fields ? "data" : "",
      )),
      RECEIVER,
    );
  }
  using frames = packetSocketIn(lab, "sender");
  // Of DNS tcpdump tells more.
  const isDNS = (bytes: Uint8Array) =>
    [34, 36, 38, 40, 54, 56].some((at) =>
      bytes[at] === 0 && bytes[at + 1] === 53
    );
  const varied = variedFrames().filter((bytes) => !isDNS(bytes));
  for (const frame of varied) frames.send(frame);

  const packets = (await tcpdump.packets(varied.length + 20))
    .filter(({ bytes }) => !isDNS(bytes));
  await withFolder(async (folder) => {
    const records = packets.map((packet) => encodePcapRecord(packet));
    await Deno.writeFile(
      `${folder}/all.pcap`,
      Uint8Array.from(
        [encodePcapHeader(LINK_TYPE_ETHERNET), ...records]
          .flatMap((record) => [...record]),
      ),
    );
    const theirs = await tcpdumpLines(`${folder}/all.pcap`, "-t", "-S");
    const ours = packets.map((packet) => summarizePacket(packet));
    // Of multicast groups tcpdump tells more, and one blank it has twice.
    const isGroup = (line: string) => line.includes("listener report");
    assertEquals(
      ours.filter((line) => !isGroup(line)),
      theirs.filter((line) => !isGroup(line))
        .map((line) => line.replace(":  ip-proto", ": ip-proto")),
    );
    assert(ours.some((line) => line.startsWith("ARP, Request who-has")));
    assert(ours.some((line) => line.includes("protocol 253 unreachable")));
  });
});

await liveTest(
  "sniff --write makes a file that tshark reads, whole after Ctrl-C",
  [
    "lab",
    "tshark",
  ],
  async () => {
    await using lab = await pair();
    await withFolder(async (folder) => {
      const file = `${folder}/sniffed.pcap`;
      const command = lab.inside("receiver", writing(file, "--json"));
      await using sniffing = new Process(command);
      await sniffing.until('"type":"opened"');
      using sender = packetSocketIn(lab, "sender");
      const sent = variedFrames();
      for (const frame of sent) sender.send(frame);
      await sniffing.until('"type":"packet"', sent.length);
      sniffing.kill("SIGINT");
      const { code, stdout, stderr } = await sniffing.end();
      assertEquals([code, stderr], [0, ""]);
      const summary = JSON.parse(lines(stdout).at(-1)!);
      assertEquals([summary.reason, summary.dropped], ["aborted", 0]);
      const packets = await readPackets(file);
      assertEquals(packets.length, summary.captured);
      const shown = packets.map(({ bytes }) => bytes.toHex());
      assert(sent.every((frame) => shown.includes(frame.toHex())));
      const fields = ["-T", "fields", "-e", "frame.len"];
      const tshark = await run(["tshark", "-r", file, ...fields]);
      assertEquals(
        lines(tshark.stdout).map(Number),
        packets.map(({ originalLength }) => originalLength),
      );
    });
  },
);

await liveTest("sniff --write - is a live pipe into tshark", [
  "lab",
  "tshark",
], async () => {
  await using lab = await pair();
  await using piped = new Process(lab.inside("receiver", [
    ...["sh", "-c"],
    '"$@" | tshark -l -i - -T fields -e data.data -e frame.len -c 3',
    ...["sh", ...script("sniff", "-I", "eth0", "--write", "-", "-c", "3")],
  ]));
  using sender = packetSocketIn(lab, "sender");
  // Until it listens, nothing shows; then each frame shows before the next.
  const frame = buildPacket(ethernet({ typeOrLength: MARK }), "live");
  const timer = setInterval(() => sender.send(frame), 100);
  try {
    const text = await piped.until("6c697665");
    assertMatch(text, /^6c697665\t18$/m);
    const { stdout, stderr } = await piped.end();
    assertEquals(lines(stdout).length, 3);
    assert(stderr.includes("--- 3 captured"), stderr);
  } finally {
    clearInterval(timer);
  }
});

await liveTest("sniff shows 10,000 hostile frames without harm", [
  "lab",
], async () => {
  await using lab = await pair();
  for (const seed of [1, 2]) {
    await using sniffing = await sniffer(lab, "-c", "5000", "--json");
    using sender = packetSocketIn(lab, "sender");
    const random = seededRandom(seed);
    const kinds = [0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 100];
    for (let i = 0; i < 5200; i++) {
      const bytes = randomBytes(random, randomInt(random, 14, 200));
      new DataView(bytes.buffer).setUint16(12, kinds[i % kinds.length]);
      // Far enough to be looked into.
      if (i % 2 === 0 && bytes.length > 40) {
        bytes[14] = i % 6 === 4 ? 0x60 : 0x45;
        bytes[23] = [1, 6, 17, 4, 41, 58][i % 6];
      }
      sender.send(bytes);
    }
    const { code, stdout, stderr } = await sniffing.end();
    assertEquals([code, stderr], [0, ""]);
    const shown = lines(stdout);
    assertEquals(shown.length, 5002);
    // deno-lint-ignore no-control-regex
    assert(shown.every((line) => !/[\x00-\x1f\x7f-\x9f]/.test(line)));
    assert(shown.every((line) => typeof JSON.parse(line).type === "string"));
  }
});

await liveTest(
  "lines and explanations of hostile frames have no control characters",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    const listen = ["-I", "eth0", "--explain", "-c", "1000", "-w", "20"];
    await using sniffing = new Process(
      lab.inside("receiver", script("sniff", ...listen)),
    );
    using sender = packetSocketIn(lab, "sender");
    const random = seededRandom(9);
    const timer = setInterval(() => {
      for (let i = 0; i < 50; i++) {
        const bytes = randomBytes(random, randomInt(random, 14, 200));
        new DataView(bytes.buffer).setUint16(
          12,
          [0x0800, 0x0806, 0x86dd][i % 3],
        );
        bytes.set([0x45], Math.min(14, bytes.length - 1));
        sender.send(bytes);
      }
    }, 20);
    try {
      const { code, stdout } = await sniffing.end();
      assertEquals(code, 0);
      // deno-lint-ignore no-control-regex
      assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(stdout), false);
    } finally {
      clearInterval(timer);
    }
  },
);

await liveTest("sniff ends with the codes of all scripts", [
  "lab",
], async () => {
  await using lab = await pair();
  const cases: [string[], number, string][] = [
    [["-I", "eth0", "-w", "50ms", "--host", "1.1.1.9"], 1, "0 captured"],
    [["-I", "none0"], 4, "No such device"],
    [["-I", "eth0", "--host", "1.1.1"], 2, "Wanted: an IPv4 or IPv6 address"],
    [["-I", "eth0", "--port", "x"], 2, "Wanted: a whole number"],
    [["--promiscuous"], 2, "promiscuous must go with a device"],
    [["-I", "eth0", "--write", "-", "--json"], 2, "standard output"],
    [["-I", "eth0", "--explain", "--json"], 2, "exclude each other"],
    [["-I", "eth0", "--write", "/tmp/x.pcap"], 3, "--allow-write=/tmp/x.pcap"],
    [["--namespace", "none-such", "-w", "9"], 4, "ip netns list"],
  ];
  for (const [args, wanted, words] of cases) {
    const { code, stderr } = await run(
      lab.inside("receiver", script("sniff", ...args)),
    );
    assertEquals(code, wanted, `${args}: ${stderr}`);
    assert(stderr.includes(words), stderr);
    // What is missing is asked for first.
    if (wanted > 1) assert(!stderr.includes("listening on"), stderr);
  }
  // From outside, into a host of the lab
  const namespace = ["--namespace", lab.namespace("receiver")];
  const { code, stdout } = await run(
    script(
      "sniff",
      ...[...namespace, "-I", "eth0", "-w", "50ms", "--json"],
      ...["--host", "1.1.1.9"],
    ),
  );
  assertEquals(code, 1);
  assertEquals(JSON.parse(lines(stdout)[0]).device, "eth0");
});

await liveTest(
  "sniff takes interfaces as tcpdump's users name them",
  ["lab"],
  async () => {
    await using lab = await pair();
    const sniff = (...args: string[]) =>
      run(lab.inside("receiver", script("sniff", "-w", "0.01", ...args)));
    for (
      const [args, place] of [
        [["eth0"], "eth0, link-type Ethernet"],
        [["-i", "eth0"], "eth0, link-type Ethernet"],
        [["-i", "any"], "any, link-type Linux cooked-mode capture v2"],
        [["lo", "eth0"], "lo, eth0, link-type Ethernet"],
      ] as const
    ) {
      const { stderr } = await sniff(...args);
      assert(stderr.includes(`listening on ${place}`), stderr);
    }
    const filter = await sniff("-i", "eth0", "icmp", "and", "host", "1.1.1.1");
    assertEquals([filter.code, filter.stdout], [2, ""]);
    assertEquals(
      filter.stderr,
      'sniff: "icmp" is no interface\n' +
        "A filter goes with -f: -f 'icmp and host 1.1.1.1'\n",
    );
  },
);
