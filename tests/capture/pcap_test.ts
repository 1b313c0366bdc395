import { assertEquals } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
  LINK_TYPE_RAW,
} from "../../lib/capture/pcap.ts";

Deno.test("encodePcapHeader() writes the head of a nanosecond file", () => {
  assertEquals(
    encodePcapHeader(LINK_TYPE_RAW).toHex(),
    "4d3cb2a1" + "0200" + "0400" + "00000000" + "00000000" + "ffff0000" +
      "65000000",
  );
  assertEquals(
    encodePcapHeader(1, 0x12345678).toHex(),
    "4d3cb2a1020004000000000000000000" + "78563412" + "01000000",
  );
});

Deno.test("encodePcapRecord() writes time, lengths and octets", () => {
  const bytes = Uint8Array.of(0x45, 0x00, 0xff);
  assertEquals(
    encodePcapRecord({ timestampNs: 1459291722_432656007n, bytes }).toHex(),
    "4a06fb56" + "87cec919" + "03000000" + "03000000" + "4500ff",
  );
});

/** Instants, and the seconds and nanoseconds of their records. */
const INSTANTS: [timestampNs: bigint, hex: string][] = [
  [0n, "0000000000000000"],
  [999_999_999n, "00000000ffc99a3b"],
  [1_000_000_000n, "0100000000000000"],
  // 2038 is past, 2106 is the end.
  [2147483648_000000001n, "0000008001000000"],
  [4294967295_999999999n, "ffffffffffc99a3b"],
];

Deno.test("encodePcapRecord() writes any time from 1970 to 2106", () => {
  for (const [timestampNs, hex] of INSTANTS) {
    const record = encodePcapRecord({ timestampNs, bytes: new Uint8Array() });
    assertEquals(record.toHex(), `${hex}0000000000000000`);
  }
});

Deno.test("encodePcapRecord() keeps the original length of a packet cut short", () => {
  const frame = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const bytes = frame.subarray(2, 4);
  const record = encodePcapRecord({
    timestampNs: 0n,
    bytes,
    originalLength: 65_535,
  });
  assertEquals(record.toHex(), `${"00".repeat(8)}02000000ffff00000304`);
  record.fill(0xa5);
  assertEquals([...frame], [1, 2, 3, 4, 5, 6], "shares no memory");
});
