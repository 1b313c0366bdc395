import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  decodeTCPOptions,
  describeTCPOption,
  encodeTCPOptions,
  type TCPOption,
} from "../../../lib/wire/transport/tcp_options.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const unknown = (type: number, data: string): TCPOption => ({
  kind: "unknown",
  type,
  data: bytes(data),
});

/** Options' octets without padding, what they say, and that in words. */
// deno-fmt-ignore
const GOOD: [hex: string, option: TCPOption, text: string][] = [
  ["00", { kind: "endOfList" }, "End of Option List (EOL)"],
  ["01", { kind: "noOperation" }, "No-Operation (NOP)"],
  ["020405b4", { kind: "maximumSegmentSize", size: 1460 }, "Maximum segment size: 1460 bytes"],
  ["030307", { kind: "windowScale", shift: 7 }, "Window scale: 7 (multiply by 128)"],
  // RFC 7323 §2.3: more than 14 counts as 14.
  ["0303ff", { kind: "windowScale", shift: 255 }, "Window scale: 255 (multiply by 16384)"],
  ["0402", { kind: "sackPermitted" }, "SACK permitted"],
  ["0502", { kind: "sack", blocks: [] }, "SACK "],
  ["0512" + "00000001" + "0000000a" + "fffffff0" + "00000000",
    { kind: "sack", blocks: [{ left: 1, right: 10 }, { left: 0xfffffff0, right: 0 }] },
    "SACK 1-10 4294967280-0"],
  ["080a" + "0377379c" + "42775e3a",
    { kind: "timestamps", value: 58144668, echoReply: 1115119162 },
    "Timestamps: TSval 58144668, TSecr 1115119162"],
  ["2202", { kind: "fastOpen", cookie: bytes("") }, "Fast Open Cookie Request"],
  ["2206a1b2c3d4", { kind: "fastOpen", cookie: bytes("a1b2c3d4") }, "Fast Open Cookie a1b2c3d4"],
  ["1312" + "00".repeat(16), unknown(19, "00".repeat(16)), "MD5 signature (19), 16 bytes of data"],
  ["1d04aabb", unknown(29, "aabb"), "TCP Authentication Option (TCP-AO) (29), 2 bytes of data"],
  ["1c048002", unknown(28, "8002"), "User Timeout (28), 2 bytes of data"],
  ["ff02", unknown(255, ""), "Unknown (255), 0 bytes of data"],
  // Known by type, but not of its shape.
  ["0202", unknown(2, ""), "Unknown (2), 0 bytes of data"],
  ["030401ff", unknown(3, "01ff"), "Unknown (3), 2 bytes of data"],
  ["0403ff", unknown(4, "ff"), "Unknown (4), 1 byte of data"],
  ["0506aaaaaaaa", unknown(5, "aaaaaaaa"), "Unknown (5), 4 bytes of data"],
  ["080300", unknown(8, "00"), "Unknown (8), 1 byte of data"],
];

Deno.test("decodeTCPOptions(), encodeTCPOptions() and describeTCPOption() of each kind", () => {
  for (const [hex, option, text] of GOOD) {
    const length = hex.length / 2;
    const around = bytes(`a5${hex}`).subarray(1);
    assertEquals(decodeTCPOptions(around), {
      options: [{ offset: 0, length, option }],
    });
    const padded = hex.padEnd(Math.ceil(length / 4) * 8, "0");
    assertEquals(encodeTCPOptions([option]).toHex(), padded);
    assertEquals(describeTCPOption(option), text);
  }
});

Deno.test("decodeTCPOptions() and encodeTCPOptions() of what Linux sends with a SYN", () => {
  const linux: TCPOption[] = [
    { kind: "maximumSegmentSize", size: 65_495 },
    { kind: "sackPermitted" },
    { kind: "timestamps", value: 0x01020304, echoReply: 0 },
    { kind: "noOperation" },
    { kind: "windowScale", shift: 7 },
  ];
  const hex = "0204ffd7" + "0402080a" + "0102030400000000" + "01030307";
  assertEquals(encodeTCPOptions(linux).toHex(), hex);
  const { options, fault } = decodeTCPOptions(bytes(hex));
  assertEquals(options.map(({ option }) => option), linux);
  assertEquals(options.map(({ offset }) => offset), [0, 4, 6, 16, 17]);
  assertEquals(fault, undefined);
});

