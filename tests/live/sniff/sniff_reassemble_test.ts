/** Fragments that the sniffer and dissect put together, against tshark. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fragmentsOf } from "../../../lib/tools/fragments.ts";
import {
  buildPacket,
  dissect,
  ethernet,
  icmpv4,
  ipv4,
  ipv6,
  LINK_TYPE_ETHERNET,
  udp,
} from "../../../mod.ts";
import { liveTest, ROOT, run, script, unwrapped } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";
import { inside, pair, RECEIVER } from "../socket/socket_support.ts";
import { packetSocketIn } from "./sniff_support.ts";

// deno-lint-ignore no-explicit-any
type JSONValue = any;

const objects = (text: string): JSONValue[] =>
  lines(text).map((line) => JSON.parse(line));

/** What tshark puts together of a file: at which packet, and its octets. */
async function tsharks(file: string): Promise<[number: number, hex: string][]> {
  const fields = [
    "frame.number",
    "ip.reassembled.data",
    "ipv6.reassembled.data",
  ];
  const { stdout } = await run([
    ...["tshark", "-r", file, "-T", "fields"],
    ...fields.flatMap((name) => ["-e", name]),
  ]);
  return stdout.split("\n").map((line) => line.split("\t"))
    .filter(([, data4, data6]) => data4 || data6)
    .map(([number, data4, data6]) => [Number(number), data4 || data6]);
}

/** The same of what we say. */
function ours(events: readonly JSONValue[]): [number: number, hex: string][] {
  return events.filter(({ type }) => type === "reassembled").map((event) => {
    const { numbers, bytes } = event;
    const [ip] = dissect(Uint8Array.fromHex(bytes)).layers;
    return [Math.max(...numbers), bytes.slice(2 * ip.length)];
  });
}

/** A fragment of a packet whose others never come, and one beside a liar. */
function strayFrames(): Uint8Array[] {
  const link = {
    destination: "02:00:00:00:00:01",
    source: "02:00:00:00:00:02",
  };
  const frame = (identification: number, fill: number) =>
    buildPacket(
      ethernet(link),
      ipv4({ source: "10.0.0.1", destination: "10.0.0.2", identification }),
      icmpv4({ kind: "echoRequest" }),
      new Uint8Array(1000).fill(fill),
    );
  const parts = (identification: number, fill: number) =>
    fragmentsOf({
      bytes: frame(identification, fill),
      linkType: LINK_TYPE_ETHERNET,
    }, 576);
  const [first] = parts(1, 1);
  const [honest] = parts(2, 1);
  const [liar, end] = parts(2, 2);
  return [first, honest, liar, end];
}

