/** The craft script, from the outside. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import {
  buildPacket,
  type CaptureFilePacket,
  dissect,
  encodePcapHeader,
  encodePcapRecord,
  fragmentIPv4,
  icmpv4,
  ipv4,
  packetToJSON,
  PcapngWriter,
  RawSocket,
} from "../../../mod.ts";
import { SEED } from "../../render/packets.ts";
import { read, write } from "../../capture/programs.ts";
import {
  type Finished,
  liveTest,
  ROOT,
  run,
  script,
  unwrapped,
} from "../live.ts";
import { lines, Process, receiver, send } from "../pair/pair_process.ts";
import { packetSocketIn, variedFrames } from "../sniff/sniff_support.ts";
import { pair, RECEIVER } from "../socket/socket_support.ts";

const UDP = JSON.stringify({
  layers: [
    { ipv4: { source: "1.1.1.7", destination: "1.1.1.1" } },
    { udp: { sourcePort: 9, destinationPort: 4000 } },
    { data: { text: "crafted" } },
  ],
});

await liveTest("craft builds the seed's packet from flags", [], async () => {
  const { stdout } = await run(script(
    ...["craft", "-s", "1.1.1.100", "-d", "1.1.1.1", "-t", "128"],
    ...["--id", "0x36dd", "--payload", "Hi"],
  ));
  assertEquals(stdout, `${SEED[1][0]}\n`);
});

await liveTest(
  "craft builds every field of the header from flags",
  [],
  async () => {
    const { stdout } = await run(script(
      ...["craft", "1.1.1.1", "-s", "1.1.1.100", "-t", "0", "-Q", "0xb9"],
      ...["--id", "1", "--flags", "reserved,MF", "--options", "01", "-p", "17"],
      ...["--checksum", "0xdead", "--length", "9", "--hex", "4869"],
    ));
    assertEquals(
      stdout,
      "46b900090001a0000011dead010101640101010101000000" + "4869\n",
    );
  },
);

await liveTest("craft builds what dissect took apart", [], async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const dissected = await Promise.all(
      SEED.map(([hex]) => run(script("dissect", hex, "--json"))),
    );
    await Deno.writeTextFile(
      path,
      dissected.map(({ stdout }) => stdout).join(""),
    );
    const pcap = `${path}.pcap`;
    const { stdout } = await run(
      script("craft", "--json", path, "--write", pcap),
    );
    const wanted = SEED.map(([hex]) => `${hex}\n`).join("");
    assertEquals(stdout, wanted);
    const again = await run(script("dissect", pcap, "--json"));
    assertEquals(lines(again.stdout).length, SEED.length);
    await Deno.remove(pcap);
  } finally {
    await Deno.remove(path);
  }
});

await liveTest("craft builds what spoof would send", [], async () => {
  const FLAGS: string[][] = [
    [],
    ["--payload", "Hi", "-p", "253", "-t", "9", "--id", "7"],
    ["--length", "9", "--checksum", "0xdead", "--options", "01"],
  ];
  for (const flags of FLAGS) {
    const forged = await run(script(
      ...["spoof", "1.1.1.1", "-s", "172.16.12.1", "--dry-run", "--json"],
      ...flags,
    ));
    const { layers, problems } = JSON.parse(forged.stdout);
    const built = await run(script("craft", "--json", "-"), {
      input: forged.stdout,
    });
    assertEquals([built.code, built.stderr], [0, ""]);
    const bytes = Uint8Array.fromHex(built.stdout.trim());
    // As the kernel completes it, not as it is given to it
    assertEquals(packetToJSON(bytes, dissect(bytes)), { layers, problems });
  }
});

await liveTest("craft builds what the sniffer saw", ["lab"], async () => {
  await using lab = await pair();
  const listen = script("sniff", "-I", "eth0", "--json", "-c", "9");
  await using sniffing = new Process(lab.inside("receiver", listen));
  await sniffing.until('"type":"opened"');
  using sender = packetSocketIn(lab, "sender");
  for (const frame of variedFrames().slice(0, 9)) sender.send(frame);
  const { stdout } = await sniffing.end();
  const seen = lines(stdout).map((line) => JSON.parse(line))
    .filter(({ type }) => type === "packet");
  assertEquals(seen.length, 9);
  const folder = await Deno.makeTempDir();
  const file = `${folder}/again.pcap`;
  try {
    const all = script("craft", "--json", "-", "--write", file);
    const built = await run(all, { input: stdout });
    assertEquals(lines(built.stdout), seen.map(({ bytes }) => bytes));
    // And of what was taken apart once more
    const dissected = await run(script("dissect", file, "--json"));
    assertEquals(
      lines(dissected.stdout).map((line) => JSON.parse(line).timestamp),
      seen.map(({ timestamp }) => timestamp),
    );
    const again = await run(all, { input: dissected.stdout });
    assertEquals(again.stdout, built.stdout);
    // And what was told besides is no packet.
    const dropped = '{"type":"dropped","dropped":3}\n';
    const besides = await run(all, { input: dropped + stdout });
    assertEquals(besides.stdout, built.stdout);
    // One line alone
    const [{ bytes }] = seen;
    const line = JSON.stringify(seen[0]);
    const one = await run(script("craft", "--json", line));
    assertEquals(one.stdout, `${bytes}\n`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

await liveTest(
  "craft refuses the messages of send and receive: they have no layers",
  ["lab"],
  async () => {
    await using lab = await pair();
    await using receiving = await receiver(lab, "--json", "-c", "1");
    const sent = await send(lab, RECEIVER, "Hi", "--json");
    const received = await receiving.end();
    for (const { stdout } of [sent, received]) {
      assertStringIncludes(stdout, '"payloadText":"Hi"');
      const built = await run(script("craft", "--json", "-"), {
        input: stdout,
      });
      assertEquals([built.code, built.stdout], [2, ""]);
      assertStringIncludes(
        unwrapped(built.stderr),
        'the packet: "source" is unknown; known are layers, ',
      );
    }
  },
);

/** Packets of a file as `dissect --json` and `craft --json - --write` pass them on. */
async function throughCraft(
  parts: readonly Uint8Array[],
  name: string,
): Promise<{ finished: Finished; packets: readonly CaptureFilePacket[] }> {
  const folder = await Deno.makeTempDir();
  try {
    await write(`${folder}/given`, parts);
    const dissected = await run(script("dissect", `${folder}/given`, "--json"));
    assertEquals(dissected.stderr, "");
    const again = `${folder}/${name}`;
    const finished = await run(
      script("craft", "--json", "-", "--write", again),
      { input: dissected.stdout },
    );
    const packets = finished.code === 0 ? await read(again) : [];
    return { finished, packets };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const BYTES = Uint8Array.fromHex(SEED[1][0]);

await liveTest(
  "craft keeps a packet's original length and its frame check sequence",
  [],
  async () => {
    const frame = Uint8Array.of(...new Uint8Array(12), 8, 0, ...BYTES);
    const given = [
      { timestampNs: 5n, bytes: frame.subarray(0, 30), originalLength: 1500 },
      { timestampNs: 6n, bytes: frame, originalLength: 20 },
      { timestampNs: 7n, bytes: new Uint8Array(), originalLength: 9 },
    ];
    const parts = [
      encodePcapHeader(1, 65_535, 4),
      ...given.map(encodePcapRecord),
    ];
    for (const name of ["again.pcap", "again.pcapng"]) {
      const { packets } = await throughCraft(parts, name);
      assertEquals(
        packets.map(({ timestampNs, bytes, originalLength }) => ({
          ...{ timestampNs, bytes, originalLength },
        })),
        given,
      );
      assertEquals(packets.map(({ fcsLength }) => fcsLength), [4, 4, 4]);
    }
    // What somebody has changed is as much longer than it was.
    const longer = JSON.stringify({
      ...{ layers: [{ data: "00".repeat(50) }], linkType: 1 },
      ...{ length: 1500, captured: 30 },
    });
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/a.pcap`;
      await run(script("craft", "--json", longer, "--write", path));
      const [packet] = await read(path);
      assertEquals([packet.bytes.length, packet.originalLength], [50, 1520]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "craft keeps times of any year, in pcapng, and says what pcap cannot hold",
  [],
  async () => {
    const times = [
      ...[-9_000_000_000_000n, -62_167_219_201n, -1n, 1_700_000_000n],
      ...[253_402_300_800n, 9_000_000_000_000n],
    ].map((seconds) => seconds * 1_000_000_000n + 999_999_999n);
    const writer = new PcapngWriter();
    const parts = [
      writer.start,
      ...times.flatMap((timestampNs) =>
        writer.encode({ timestampNs, bytes: BYTES, linkType: 101 })
      ),
    ];
    const { finished, packets } = await throughCraft(parts, "again.pcapng");
    assertEquals(finished.code, 0);
    assertEquals(packets.map(({ timestampNs }) => timestampNs), times);
    const refused = await throughCraft(parts, "again.pcap");
    assertEquals([refused.finished.code, refused.finished.stdout], [2, ""]);
    assertEquals(
      unwrapped(refused.finished.stderr),
      "craft: a pcap file holds times from 1970 to 2106, but that of packet 1 " +
        "is -283229-05-10T08:00:00.999999999Z Give the file a name that " +
        "ends in .pcapng: such a file holds them all.",
    );
  },
);

await liveTest("craft refuses bad input, exit 2", [], async () => {
  const BAD: [args: string[], said: string][] = [
    [[], "craft: a packet needs a destination, or a description by --json"],
    [
      ["-d", "1.1.1.1", "--payload", "a", "--hex", "00"],
      "craft: --payload and --hex exclude each other",
    ],
    [["1.1.1.1", "-d", "1.1.1.1"], "craft: the destination is given twice"],
    [["--json", "{}", "1.1.1.1"], "craft: --json excludes the packet's flags"],
    [["--json", "{}", "-t", "1"], "craft: --json excludes the packet's flags"],
    [["--json", "{"], "craft: the description is no JSON: "],
    [["-d", "127.0.0.1", "--diff"], "craft: --diff and --why go with --send"],
    [["-d", "127.0.0.1", "--why"], "craft: --diff and --why go with --send"],
    [
      ["--json", UDP.replace("source", "sorce")],
      'craft: layers[0] ipv4: "sorce" is unknown; did you mean "source"?',
    ],
    [
      ["--json", UDP.replace("4000", "70000")],
      "craft: UDP destinationPort must be a whole number from 0 to 65535",
    ],
    [
      ["-d", "1.1.1.1", "--write", "-"],
      "craft: --write needs the name of a file",
    ],
    [
      ["--json", UDP.replace("{", '{"linkType":"raw",')],
      'craft: linkType must be a number, but is "raw"',
    ],
    [
      ["--json", UDP.replace("{", '{"length":"9",')],
      'craft: length must be a number, but is "9"',
    ],
    [
      ["--json", UDP.replace("{", '{"length":-9,')],
      "craft: length must be a whole number from 0 to 4294967295, but is -9",
    ],
    [
      ["--json", UDP.replace("{", '{"timestamp":"1.1.1970",')],
      "craft: a timestamp must be such as 2026-01-02T03:04:05.678901234Z",
    ],
  ];
  for (const [args, said] of BAD) {
    const { code, stderr } = await run(script("craft", ...args));
    // One sentence, and nothing of a stack.
    assertEquals([code, unwrapped(stderr).includes("\n")], [2, false]);
    assertStringIncludes(unwrapped(stderr), said);
  }
});

await liveTest(
  "craft shows what is no JSON, and what else it says, without a control character",
  [],
  async () => {
    const input = "\x1b[31mred\n\x1b[0m";
    const noJSON = await run(script("craft", "--json", "-"), { input });
    assertEquals(
      unwrapped(noJSON.stderr),
      "craft: standard input is no JSON: Unexpected token '\\x1b', " +
        '"\\x1b[31mred\\n\\x1b[0m" is not valid JSON',
    );
    const unknown = await run(
      script("craft", "--json", '{"layers":[{"\\u001b[2J":{}}]}'),
    );
    assertEquals(unknown.stderr.includes("\x1b"), false);
    assertEquals([noJSON.code, unknown.code], [2, 2]);
    const option = await run(script("craft", "--\x1b[2J"));
    assertStringIncludes(option.stderr, "'--\\x1b[2J'");
  },
);

await liveTest("craft explains what it builds", [], async () => {
  const frame = UDP.replace('{"ipv4"', '{"ethernet":{}},{"ipv4"');
  const { stdout } = await run(
    script("craft", "--json", frame, "--explain", "--explain-checksum"),
  );
  for (
    const text of [
      "Ethernet II, Src: 00:00:00:00:00:00",
      "    Time to Live: 64",
      "+-+-+-+",
      "Checksum of udp: 16-bit words",
    ]
  ) assertStringIncludes(stdout, text);
});

await liveTest("craft waits for a description until Ctrl-C", [], async () => {
  await using process = new Process(script("craft", "--json", "-"));
  await process.type('{"layers":');
  await process.untilItMindsCtrlC();
  process.kill("SIGINT");
  assertEquals(await process.end(), { code: 0, stdout: "", stderr: "" });
});

await liveTest("craft says which flag --send lacks, exit 3", [], async () => {
  const path = `${ROOT}scripts/craft.ts`;
  const call = [Deno.execPath(), "run", path, "-d", "127.0.0.1"];
  assertEquals((await run(call)).code, 0);
  const { code, stderr } = await run([...call, "--send"]);
  assertStringIncludes(stderr, "Add --allow-ffi to the command");
  assertEquals(code, 3);
});

await liveTest(
  "craft --send: the kernel delivers a UDP datagram to its socket",
  ["lab", "python3"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const listen =
      "import socket; s = socket.socket(type=socket.SOCK_DGRAM); " +
      "s.bind(('1.1.1.1', 4000)); print('ready', flush=True); " +
      "print(s.recvfrom(99), flush=True)";
    await using receiver = new Process(
      lab.inside("receiver", ["python3", "-c", listen]),
    );
    await receiver.until("ready");
    const { code, stderr } = await run(
      lab.inside("sender", script("craft", "--json", UDP, "--send")),
    );
    assertEquals([code, stderr], [0, "sent to 1.1.1.1\n"]);
    await receiver.until("(b'crafted', ('1.1.1.7', 9))");
  },
);

await liveTest(
  "craft --send: the kernel reassembles fragments, and answers",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const payload = Uint8Array.from({ length: 2000 }, (_, i) => i);
    const request = buildPacket(
      ipv4({
        source: "1.1.1.100",
        destination: "1.1.1.1",
        identification: 4711,
      }),
      icmpv4({ kind: "echoRequest", identifier: 77, sequence: 5 }),
      payload,
    );
    const described = fragmentIPv4(request, 600).map((bytes) =>
      JSON.stringify(packetToJSON(bytes, dissect(bytes)))
    );
    using inbox = RawSocket.open({
      namespace: lab.namespace("sender"),
      protocol: 1,
    });
    const call = script("craft", "--json", "-", "--send");
    const { code, stderr } = await run(lab.inside("sender", call), {
      input: described.join("\n"),
    });
    assertEquals([code, lines(stderr).length], [0, described.length]);
    const { bytes } = await inbox.receive({ timeoutMs: 5000 });
    const [, reply] = dissect(bytes).layers;
    if (reply.protocol !== "icmpv4" || reply.header.kind !== "echoReply") {
      throw new Error(`not an echo reply: ${bytes.toHex()}`);
    }
    const { identifier, sequence } = reply.header;
    assertEquals([identifier, sequence], [77, 5]);
    assertEquals(reply.header.payload, payload);
  },
);
