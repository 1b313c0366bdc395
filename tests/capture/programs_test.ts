/** What other programs read in the files that we write. */

import { assertEquals } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";
import { dissect } from "../../lib/wire/packet/dissect.ts";
import { encodeIPv4 } from "../../lib/wire/ipv4/ipv4.ts";
import { liveTest, run } from "../live/live.ts";
import { TCPDUMP } from "../live/pair/pair_process.ts";
import { SEED, SEED_TIME_NS } from "../render/packets.ts";

const LONG = encodeIPv4({
  source: "192.0.2.1",
  destination: "192.0.2.2",
  protocol: 253,
}, new Uint8Array(65_515));

/** Packets, when they came, and how long they were on the wire. */
const PACKETS = [
  { timestampNs: SEED_TIME_NS, bytes: Uint8Array.fromHex(SEED[0][0]) },
  {
    timestampNs: 1767323045_000000001n,
    bytes: Uint8Array.fromHex(SEED[1][0]),
  },
  { timestampNs: 1767323045_999999999n, bytes: LONG },
  {
    timestampNs: 1767323046_000000000n,
    bytes: LONG.subarray(0, 96),
    originalLength: LONG.length,
  },
];

/** Calls `use` with the path of a capture file of these packets. */
async function withFile(
  packets: Parameters<typeof encodePcapRecord>[0][],
  use: (file: string) => Promise<void>,
): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    const parts = [
      encodePcapHeader(LINK_TYPE_RAW),
      ...packets.map(encodePcapRecord),
    ];
    await Deno.writeFile(file, await new Blob(parts).bytes());
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

await liveTest(
  "tshark reads our capture files",
  ["tshark"],
  () =>
    withFile(PACKETS, async (file) => {
      const fields = [
        "frame.time_epoch",
        "frame.cap_len",
        "frame.len",
        "frame.encap_type",
        "ip.src",
        "ip.id",
      ];
      const { code, stdout } = await run([
        "tshark",
        "-r",
        file,
        "-T",
        "fields",
        ...fields.flatMap((field) => ["-e", field]),
      ]);
      assertEquals(code, 0);
      assertEquals(stdout.trim().split("\n").map((line) => line.split("\t")), [
        ["1459291722.432656000", "33", "33", "7", "1.1.1.100", "0x36c8"],
        ["1767323045.000000001", "22", "22", "7", "1.1.1.100", "0x36dd"],
        ["1767323045.999999999", "65535", "65535", "7", "192.0.2.1", "0x0000"],
        ["1767323046.000000000", "96", "65535", "7", "192.0.2.1", "0x0000"],
      ]);
    }),
);

await liveTest(
  "tcpdump reads our capture files",
  ["tcpdump"],
  () =>
    withFile(PACKETS, async (file) => {
      const options = "-nn -tt --time-stamp-precision=nano".split(" ");
      const { code, stdout } = await run([...TCPDUMP, ...options, "-r", file]);
      assertEquals(code, 0);
      // Versions differ in what they call the protocol.
      const lines = stdout.trim().replaceAll(/[a-z-]+(?=253)/g, "");
      assertEquals(lines.split("\n"), [
        "1459291722.432656000 IP 1.1.1.100 > 1.1.1.1:  253 13",
        "1767323045.000000001 IP 1.1.1.100 > 1.1.1.1:  253 2",
        "1767323045.999999999 IP 192.0.2.1 > 192.0.2.2:  253 65515",
        "1767323046.000000000 IP 192.0.2.1 > 192.0.2.2:  253 65515",
      ]);
    }),
);

await liveTest(
  "tshark finds the same checksums right and wrong as dissect()",
  ["tshark"],
  () => {
    const fields = { source: "1.1.1.100", destination: "1.1.1.1" };
    const packets = [
      { ttl: 128, identification: 0x02aa, protocol: 253 },
      { ttl: 128, identification: 0x02aa, protocol: 253, checksum: 0 },
      { options: Uint8Array.of(148, 4, 0, 0), protocol: 253 },
      {
        options: Uint8Array.of(148, 4, 0, 0),
        protocol: 253,
        checksum: 0xffff,
      },
    ].map((changed) => encodeIPv4({ ...fields, ...changed }));
    const records = packets.map((bytes) => ({ timestampNs: 0n, bytes }));
    return withFile(records, async (file) => {
      const { stdout } = await run([
        "tshark",
        "-r",
        file,
        ..."-o ip.check_checksum:TRUE -T fields".split(" "),
        ..."-e ip.checksum.status -e ip.checksum_calculated".split(" "),
      ]);
      const theirs = stdout.trim().split("\n").map((line) => line.split("\t"));
      const ours = packets.map((packet) => {
        const [problem] = dissect(packet).problems;
        const [, wanted] = /should be (0x\w+)/.exec(problem?.reason ?? "") ??
          [];
        const given = packet.subarray(10, 12).toHex();
        return [problem === undefined ? "1" : "0", wanted ?? `0x${given}`];
      });
      assertEquals(theirs, ours);
      assertEquals(ours.map(([status]) => status), ["1", "0", "1", "0"]);
    });
  },
);
