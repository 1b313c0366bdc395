/**
 * The addresses once more, as Python's `ipaddress` module reads and writes
 * them. Ignored where there is no Python of 3.10 or later (before, it took
 * leading zeros), or no permission to run it.
 */

import { assert, assertEquals } from "@std/assert";
import {
  familyOf,
  formatIPv6,
  isIPv4,
  parseIPv4,
  parseIPv6,
} from "../../lib/wire/address.ts";
import { cidrContains, parseCIDR } from "../../lib/wire/cidr.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../random.ts";

/** Runs `script` with `input` as the JSON it finds in `cases`. */
function python(script: string, input: unknown = null) {
  const setup = "import sys, json\nfrom ipaddress import *\n" +
    "cases = json.loads(sys.argv[1])\n";
  const args = ["-c", setup + script, JSON.stringify(input)];
  return new Deno.Command("python3", { args }).outputSync();
}

function hasPython(): boolean {
  const run = { name: "run", command: "python3" } as const;
  if (Deno.permissions.querySync(run).state !== "granted") return false;
  try {
    return python("sys.exit(sys.version_info < (3, 10))").success;
  } catch {
    return false;
  }
}

const ignore = !hasPython();

function ask<T>(script: string, input: unknown): T {
  const { success, stdout, stderr } = python(script, input);
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function randomIPv6(random: Random): Uint8Array<ArrayBuffer> {
  const octets = randomBytes(random, 16);
  for (let i = 0; i < 16; i += 2) {
    if (random() < 0.6) octets.fill(0, i, i + 2);
  }
  return octets;
}

/** Groups and colons at random, often nearly an address. */
function randomText(random: Random): string {
  const parts = randomInt(random, 1, 9);
  let text = "";
  for (let i = 0; i < parts; i++) {
    text += randomOf(random, [
      "",
      "0",
      "0",
      "a",
      "DB8",
      "01",
      "ffff",
      "1.2.3.4",
    ]);
    text += randomOf(random, [":", ":", ":", ":", "::", "."]);
  }
  return random() < 0.6 ? text.replace(/[:.]+$/, "") : text;
}

/** An address with one character put in, taken out or replaced. */
function mutated(random: Random, text: string): string {
  const at = randomInt(random, 0, text.length);
  const put = randomOf(random, [..."0127af:.: gx/-", ""]);
  return text.slice(0, at) + put + text.slice(at + randomInt(random, 0, 1));
}

Deno.test({
  name: "parseIPv4() and parseIPv6() accept what Python accepts, alike",
  ignore,
  fn() {
    const random = seededRandom(4291);
    const texts: string[] = [];
    for (let i = 0; i < 300; i++) {
      const ipv6 = formatIPv6(randomIPv6(random));
      const ipv4 = randomBytes(random, 4).join(".");
      texts.push(ipv6, ipv4, randomText(random));
      texts.push(mutated(random, ipv6), mutated(random, ipv4));
      texts.push(mutated(random, randomText(random)));
    }
    const script = `
def read(text):
    try: return ip_address(text).packed.hex()
    except ValueError: return None
print(json.dumps([read(text) for text in cases]))
`;
    const answers = ask<(string | null)[]>(script, texts);
    let refused = 0;
    for (const [i, text] of texts.entries()) {
      const ours = isIPv4(text)
        ? parseIPv4(text).toString(16).padStart(8, "0")
        : familyOf(text) === 6
        ? parseIPv6(text).toHex()
        : null;
      assertEquals(ours, answers[i], JSON.stringify(text));
      if (ours === null) refused++;
    }
    assert(refused > 300 && refused < texts.length - 700, "both kinds, often");
  },
});

Deno.test({
  name: "formatIPv6() writes what Python writes",
  ignore,
  fn() {
    const random = seededRandom(5952);
    const addresses = Array.from({ length: 500 }, () => randomIPv6(random));
    // Python leaves IPv4-mapped addresses in hexadecimal before 3.13.
    const texts = ask<string[]>(
      `print(json.dumps([str(IPv6Address(bytes.fromhex(c))) for c in cases]))`,
      addresses.map((octets) => octets.toHex()),
    );
    assertEquals(addresses.map((octets) => formatIPv6(octets)), texts);
  },
});

Deno.test({
  name: "parseCIDR() and cidrContains() agree with Python's networks",
  ignore,
  fn() {
    const random = seededRandom(4632);
    const cases = Array.from({ length: 500 }, () => {
      const length = randomOf(random, [4, 16]);
      const octets = randomBytes(random, length);
      const other = octets.slice();
      // One bit apart: inside or outside, as the prefix has it.
      const bit = randomInt(random, 0, length * 8 - 1);
      other[bit >> 3] ^= 0x80 >> (bit & 7);
      const text = (octets: Uint8Array) =>
        length === 4 ? octets.join(".") : formatIPv6(octets);
      const prefixLength = randomInt(random, 0, length * 8);
      return [`${text(octets)}/${prefixLength}`, text(other)];
    });
    const script = `
def read(block, other):
    network = ip_network(block, strict=False)
    return [network.network_address.packed.hex(), network.prefixlen, ip_address(other) in network]
print(json.dumps([read(*case) for case in cases]))
`;
    const answers = ask<[string, number, boolean][]>(script, cases);
    let inside = 0;
    for (const [i, [text, other]] of cases.entries()) {
      const block = parseCIDR(text);
      const octets = block.family === 6
        ? parseIPv6(block.address).toHex()
        : parseIPv4(block.address).toString(16).padStart(8, "0");
      const contains = cidrContains(block, other);
      assertEquals([octets, block.prefixLength, contains], answers[i], text);
      if (contains) inside++;
    }
    assert(inside > 100 && inside < 400, "inside and outside, often");
  },
});
