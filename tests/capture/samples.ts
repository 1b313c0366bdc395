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
    .build(`pcapng, ${name} first`);
}

/** Every variant. */
export const SAMPLES: readonly BuiltFile[] = [
  ...[true, false].flatMap((littleEndian) =>
    [true, false].map((nanoseconds) =>
      pcapFile({ littleEndian, nanoseconds, records: RECORDS })
    )
  ),
  pcapngFile(true),
  pcapngFile(false),
];
