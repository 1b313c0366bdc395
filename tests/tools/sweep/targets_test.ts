import { assert, assertEquals, assertThrows } from "@std/assert";
import { addressText, Targets } from "../../../lib/tools/sweep/targets.ts";
import { randomInt, seededRandom } from "../../random.ts";

function list(targets: Targets): string[] {
  const words = new Int32Array(5);
  return Array.from({ length: targets.count }, (_, index) => {
    const family = targets.write(index, words);
    return addressText(words, family);
  });
}

Deno.test("Targets lists blocks, ranges and addresses once, in order", () => {
  const cases: [string[], string[]][] = [
    [["10.0.0.1"], ["10.0.0.1"]],
    [["10.0.0.9/31"], ["10.0.0.8", "10.0.0.9"]],
    [["10.0.0.255-10.0.1.1"], ["10.0.0.255", "10.0.1.0", "10.0.1.1"]],
    [["255.255.255.254/31"], ["255.255.255.254", "255.255.255.255"]],
    [["::1", "10.0.0.1"], ["10.0.0.1", "::1"]],
    [["10.0.0.0/30", "10.0.0.2-10.0.0.4", "10.0.0.1"], [
      "10.0.0.0",
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
      "10.0.0.4",
    ]],
    [["fd00::ffff:fffe-fd00::1:0:1"], [
      "fd00::ffff:fffe",
      "fd00::ffff:ffff",
      "fd00::1:0:0",
      "fd00::1:0:1",
    ]],
  ];
  for (const [ranges, expected] of cases) {
    assertEquals(list(new Targets(ranges)), expected);
  }
});

Deno.test("Targets knows large ranges without listing them", () => {
  const all = new Targets(["0.0.0.0/0"]);
  assertEquals(all.count, 2 ** 32);
  const words = new Int32Array(5);
  all.write(2 ** 32 - 1, words);
  assertEquals(addressText(words, 4), "255.255.255.255");
  assertEquals(new Uint8Array(words.buffer, 0, 4).toHex(), "ffffffff");
  assertEquals(new Targets(["fd00::/112"]).count, 65_536);
});

Deno.test("Targets refuses what is no range", () => {
  const bad: [string, string][] = [
    ["", "not a block of addresses"],
    ["host", "not a block of addresses"],
    ["10.0.0.0/33", "prefix length"],
    ["10.0.0.01", "not a block of addresses"],
    ["10.0.0.5-", "not a range of addresses"],
    ["10.0.0.5-256", "not a range of addresses"],
    ["10.0.0.5-4", "ends before it begins"],
    ["fd00::5-7", "not a range of addresses"],
    ["10.0.0.5-::1", "not a range of addresses"],
    ["10.0.0.5-10.0.0.4", "ends before it begins"],
    ["fd00::1%lo", "is no link-local address, and so has no zone"],
    ["fe80::/9%lo", "is no link-local address, and so has no zone"],
    ["10.0.0.1%lo", "is no link-local address, and so has no zone"],
    ["fe80::1%a-fe80::2%b", "not a range of addresses"],
    ["fd00::/64", "more than 2^32"],
  ];
  for (const [text, reason] of bad) {
    assertThrows(() => new Targets([text]), RangeError, reason);
  }
  assertThrows(() => new Targets([]), RangeError, "no address is given");
});

Deno.test("Targets finds every index, whatever the order of asking", () => {
  const random = seededRandom(20);
  const ranges = Array.from({ length: 50 }, () => {
    const first = randomInt(random, 0, 200) * 7;
    const last = first + randomInt(random, 0, 12);
    const text = (n: number) => `10.0.${n >> 8}.${n & 255}`;
    return `${text(first)}-${text(last)}`;
  });
  const targets = new Targets(ranges);
  const inOrder = list(targets);
  assertEquals(new Set(inOrder).size, targets.count);
  const words = new Int32Array(5);
  for (let i = 0; i < 2000; i++) {
    const index = randomInt(random, 0, targets.count - 1);
    targets.write(index, words);
    assert(addressText(words, 4) === inOrder[index]);
    assert(targets.indexOf(words, 4) === index);
  }
});

Deno.test("Targets keeps what is the same on every link apart, by zone", () => {
  const scopes: Record<string, number> = { "%eth0": 2, "%br-a": 7, "": 3 };
  const asked: string[] = [];
  const targets = new Targets([
    "fe80::4-fe80::6%br-a",
    "fe80::5%eth0/127",
    "fe80::6%eth0-fe80::7%eth0",
    "fe80::4/127%br-a",
    "fe80::9",
    "fd00::1",
  ], (address) => {
    asked.push(address);
    return scopes[/%.*|$/.exec(address)![0]];
  });
  assertEquals(asked, [
    "fe80::4%br-a",
    "fe80::4%eth0",
    "fe80::6%eth0",
    "fe80::4%br-a",
    "fe80::9",
  ]);
  assertEquals(targets.scopes, [0, 2, 3, 7]);
  const words = new Int32Array(5);
  const names = (index: number) => index === 2 ? "eth0" : `${index}`;
  const listed = Array.from({ length: targets.count }, (_, index) => {
    const family = targets.write(index, words);
    assertEquals(targets.indexOf(words, family), index);
    return addressText(words, family, names);
  });
  assertEquals(listed, [
    "fd00::1",
    ...["fe80::4%eth0", "fe80::5%eth0", "fe80::6%eth0", "fe80::7%eth0"],
    "fe80::9%3",
    ...["fe80::4%7", "fe80::5%7", "fe80::6%7"],
  ]);
});

Deno.test("Targets knows which addresses are none of its own", () => {
  const targets = new Targets(["10.0.0.4-10.0.0.9", "fd00::5", "fd00::7"]);
  const indexes = ["10.0.0.3", "10.0.0.10", "fd00::4", "fd00::6", "fd00::8"]
    .map((address) => {
      const words = new Int32Array(5);
      const family = new Targets([address]).write(0, words);
      return targets.indexOf(words, family);
    });
  assertEquals(indexes, [-1, -1, -1, -1, -1]);
});

Deno.test("a range may end with the last octet alone", () => {
  const { count, ranges } = new Targets(["10.0.0.5-77", "10.0.1.0-0"]);
  assertEquals(count, 74);
  assertEquals(ranges, [["10.0.0.5", "10.0.0.77"], ["10.0.1.0", "10.0.1.0"]]);
});
