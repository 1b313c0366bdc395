/**
 * Small files of every variant, for the tests that take any.
 *
 * @module
 */

import { type BuiltFile, Octets, pcapFile, PcapngFile } from "./files.ts";

const TEXT = new TextEncoder();
const bytes = (length: number, first: number) =>
  Uint8Array.from({ length }, (_, i) => first + i);
const i64 = (value: bigint, littleEndian: boolean) =>
  new Octets(littleEndian).i64(value).toBytes();

/** Some packets: empty, odd, cut short; the earliest and the latest time. */
const RECORDS = [
  { time: [1_700_000_000, 123_456], bytes: bytes(20, 0x45) },
  { time: [0, 0], bytes: bytes(0, 0) },
  { time: [0xffff_ffff, 999_999], bytes: bytes(7, 1), originalLength: 1500 },
  { time: [1_700_000_001, 1], bytes: bytes(64, 0x60) },
] as const;

function pcapngFile(littleEndian: boolean): BuiltFile {
  const name = littleEndian ? "little-endian" : "big-endian";
  return new PcapngFile()
    .section({ littleEndian, options: [[4, TEXT.encode("by hand")]] })
    .interface(1)
    .interface(101, {
      snapLength: 9,
      options: [[2, TEXT.encode("tun0")], [9, [9]], [5, bytes(16, 0)]],
    })
    .enhanced({
      ticks: 1_700_000_000_123_456n,
      timestampNs: 1_700_000_000_123_456_000n,
      bytes: bytes(14, 0),
    })
    .enhanced({
      interfaceIndex: 1,
      ticks: 1_700_000_000_123_456_789n,
      timestampNs: 1_700_000_000_123_456_789n,
      bytes: bytes(9, 0x45),
      originalLength: 100,
      options: [[1, TEXT.encode("a remark")], [2, bytes(4, 0)]],
    })
    // Names, statistics, a custom block, and one that nobody knows.
    .block(4, (body) => body.u16(1, 8).bytes(TEXT.encode("\x7f\0\0\x01me\0\0")))
    .block(5, (body) => body.u32(0, 0, 0), [[4, bytes(8, 0)]])
    .block(0xbad, (body) => body.u32(32_473).bytes(bytes(3, 9)))
    .block(0x7777_7777, () => {})
    .simple({ bytes: bytes(33, 7) })
    .enhanced({
      interfaceIndex: 1,
      ticks: 5n,
      timestampNs: 5n,
      bytes: bytes(3, 0x45),
    }, true)
    // A section of the other byte order: interfaces are counted anew.
    .section({ littleEndian: !littleEndian, length: 1234n })
    .interface(276, {
      snapLength: 12,
      options: [[9, [0x8a]], [14, i64(-3n, !littleEndian)]],
    })
    .enhanced({
      ticks: 10n * 1024n + 1n,
      timestampNs: 7_000_976_562n,
      bytes: bytes(1, 0xff),
    })
    .simple({ bytes: bytes(12, 1), originalLength: 60 })
    // Octets of frame check sequence, in bits as the draft has it, and not.
    .interface(1, { fcsLength: 4, options: [[13, [32]]] })
    .interface(1, { fcsLength: 2, options: [[13, [2]]] })
    .enhanced({
      ...{ interfaceIndex: 1, ticks: 2n, timestampNs: 2000n },
      bytes: bytes(14, 3),
    })
    .enhanced({
      ...{ interfaceIndex: 2, ticks: 3n, timestampNs: 3000n },
      bytes: bytes(14, 3),
    })
    .build(`pcapng, ${name} first`);
}

/** Every variant. */
export const SAMPLES: readonly BuiltFile[] = [
  ...[true, false].flatMap((littleEndian) =>
    [true, false].map((nanoseconds) =>
      pcapFile({ littleEndian, nanoseconds, records: RECORDS })
    )
  ),
  // As old programs wrote them: libpcap's savefile(5) and sf-pcap.c.
  ...[true, false].flatMap((littleEndian) => [
    ...[[2, 0], [2, 1], [2, 2], [2, 3], [543, 0]].map(([major, minor]) =>
      pcapFile({
        littleEndian,
        version: [major, minor],
        areLengthsSwapped: true,
        records: RECORDS,
      })
    ),
    pcapFile({ littleEndian, version: [2, 3], records: RECORDS }),
    pcapFile({ littleEndian, isModified: true, records: RECORDS }),
  ]),
  pcapFile({ littleEndian: true, linkFlags: 0x2400, records: RECORDS }),
  pcapFile({ littleEndian: false, linkFlags: 0x0400, records: RECORDS }),
  pcapngFile(true),
  pcapngFile(false),
];
