/**
 * The same capture files, read and written by Wireshark's programs, by tcpdump
 * and by us. Nothing is sent or captured.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { CaptureFilePacket } from "../../lib/capture/packet.ts";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import {
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  type PcapngPacket,
} from "../../lib/capture/pcapng.ts";
import { liveTest } from "../live/live.ts";
import { TCPDUMP } from "../live/pair/pair_process.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";
import { Octets, pcapFile, PcapngFile } from "./files.ts";
import {
  ENCAPSULATIONS,
  inFolder,
  ourRows,
  read,
  succeed,
  tsharkRows,
  write,
} from "./programs.ts";
import { SAMPLES } from "./samples.ts";

const FORMATS = ["pcap", "nsecpcap", "pcapng"] as const;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function somePackets(seed: number, count: number): PcapngPacket[] {
  const random = seededRandom(seed);
  let timestampNs = 1_700_000_000_000_000_000n;
  return Array.from({ length: count }, (_, i) => {
    timestampNs += BigInt(randomInt(random, 0, 3_000_000_000));
    const bytes = randomBytes(random, randomInt(random, 1, i % 50 ? 90 : 9000));
    const missing = i % 3 === 0 ? randomInt(random, 0, 2000) : 0;
    const originalLength = bytes.length + missing;
    return { timestampNs, bytes, originalLength, comment: `no. ${i}` };
  });
}

/** What a format keeps of a packet. */
function kept(format: typeof FORMATS[number]) {
  return ({ timestampNs, bytes, originalLength }: PcapngPacket) => ({
    timestampNs: format === "pcap"
      ? (timestampNs ?? 0n) / 1000n * 1000n
      : timestampNs,
    bytes,
    originalLength,
  });
}

await liveTest(
  "readCapture() reads files by hand as tshark does",
  ["tshark"],
  () =>
    inFolder(async (path) => {
      for (const { name, bytes, packets } of SAMPLES) {
        await Deno.writeFile(path("file"), bytes);
        assertEquals(await tsharkRows(path("file")), ourRows(packets), name);
      }
    }),
);

await liveTest(
  "readCapture() reads classic files of all versions as libpcap does",
  ["tcpdump"],
  () =>
    inFolder(async (path) => {
      const files = SAMPLES.filter(({ name }) => name.startsWith("pcap "));
      assert(files.length > 16);
      for (const { name, bytes, packets } of files) {
        await Deno.writeFile(path("old"), bytes);
        await succeed(
          ...[...TCPDUMP, "--time-stamp-precision=nano"],
          ...["-r", path("old"), "-w", path("new")],
        );
        const theirs = await read(path("new"));
        const whatItKeeps = (packet: CaptureFilePacket) => ({
          timestampNs: packet.timestampNs,
          bytes: packet.bytes,
          originalLength: packet.originalLength,
        });
        assertEquals(theirs.map(whatItKeeps), packets.map(whatItKeeps), name);
      }
    }),
);

await liveTest(
  "readCapture() counts time as tshark does",
  ["tshark"],
  () =>
    inFolder(async (path) => {
      const random = seededRandom(0x71c5);
      const file = new PcapngFile().section();
      const exponents = [...range(0, 12), ...range(0x80, 0x80 + 31)];
      for (const [interfaceIndex, resolution] of exponents.entries()) {
        const seconds = BigInt(randomInt(random, -1000, 1_000_000_000));
        const offset = new Octets(true).i64(seconds).toBytes();
        file.interface(1, { options: [[9, [resolution]], [14, offset]] });
        for (let i = 0; i < 10; i++) {
          const perSecond = resolution < 0x80
            ? 10n ** BigInt(resolution)
            : 2n ** BigInt(resolution - 0x80);
          const ticks = BigInt(randomInt(random, 1000, 2_000_000)) * perSecond +
            BigInt(randomInt(random, 0, 2 ** 32)) % perSecond;
          const bytes = new Uint8Array(14);
          file.enhanced({ interfaceIndex, ticks, timestampNs: 0n, bytes });
        }
      }
      await Deno.writeFile(path("file"), file.build("").bytes);
      const packets = await read(path("file"));
      assertEquals(packets.length, 10 * exponents.length);
      assertEquals(await tsharkRows(path("file")), ourRows(packets));
    }),
);

await liveTest("every link type is the one that tshark takes it for", [
  "tshark",
], () =>
  inFolder(async (path) => {
    for (const linkType of Object.keys(ENCAPSULATIONS).map(Number)) {
      const bytes = new Uint8Array(40);
      const { bytes: file, packets } = pcapFile({
        littleEndian: true,
        nanoseconds: false,
        linkType,
        records: [{ time: [1, 2], bytes }],
      });
      await Deno.writeFile(path("file"), file);
      assertEquals(await tsharkRows(path("file")), ourRows(packets));
    }
  }));

