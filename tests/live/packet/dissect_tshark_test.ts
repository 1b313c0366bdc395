/** What the dissect script prints, and what tshark does. */

import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../../../lib/lab/command.ts";
import { encodePcapHeader, encodePcapRecord } from "../../../mod.ts";
import { seededRandom } from "../../random.ts";
import { frame } from "../../wire/random_packets.ts";
import { liveTest, run, script } from "../live.ts";
import { lines } from "../pair/pair_process.ts";

const TIME_NS = 1_700_000_000_123_456_789n;

const FRAME_FIELDS = [
  ...["frame.number", "frame.len", "frame.cap_len", "frame.time_epoch"],
];

/** What tshark calls the fields that are alike in both, by protocol. */
const FIELDS = {
  ethernet: { "eth.dst": "destination", "eth.src": "source" },
  arp: {
    "arp.opcode": "operation",
    "arp.src.hw_mac": "senderHardwareAddress",
    "arp.src.proto_ipv4": "senderProtocolAddress",
  },
  ipv4: {
    ...{ "ip.src": "source", "ip.dst": "destination", "ip.proto": "protocol" },
    ...{ "ip.len": "totalLength", "ip.ttl": "ttl", "ip.dsfield.dscp": "dscp" },
    ...{ "ip.hdr_len": "headerLength" },
  },
  ipv6: {
    ...{ "ipv6.src": "source", "ipv6.dst": "destination" },
    ...{ "ipv6.plen": "payloadLength", "ipv6.hlim": "hopLimit" },
  },
  icmpv4: { "icmp.type": "type", "icmp.code": "code" },
  icmpv6: { "icmpv6.type": "type", "icmpv6.code": "code" },
  igmp: { "igmp.type": "type" },
  udp: { "udp.srcport": "sourcePort", "udp.length": "length" },
  tcp: {
    ...{ "tcp.dstport": "destinationPort", "tcp.seq": "sequence" },
    ...{ "tcp.hdr_len": "headerLength", "tcp.urgent_pointer": "urgentPointer" },
  },
} as const;

const COLUMNS = Object.entries(FIELDS).flatMap(([protocol, fields]) =>
  Object.entries(fields).map(([theirs, ours]) =>
    [theirs, protocol, ours] as const
  )
);

/** As much of a line of ours as is compared. */
interface Printed {
  readonly problems: readonly {
    readonly layer: string;
    readonly field: string;
  }[];
  readonly number: number;
  readonly timestamp: string;
  readonly length: number;
  readonly captured: number;
  readonly layers: readonly {
    readonly protocol: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
}

await liveTest("dissect says the same as tshark", ["tshark"], async () => {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    await Deno.writeFile(path, await captureFile(3000));
    const theirs = await printedByTshark(path);
    const { stdout } = await run(script("dissect", path, "--json"));
    const ours: Printed[] = lines(stdout).map((line) => JSON.parse(line));
    assertEquals(ours.length, theirs.length);
    const compared = new Map<string, number>();
    for (const [i, packet] of ours.entries()) {
      assertSameFrame(packet, theirs[i]);
      for (const name of comparedFields(packet, theirs[i])) {
        compared.set(name, (compared.get(name) ?? 0) + 1);
      }
    }
    for (const [name] of COLUMNS) assert(compared.get(name)! >= 20, name);
  } finally {
    await Deno.remove(path);
  }
});

async function captureFile(count: number): Promise<Uint8Array<ArrayBuffer>> {
  const random = seededRandom(74);
  const records = Array.from({ length: count }, (_, i) => {
    const bytes = frame(random);
    return encodePcapRecord({
      timestampNs: TIME_NS + BigInt(i) * 999n,
      bytes,
      originalLength: bytes.length + i % 3,
    });
  });
  return await new Blob([encodePcapHeader(1), ...records]).bytes();
}

/** Its rows, by the names of the fields. */
async function printedByTshark(
  path: string,
): Promise<Record<string, string>[]> {
  const names = [...FRAME_FIELDS, ...COLUMNS.map(([name]) => name)];
  const printed = await runProgram("tshark", [
    ...["-n", "-r", path, "-o", "ip.defragment:false", "-T", "fields"],
    ...["-o", "tcp.relative_sequence_numbers:false"],
    ...["-E", "occurrence=f"],
    ...names.flatMap((name) => ["-e", name]),
  ]);
  return lines(printed).map((line) =>
    Object.fromEntries(line.split("\t").map((value, i) => [names[i], value]))
  );
}

function assertSameFrame(
  { number, length, captured, timestamp }: Printed,
  theirs: Readonly<Record<string, string>>,
): void {
  const [seconds, fraction] = theirs["frame.time_epoch"].split(".");
  assertEquals(
    [`${number}`, `${length}`, `${captured}`],
    FRAME_FIELDS.slice(0, 3).map((name) => theirs[name]),
  );
  assertEquals(Math.floor(Date.parse(timestamp) / 1000), Number(seconds));
  assertEquals(timestamp.slice(-10, -1), fraction);
}

/** The fields that are in the packet, and the same there. */
function comparedFields(
  { number, layers, problems }: Printed,
  theirs: Readonly<Record<string, string>>,
): string[] {
  const compared: string[] = [];
  for (const [name, protocol, field] of COLUMNS) {
    const layer = layers.find((layer) => layer.protocol === protocol);
    // What is cut short is compared where the library is.
    if (layer === undefined) continue;
    const their = theirs[name];
    // Of a header whose own length cannot be tshark shows only the beginning.
    const isFaulty = problems.some(({ layer, field }) =>
      layer === protocol && /Length$|^version$/.test(field)
    );
    if (isFaulty && their === "") continue;
    // That of an offloaded packet it takes from what is there.
    if (name === "ip.len" && layer.fields[field] === 0) continue;
    // Of a source route it shows the last hop, where the packet is to end.
    const hasRoute = /^(01)*(83|89)/.test(`${layer.fields.options}`);
    if (name === "ip.dst" && hasRoute) continue;
    assertEquals(
      `${layer.fields[field]}`,
      their.startsWith("0x") ? `${Number(their)}` : their,
      `${name} of packet ${number}`,
    );
    compared.push(name);
  }
  return compared;
}