await liveTest(
  "sniff and dissect --reassemble put together what tshark does",
  ["lab", "tshark", "tcpdump", "ping"],
  async () => {
    await using lab = await pair();
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/seen.pcapng`;
      const path = `${ROOT}scripts/sniff.ts`;
      const flags = ["run", "--allow-ffi", `--allow-write=${file}`, path];
      // Two packets there and back, of three frames each; and four strays.
      const options = ["-I", "eth0", "--reassemble", "-c", "16", "--json"];
      const filter = ["-f", "icmp or ip6[6] = 44"];
      await using sniffing = new Process(lab.inside("receiver", [
        ...[Deno.execPath(), ...flags, ...options, ...filter],
        ...["--write", file],
      ]));
      await sniffing.until('"type":"opened"');
      await inside(lab, "sender", `ping -q -c 1 -s 3000 ${RECEIVER}`);
      await inside(lab, "sender", "ping -q -c 1 -s 3000 2001:db8::1");
      using sender = packetSocketIn(lab, "sender");
      for (const frame of strayFrames()) sender.send(frame);
      const { code, stdout } = await sniffing.end();
      assertEquals(code, 0);

      const events = objects(stdout);
      // tshark puts together, with a remark, what contradicts itself.
      const all = await tsharks(file);
      const theirs = all.filter(([number]) => number < 13);
      assertEquals(all.length, theirs.length + 1);
      assertEquals(ours(events), theirs);
      assertEquals(theirs.map(([number]) => number), [3, 6, 9, 12]);
      const summary = { reassembled: 4, incomplete: 1, discarded: 2 };
      assertEquals(events.at(-1).reassembly, summary);
      // Each is told behind its last frame.
      const order = events.map(({ type, number }) => number ?? type);
      assertEquals(order.slice(3, 5), [3, "reassembled"]);
      assertEquals(order.slice(-6), [
        ...[15, 15, 16, 16],
        ...["incomplete", "summary"],
      ]);

      // What was written are the frames, and dissect makes the same of them.
      const dissected = await run(
        script("dissect", file, "--reassemble", "--json"),
      );
      const again = objects(dissected.stdout);
      assertEquals(
        again.filter(({ layers, type }) => layers && !type).length,
        16,
      );
      assertEquals(again.at(-1), { type: "summary", reassembly: summary });
      const kinds = ["discarded", "incomplete"];
      const findings = (list: JSONValue[]) =>
        list.filter(({ type }) => kinds.includes(type));
      assertEquals(findings(again), findings(events));

      // craft builds all packets again, and of all else nothing.
      for (const told of [dissected.stdout, stdout]) {
        const built = await run(script("craft", "--json", "-"), {
          input: told,
        });
        const packets = objects(told).filter(({ layers }) => layers);
        assertEquals(packets.length, 16 + 4);
        const whole = lines(built.stdout).map((bytes, i) => ({
          ...packets[i],
          bytes,
        }));
        assertEquals(ours(whole), theirs);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "sniff --reassemble shows whole packets below their fragments",
  ["lab", "ping"],
  async () => {
    await using lab = await pair();
    await using sniffing = new Process(lab.inside("receiver", [
      ...script("sniff", "--protocol", "icmp", "--reassemble", "-c", "4"),
    ]));
    // Nothing tells that it listens but what it sees.
    await using pinging = new Process(
      lab.inside("sender", `ping -i 0.2 -s 2000 ${RECEIVER}`.split(" ")),
    );
    const { stdout, stderr } = await sniffing.end();
    pinging.kill("SIGINT");
    assertStringIncludes(stderr, "reassembled, ");
    assertMatch(
      stdout,
      /^ {2}reassembled from packets \d-\d: IP 1\.1\.1\.1(00)? > 1\.1\.1\.1(00)?: ICMP echo re(quest|ply), id \d+, seq \d+, length 2008$/m,
    );
  },
);

await liveTest("dissect --reassemble tells what it is of", [], async () => {
  const packet = buildPacket(
    ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
    udp({ sourcePort: 9, destinationPort: 4000 }),
    new Uint8Array(2000),
  );
  const [fragment] = fragmentsOf({ bytes: packet }, 1280);
  const { code, stdout, stderr } = await run(
    script("dissect", fragment.toHex(), "--reassemble"),
  );
  assertEquals(code, 0);
  const last = stdout.slice(stdout.indexOf("incomplete"));
  assertMatch(
    last.trimEnd().replaceAll(/\n +/g, " "),
    /^incomplete at the end: IP6 2001:db8::1 > 2001:db8::2: udp, id \d+: 1232 octets, and not the last ones, came in packet 1$/,
  );
  assertEquals(stderr, "--- 0 reassembled, 1 incomplete, 0 discarded\n");
});

await liveTest(
  "sniff refuses --reassemble with --port, exit 2",
  [],
  async () => {
    const { code, stderr } = await run(
      script("sniff", "--reassemble", "--port", "53"),
    );
    assertEquals([code, unwrapped(stderr)], [
      2,
      "sniff: --port lets first fragments through alone, and --reassemble needs " +
      "all Leave out --port, and filter by --protocol and --host.",
    ]);
  },
);
