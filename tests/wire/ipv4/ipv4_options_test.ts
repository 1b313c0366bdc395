import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  decodeIPv4Options,
  describeIPv4Option,
  encodeIPv4Options,
  type IPv4Option,
} from "../../../lib/wire/ipv4/ipv4_options.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const decode = (hex: string) => decodeIPv4Options(bytes(hex));
const unused = (slots: number) => new Array(slots).fill("0.0.0.0");
const unknown = (type: number, data: string): IPv4Option => ({
  kind: "unknown",
  type,
  data: bytes(data),
});
const address = "192.0.2.1";

/** Options' octets without padding, what they say, and that in words. */
// deno-fmt-ignore
const GOOD: [hex: string, option: IPv4Option, text: string][] = [
  ["00", { kind: "endOfList" }, "End of Options List (EOL)"],
  ["01", { kind: "noOperation" }, "No-Operation (NOP)"],
  // RFC 791 §3.1: pointers count from 1, so the first slot is 4.
  ["070704" + "00000000",
    { kind: "recordRoute", pointer: 4, addresses: unused(1) },
    "Record Route, pointer 4: 0.0.0.0"],
  ["070b08" + "c0000201" + "00000000",
    { kind: "recordRoute", pointer: 8, addresses: ["192.0.2.1", "0.0.0.0"] },
    "Record Route, pointer 8: 192.0.2.1 0.0.0.0"],
  ["830b04" + "0a000001" + "ffffffff",
    { kind: "looseSourceRoute", pointer: 4, addresses: ["10.0.0.1", "255.255.255.255"] },
    "Loose Source Route, pointer 4: 10.0.0.1 255.255.255.255"],
  ["890708" + "0a000001",
    { kind: "strictSourceRoute", pointer: 8, addresses: ["10.0.0.1"] },
    "Strict Source Route, pointer 8: 10.0.0.1"],
  ["890304",
    { kind: "strictSourceRoute", pointer: 4, addresses: [] },
    "Strict Source Route, pointer 4: "],
  ["440c0900" + "05265bff" + "00000000",
    { kind: "timestamp", pointer: 9, overflow: 0, flag: 0, entries: [{ timestamp: 86_399_999 }, { timestamp: 0 }] },
    "Time Stamp, pointer 9, overflow 0, flag 0: 86399999 ms, 0 ms"],
  ["440c0d21" + "c0000201" + "80000001",
    { kind: "timestamp", pointer: 13, overflow: 2, flag: 1, entries: [{ address, timestamp: 0x80000001 }] },
    "Time Stamp, pointer 13, overflow 2, flag 1: 192.0.2.1 2147483649 ms"],
  ["440405f3",
    { kind: "timestamp", pointer: 5, overflow: 15, flag: 3, entries: [] },
    "Time Stamp, pointer 5, overflow 15, flag 3: "],
  // RFC 2113 §2.1, as every IGMP message bears it.
  ["94040000", { kind: "routerAlert", value: 0 }, "Router Alert, examine packet (0)"],
  ["9404ffff", { kind: "routerAlert", value: 65_535 }, "Router Alert, reserved (65535)"],
  // Security and stream identifier of RFC 791, which have no kind of their own.
  ["820b" + "f135" + "00000000" + "abcdef", unknown(130, "f13500000000abcdef"), "Unknown (130), 9 bytes of data"],
  ["88041234", unknown(136, "1234"), "Unknown (136), 2 bytes of data"],
  ["ff02", unknown(255, ""), "Unknown (255), 0 bytes of data"],
  // Known by type, but not of its shape.
  ["0702", unknown(7, ""), "Unknown (7), 0 bytes of data"],
  ["070604000000", unknown(7, "04000000"), "Unknown (7), 4 bytes of data"],
  ["4408050100000000", unknown(68, "050100000000"), "Unknown (68), 6 bytes of data"],
  ["440305", unknown(68, "05"), "Unknown (68), 1 byte of data"],
  ["9403aa", unknown(148, "aa"), "Unknown (148), 1 byte of data"],
];

Deno.test("decodeIPv4Options(), encodeIPv4Options() and describeIPv4Option() of each kind", () => {
  for (const [hex, option, text] of GOOD) {
    const length = hex.length / 2;
    assertEquals(decode(hex), { options: [{ offset: 0, length, option }] });
    const padded = hex.padEnd(Math.ceil(length / 4) * 8, "0");
    assertEquals(encodeIPv4Options([option]).toHex(), padded);
    assertEquals(describeIPv4Option(option), text);
  }
});

Deno.test("decodeIPv4Options() and encodeIPv4Options() of several", () => {
  // What `ping -R` of iputils sends; the first octet aligns the slots.
  const pingR: IPv4Option[] = [
    { kind: "noOperation" },
    { kind: "recordRoute", pointer: 4, addresses: unused(9) },
  ];
  const hex = "01072704" + "00".repeat(36);
  assertEquals(encodeIPv4Options(pingR).toHex(), hex);
  assertEquals(decode(hex), {
    options: [
      { offset: 0, length: 1, option: pingR[0] },
      { offset: 1, length: 39, option: pingR[1] },
    ],
  });
  assertEquals(encodeIPv4Options([]).length, 0);
  assertEquals(decode(""), { options: [] });
});

Deno.test("decodeIPv4Options() leaves what follows the end of the list", () => {
  assertEquals(decode("01000707"), {
    options: [
      { offset: 0, length: 1, option: { kind: "noOperation" } },
      { offset: 1, length: 1, option: { kind: "endOfList" } },
    ],
  });
});

