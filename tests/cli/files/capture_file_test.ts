import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  headFor,
  openCapture,
  type WrittenPacket,
} from "../../../lib/cli/files/capture_file.ts";
import { ScriptError } from "../../../lib/cli/exit.ts";
import { liveTest, run } from "../../live/live.ts";
import { readAll } from "../../capture/read.ts";

Deno.test("openCapture() writes packets that come at once together, and all of them", async () => {
  const path = await Deno.makeTempFile();
  try {
    const capture = await openCapture(path, { linkType: 1 });
    const lengths = async () => {
      const { packets } = await readAll([await Deno.readFile(path)]);
      return packets.map(({ bytes }) => bytes.length);
    };
    const packet = (length: number) => ({
      timestampNs: 0n,
      bytes: new Uint8Array(length),
    });
    await capture.append(packet(1));
    assertEquals(await lengths(), [1]);
    await capture.append(packet(2), true);
    await capture.append(packet(3), true);
    assertEquals(await lengths(), [1]);
    await capture.append(packet(4));
    assertEquals(await lengths(), [1, 2, 3, 4]);
  } finally {
    await Deno.remove(path);
  }
});

const IPV4 = Uint8Array.fromHex(
  "4500001c0000000040117cce7f0000017f00000130390035000848c7",
);
const FRAME = Uint8Array.of(...new Uint8Array(12), 8, 0, ...IPV4);

await liveTest(
  "openCapture() writes pcapng by its name, which Wireshark reads",
  ["tshark", "capinfos"],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/seen.PCAPNG`;
      const capture = await openCapture(path, { linkType: 1 });
      const timestampNs = 1_700_000_000_123_456_789n;
      await capture.append({ timestampNs, bytes: FRAME }, true, "eth0");
      await capture.append({ timestampNs, bytes: FRAME }, true, "eth1");
      // A frame as packet sockets give it has an interface of its own.
      const raw = {
        timestampNs,
        bytes: IPV4,
        originalLength: 99,
        linkType: 101,
      };
      await capture.append(
        { ...raw, interfaceIndex: 77 } as typeof raw,
        false,
        "eth1",
      );
      await capture.append({ timestampNs, bytes: FRAME }, false, "eth0");
      const names = [
        ...["frame.interface_name", "frame.time_epoch", "frame.len"],
        ...["frame.protocols", "udp.dstport"],
      ];
      const fields = names.flatMap((name) => ["-e", name]);
      const seen = await run(["tshark", "-r", path, "-T", "fields", ...fields]);
      const time = "1700000000.123456789";
      const ethernet = `${time}\t42\teth:ethertype:ip:udp\t53`;
      assertEquals(seen.stdout.trimEnd().split("\n"), [
        `eth0\t${ethernet}`,
        `eth1\t${ethernet}`,
        `eth1\t${time}\t99\traw:ip:udp\t53`,
        `eth0\t${ethernet}`,
      ]);
      const { stdout } = await run(["capinfos", path]);
      const facts = Object.fromEntries(
        stdout.split("\n").map((line) => line.split(/: +/)),
      );
      assertEquals(facts["File type"], "Wireshark/... - pcapng");
      assertEquals(facts["Capture application"], "raw4");
      assertEquals(facts["Capture oper-sys"], "Linux");
      assertEquals(facts["Number of interfaces in file"], "3");
      assertEquals(facts["File timestamp precision"], "nanoseconds (9)");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "openCapture() makes a pcapng file without packets that Wireshark reads",
  ["capinfos"],
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".pcapng" });
    try {
      await openCapture(path);
      const { code, stdout } = await run(["capinfos", "-c", "-t", path]);
      assertEquals(code, 0);
      assertEquals(/Number of packets: +0$/m.test(stdout), true, stdout);
    } finally {
      await Deno.remove(path);
    }
  },
);

Deno.test("headFor() is of packets that one pcap file can hold", () => {
  const packet = { timestampNs: 0n, bytes: IPV4, linkType: 1 };
  const late = 2n ** 32n * 1_000_000_000n;
  const same = [packet, { ...packet, timestampNs: late - 1n }];
  const checked = same.map((packet) => ({ ...packet, fcsLength: 4 }));
  assertEquals(headFor("a.pcap", same), { linkType: 1, fcsLength: undefined });
  assertEquals(headFor("a.pcap", checked), { linkType: 1, fcsLength: 4 });
  assertEquals(headFor("a.pcap", []), {
    linkType: undefined,
    fcsLength: undefined,
  });
  const MIXED: [packets: WrittenPacket[], said: string][] = [
    [
      [packet, { ...packet, linkType: 101 }],
      "all packets of a pcap file begin with the same kind of header",
    ],
    [
      [packet, { ...packet, fcsLength: 4 }],
      "all packets of a pcap file end with frame check sequences of the same " +
      "length",
    ],
    [
      [packet, { ...packet, timestampNs: -1n }],
      "a pcap file holds times from 1970 to 2106, but that of packet 2 is " +
      "1969-12-31T23:59:59.999999999Z",
    ],
    [
      [{ ...packet, timestampNs: late }],
      "a pcap file holds times from 1970 to 2106, but that of packet 1 is " +
      "2106-02-07T06:28:16.000000000Z",
    ],
  ];
  for (const [packets, said] of MIXED) {
    for (const path of ["a.pcap", "-", "pcapng", "a.pcapng.old"]) {
      const error = assertThrows(() => headFor(path, packets), ScriptError);
      assertEquals(error.message, said);
      assertStringIncludes(error.remedy ?? "", "ends in .pcapng");
    }
    assertEquals(headFor("a.pcapng", packets), {});
  }
});

await liveTest(
  "openCapture() keeps times of any year and frame check sequences in pcapng",
  ["tshark"],
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".pcapng" });
    try {
      const capture = await openCapture(path);
      const times = [
        ...[-62_135_596_800n, -1n, 0n, 18_446_744_073n, 18_446_744_074n],
        ...[253_402_300_800n, 32_503_680_000n, -1n, 1_700_000_000n],
      ].map((seconds) => seconds * 1_000_000_000n + 5n);
      const packets = times.map((timestampNs, i) => ({
        timestampNs,
        bytes: FRAME,
        linkType: i % 2 === 0 ? 1 : 101,
        fcsLength: i % 3 === 0 ? 4 : undefined,
      }));
      for (const packet of packets) await capture.append(packet);
      const read = await readAll([await Deno.readFile(path)]);
      assertEquals(
        read.packets.map(({ timestampNs, bytes, linkType, fcsLength }) => ({
          ...{ timestampNs, bytes, linkType, fcsLength },
        })),
        packets,
      );
      const { stdout } = await run([
        ...["tshark", "-r", path, "-T", "fields", "-e", "frame.time_epoch"],
      ]);
      assertEquals(
        stdout.trimEnd().split("\n"),
        times.map((time) => decimal(time)),
      );
    } finally {
      await Deno.remove(path);
    }
  },
);

/** As tshark writes it: the second before, and the nanoseconds since. */
function decimal(ns: bigint): string {
  const nanoseconds = (ns % 1_000_000_000n + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (ns - nanoseconds) / 1_000_000_000n;
  return `${seconds}.${`${nanoseconds}`.padStart(9, "0")}`;
}