for (const ours of ["pcap", "pcapng"] as const) {
  await liveTest(
    `what we write as ${ours} is what tshark, editcap and capinfos read`,
    ["tshark", "editcap", "capinfos"],
    () =>
      inFolder(async (path) => {
        const given = somePackets(0x7ab1e, 300);
        await write(
          path("ours"),
          ours === "pcap"
            ? [encodePcapHeader(1), ...given.map(encodePcapRecord)]
            : [
              encodePcapngSection({ application: "raw4", comment: "a test" }),
              encodePcapngInterface(1, { name: "eth0", description: "lab" }),
              ...given.map(encodePcapngPacket),
            ],
        );
        assertEquals(
          await tsharkRows(path("ours")),
          ourRows(await read(path("ours"))),
        );
        const info = await succeed("capinfos", "-M", "-c", "-t", path("ours"));
        assert(/Number of packets: +300\n/.test(info), info);
        for (const format of FORMATS) {
          await succeed("editcap", "-F", format, path("ours"), path(format));
          assertEquals(
            (await read(path(format))).map(kept(format)),
            given.map(kept(format)),
          );
        }
        if (ours === "pcapng") {
          const comments = await succeed(
            ...["tshark", "-r", path("ours"), "-T", "fields"],
            ...["-e", "frame.interface_name", "-e", "frame.comment"],
          );
          assertEquals(
            comments.trimEnd().split("\n"),
            given.map(({ comment }) => `eth0\t${comment}`),
          );
          // As editcap has written them again.
          assertEquals(
            (await read(path("pcapng"))).map((packet) =>
              `${packet.interfaceName}\t${packet.comment}`
            ),
            given.map(({ comment }) => `eth0\t${comment}`),
          );
        }
      }),
  );

  await liveTest(
    `what we write as ${ours} is what tcpdump reads`,
    ["tcpdump"],
    () =>
      inFolder(async (path) => {
        // It reads no time but microseconds unless told otherwise.
        const given = somePackets(0xd04b, 300);
        await write(
          path("ours"),
          ours === "pcap"
            ? [encodePcapHeader(1), ...given.map(encodePcapRecord)]
            : [
              encodePcapngSection(),
              encodePcapngInterface(1, { snapLength: 65_535 }),
              ...given.map(encodePcapngPacket),
            ],
        );
        for (
          const [precision, format] of [["micro", "pcap"], [
            "nano",
            "nsecpcap",
          ]] as const
        ) {
          await succeed(
            ...[...TCPDUMP, `--time-stamp-precision=${precision}`],
            ...["-r", path("ours"), "-w", path(precision)],
          );
          assertEquals(
            (await read(path(precision))).map(kept(format)),
            given.map(kept(format)),
          );
        }
      }),
  );
}

await liveTest(
  "readCapture() of files that mergecap made of several",
  ["tshark", "mergecap"],
  () =>
    inFolder(async (path) => {
      const parts = [1, 101, 276, 0].map((linkType, i) => {
        const given = somePackets(0x3e49e + i, 100);
        return {
          name: path(`part${i}`),
          parts: [encodePcapHeader(linkType), ...given.map(encodePcapRecord)],
        };
      });
      for (const { name, parts: octets } of parts) await write(name, octets);
      const names = parts.map(({ name }) => name);
      for (const way of [[], ["-a"], ["-I", "none"], ["-s", "60"]]) {
        await succeed("mergecap", ...way, "-w", path("merged"), ...names);
        const packets = await read(path("merged"));
        assertEquals(packets.length, 400);
        assertEquals(new Set(packets.map(({ linkType }) => linkType)).size, 4);
        assertEquals(await tsharkRows(path("merged")), ourRows(packets));
      }
    }),
);

await liveTest(
  "readCapture() of a pcapng file of several sections, as files are strung together",
  ["tshark", "editcap"],
  () =>
    inFolder(async (path) => {
      const sections: Uint8Array[] = [];
      for (const [i, linkType] of [1, 101, 113].entries()) {
        const given = somePackets(0x5ec7 + i, 50);
        await write(path("pcap"), [
          encodePcapHeader(linkType),
          ...given.map(encodePcapRecord),
        ]);
        await succeed("editcap", "-F", "pcapng", path("pcap"), path("pcapng"));
        sections.push(await Deno.readFile(path("pcapng")));
      }
      await write(path("all"), sections);
      const packets = await read(path("all"));
      assertEquals(packets.length, 150);
      assertEquals(await tsharkRows(path("all")), ourRows(packets));
    }),
);