/** Malformed octets, how many options come before the fault, and the fault. */
const FAULTS: [hex: string, before: number, offset: number, reason: string][] =
  [
    ["07", 0, 0, "option 7 ends before its length"],
    ["01010194", 3, 3, "option 148 ends before its length"],
    ["07000400", 0, 0, "option 7 gives its length as 0, at least 2 wanted"],
    ["01ff0100", 1, 1, "option 255 gives its length as 1, at least 2 wanted"],
    ["94050000", 0, 0, "option 148 is 5 octets long, only 4 are left"],
    ["9404000007ff0400", 1, 4, "option 7 is 255 octets long, only 4 are left"],
    ["0101820b", 2, 2, "option 130 is 11 octets long, only 2 are left"],
  ];

Deno.test("decodeIPv4Options() keeps what came before a fault", () => {
  for (const [hex, before, offset, reason] of FAULTS) {
    const { options, fault } = decode(hex);
    assertEquals(fault, { offset, reason });
    assertEquals(options.length, before);
    const kept = encodeIPv4Options(options.map(({ option }) => option));
    assertEquals(kept.subarray(0, offset).toHex(), hex.slice(0, 2 * offset));
  }
});

Deno.test("decodeIPv4Options() reads a subarray and shares its memory", () => {
  const around = bytes("0102" + "880412349404" + "0000ff");
  const { options } = decodeIPv4Options(around.subarray(2, 10));
  assertEquals(options.map(({ option }) => option), [
    unknown(136, "1234"),
    { kind: "routerAlert", value: 0 },
  ]);
  const [{ option }] = options;
  assert(option.kind === "unknown");
  assertStrictEquals(option.data.buffer, around.buffer);
});

/** Octets that begin like options, so that the walk gets somewhere. */
function randomOptions(random: () => number): Uint8Array {
  const octets = randomBytes(random, randomInt(random, 0, 40));
  for (let i = 0; i + 1 < octets.length;) {
    octets[i] = randomOf(random, [0, 1, 7, 68, 131, 137, 148, octets[i]]);
    if (octets[i] > 1) {
      octets[i + 1] = randomInt(random, 0, 12);
      i += Math.max(1, octets[i + 1]);
    } else {
      i++;
    }
  }
  return octets;
}

Deno.test("decodeIPv4Options() never throws; encodeIPv4Options() gives the same octets", () => {
  const random = seededRandom(2113);
  let sound = 0;
  for (let i = 0; i < 100_000; i++) {
    const octets = i % 2 === 0
      ? randomOptions(random)
      : randomBytes(random, randomInt(random, 0, 40));
    const { options, fault } = decodeIPv4Options(octets);
    let end = 0;
    for (const { offset, length, option } of options) {
      if (offset !== end) throw new Error("not one after the other");
      end += length;
      describeIPv4Option(option);
    }
    if (fault !== undefined) {
      assertEquals(fault.offset, end);
      assertLess(end, octets.length);
    } else if (options.at(-1)?.option.kind !== "endOfList") {
      assertEquals(end, octets.length);
      sound++;
    }
    const again = encodeIPv4Options(options.map(({ option }) => option));
    const kept = octets.subarray(0, end).toHex();
    assertStrictEquals(again.toHex(), kept.padEnd(Math.ceil(end / 4) * 8, "0"));
  }
  assert(sound > 1000, "enough of them were well-formed");
});

const stamp: IPv4Option = {
  kind: "timestamp",
  pointer: 5,
  overflow: 0,
  flag: 0,
  entries: [],
};

/** Options that do not fit, and what the error says. */
const BAD: [option: IPv4Option, message: string][] = [
  [{ kind: "routerAlert", value: -1 }, "value must be a whole number from 0"],
  [{ kind: "routerAlert", value: 65_536 }, "from 0 to 65535, but is 65536"],
  [{ ...stamp, pointer: 256 }, "pointer must be a whole number from 0 to 255"],
  [{ ...stamp, overflow: 16 }, "overflow must be a whole number from 0 to 15"],
  [{ ...stamp, flag: 16 }, "flag must be a whole number from 0 to 15"],
  [{ ...stamp, flag: -1 }, "flag must be a whole number from 0 to 15"],
  [
    { ...stamp, entries: [{ timestamp: 2 ** 32 }] },
    "timestamp must be a whole number from 0 to 4294967295, but is 4294967296",
  ],
  [
    { ...stamp, flag: 1, entries: [{ address: "1.1", timestamp: 0 }] },
    'not an IPv4 address: "1.1"',
  ],
  [
    { ...stamp, entries: new Array(10).fill({ timestamp: 0 }) },
    "option length must be a whole number from 2 to 40, but is 44",
  ],
  [
    { kind: "recordRoute", pointer: 0.5, addresses: [] },
    "route pointer must be a whole number from 0 to 255, but is 0.5",
  ],
  [
    { kind: "recordRoute", pointer: 4, addresses: ["host"] },
    'not an IPv4 address: "host"',
  ],
  [
    { kind: "recordRoute", pointer: 4, addresses: new Array(10).fill(address) },
    "option length must be a whole number from 2 to 40, but is 43",
  ],
  [
    unknown(256, ""),
    "option type must be a whole number from 0 to 255, but is 256",
  ],
  [
    unknown(30, "00".repeat(39)),
    "option length must be a whole number from 2 to 40, but is 41",
  ],
];

Deno.test("encodeIPv4Options() refuses what does not fit", () => {
  for (const [option, message] of BAD) {
    assertThrows(() => encodeIPv4Options([option]), RangeError, message);
  }
  const forty = new Array(10).fill({ kind: "routerAlert", value: 0 });
  assertEquals(encodeIPv4Options(forty).toHex(), "94040000".repeat(10));
  assertThrows(
    () => encodeIPv4Options([...forty, { kind: "noOperation" }]),
    RangeError,
    "IPv4 options, in octets, must be a whole number from 0 to 40, but is 41",
  );
});
