/**
 * What holds for what people type: hexadecimal, and packets described in JSON.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { dissect, packetFromJSON, packetToJSON, parseHex } from "../../mod.ts";
import { renderHexdump } from "../../lib/render/packet/tree.ts";
import { hostileText } from "../render/packets.ts";
import { type Random, randomInt, randomOf } from "../random.ts";
import type { TestPacket } from "../wire/protocol_packets.ts";

/** Hexadecimal in one of its dresses, with something put in or left out. */
export function brokenHex(random: Random, { bytes }: TestPacket): string {
  const octets = Array.from(bytes, (octet) => octet.toString(16));
  const whole = randomOf(random, [
    () => bytes.toHex(),
    () => octets.map((octet) => `0x${octet.padStart(2, "0")}`).join(", "),
    () => octets.map((octet) => `\\x${octet.padStart(2, "0")}`).join(""),
    () => renderHexdump(bytes).join("\n"),
  ])();
  const at = randomInt(random, 0, whole.length);
  const end = at + randomOf(random, [0, 0, 1, 8]);
  const added = randomOf(random, ["", " ", "\n", "g", ":", "0x", "|", "0010"]);
  const text = random() < 0.2 ? hostileText(random) : added;
  return whole.slice(0, at) + text + whole.slice(end);
}

/** Asserts that it is read, or refused in a sentence. */
export function checkHex(text: string): string {
  try {
    const octets = parseHex(text);
    assertEquals(parseHex(octets.toHex()), octets);
    return "read";
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return kindOf(error);
  }
}

/** What a message is about, without what was found. */
function kindOf({ message }: Error): string {
  return message.split("\n")[0].replace(/\d+|".*/g, "");
}

const VALUES: readonly unknown[] = [
  ...[0, -1, 1, 255, 65_536, 2 ** 32, 2 ** 53, 0.5, 1e300, null, true, false],
  ...["", "00", "zz", "192.0.2.1", "::1", "02:00:00:00:00:01", "echoRequest"],
  ...[[], [[]], {}, { kind: "unknown" }, { constructor: 1 }],
];

/** A packet's description with one thing replaced, renamed or left out. */
export function brokenDescription(
  random: Random,
  { bytes, linkType }: TestPacket,
): string {
  const plain = packetToJSON(bytes, dissect(bytes, { linkType }));
  const description = JSON.parse(JSON.stringify(plain));
  const places: { holder: Record<string, unknown>; name: string }[] = [];
  const visit = (holder: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(holder)) {
      places.push({ holder, name });
      if (typeof value === "object" && value !== null) {
        visit(value as Record<string, unknown>);
      }
    }
  };
  visit(description);
  const { holder, name } = randomOf(random, places);
  const kind = randomInt(random, 0, 3);
  if (kind === 0) delete holder[name];
  else if (kind === 1) holder[`${name}x`] = holder[name];
  else holder[name] = randomOf(random, VALUES);
  return JSON.stringify(description);
}

/** Asserts that it is built, or refused in a sentence. */
export function checkDescription(description: string): string {
  try {
    const bytes = packetFromJSON(JSON.parse(description));
    assert(bytes.length < 2 ** 17);
    return "built";
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      // Those of the language itself would tell a user nothing.
      assert(
        !/undefined|is not a function|Cannot read|Invalid (array|typed)/.test(
          error.message,
        ),
        `${error.stack}`,
      );
      return kindOf(error);
    }
    throw error;
  }
}