/** Malformed octets, how many options come before the fault, and the fault. */
const FAULTS: [hex: string, before: number, offset: number, reason: string][] =
  [
    ["02", 0, 0, "option 2 ends before its length"],
    ["01010108", 3, 3, "option 8 ends before its length"],
    ["02000000", 0, 0, "option 2 gives its length as 0, at least 2 wanted"],
    ["01ff0100", 1, 1, "option 255 gives its length as 1, at least 2 wanted"],
    ["04020506", 1, 2, "option 5 is 6 octets long, only 2 are left"],
  ];

Deno.test("decodeTCPOptions() keeps what came before a fault", () => {
  for (const [hex, before, offset, reason] of FAULTS) {
    const { options, fault } = decodeTCPOptions(bytes(hex));
    assertEquals(fault, { offset, reason });
    assertEquals(options.length, before);
  }
});

Deno.test("decodeTCPOptions() of 20,000 inputs; encodeTCPOptions() gives the same octets", () => {
  const random = seededRandom(7323);
  let sound = 0;
  for (let i = 0; i < 20_000; i++) {
    const octets = randomBytes(random, randomInt(random, 0, 40));
    for (let at = 0; i % 2 === 0 && at + 1 < octets.length;) {
      octets[at] = randomOf(random, [1, 1, 2, 3, 4, 5, 8, 34, octets[at]]);
      if (octets[at] < 2) at++;
      else at += octets[at + 1] = randomInt(random, 2, 12);
    }
    const { options, fault } = decodeTCPOptions(octets);
    let end = 0;
    for (const { offset, length, option } of options) {
      assertEquals(offset, end);
      end += length;
      describeTCPOption(option);
    }
    if (fault !== undefined) {
      assertEquals(fault.offset, end);
      assertLess(end, octets.length);
    } else {
      sound++;
    }
    const again = encodeTCPOptions(options.map(({ option }) => option));
    const kept = octets.subarray(0, end).toHex();
    assertEquals(again.toHex(), kept.padEnd(Math.ceil(end / 4) * 8, "0"));
  }
  assert(sound > 1000, "enough of them were well-formed");
});

/** Options that do not fit, and what the error says. */
const BAD: [option: TCPOption, message: string][] = [
  [{ kind: "maximumSegmentSize", size: 65_536 }, "segment size must be"],
  [{ kind: "windowScale", shift: 256 }, "window scale shift must be"],
  [{ kind: "sack", blocks: [{ left: -1, right: 0 }] }, "left edge must be"],
  [{ kind: "sack", blocks: [{ left: 0, right: 2 ** 32 }] }, "right edge"],
  [
    { kind: "sack", blocks: new Array(5).fill({ left: 0, right: 0 }) },
    "option length must be a whole number from 2 to 40, but is 42",
  ],
  [{ kind: "timestamps", value: 0.5, echoReply: 0 }, "timestamp value must be"],
  [{ kind: "timestamps", value: 0, echoReply: -1 }, "timestamp echo reply"],
  [{ kind: "fastOpen", cookie: new Uint8Array(39) }, "but is 41"],
  [unknown(256, ""), "option kind must be a whole number from 0 to 255"],
  [unknown(30, "00".repeat(39)), "from 2 to 40, but is 41"],
];

Deno.test("encodeTCPOptions() refuses what does not fit", () => {
  for (const [option, message] of BAD) {
    assertThrows(() => encodeTCPOptions([option]), RangeError, message);
  }
  assertThrows(
    () => encodeTCPOptions(new Array(41).fill({ kind: "noOperation" })),
    RangeError,
    "TCP options, in octets, must be a whole number from 0 to 40, but is 41",
  );
});

Deno.test("describeTCPOption() names what an option of Multipath TCP is about", () => {
  const kinds = [0x01, 0x11, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90]
    .map((first) =>
      describeTCPOption(
        { kind: "unknown", type: 30, data: Uint8Array.of(first, 0) },
      )
    );
  // As tshark words them.
  assertEquals(
    kinds,
    [
      "Multipath Capable",
      "Join Connection",
      "Data Sequence Signal",
      "Add Address",
      "Remove Address",
      "Change Subflow Priority",
      "TCP Fallback",
      "Fast Close",
      "TCP Reset",
      "Unknown (9)",
    ].map((kind) => `Multipath TCP (MPTCP) (30): ${kind}, 2 bytes of data`),
  );
});
