import { assertEquals, assertThrows } from "@std/assert";
import { EXIT, ScriptError } from "../../lib/cli/exit.ts";
import {
  encodeMessage,
  MAX_PAYLOAD,
  type MessageOptions,
  payloadFrom,
  repeated,
} from "../../lib/cli/messages.ts";

const hex = (options: MessageOptions) => payloadFrom(options)?.toHex();

/** Command lines, and the payload they ask for. */
const PAYLOADS: [options: MessageOptions, hex: string | undefined][] = [
  [{ words: [] }, undefined],
  [{ words: ["Hi"] }, "4869"],
  [{ words: ["Hi", "you"] }, "486920796f75"],
  [{ words: ["ü"] }, "c3bc"],
  [{ words: [""] }, ""],
  [{ words: [], hex: Uint8Array.of() }, ""],
  [{ words: [], hex: Uint8Array.of(255, 0) }, "ff00"],
  [{ words: [], payload: "H i" }, "482069"],
  [{ words: [], payload: "", size: 1 }, "00"],
  [{ words: [], size: 0 }, ""],
  [{ words: [], size: 4 }, "00010203"],
  [{ words: ["Hi"], size: 2 }, "4869"],
  [{ words: ["Hi"], size: 5 }, "4869000102"],
  [{ words: [], hex: Uint8Array.of(255), size: 3 }, "ff0001"],
];

Deno.test("payloadFrom() makes words, octets and sizes a payload", () => {
  for (const [options, payload] of PAYLOADS) {
    assertEquals(hex(options), payload);
  }
});

Deno.test("payloadFrom() fills with every octet in turn", () => {
  const payload = payloadFrom({ words: [], size: 600 })!;
  assertEquals([payload[255], payload[256], payload[599]], [255, 0, 87]);
});

Deno.test("payloadFrom() refuses what contradicts itself or is too long", () => {
  const BAD: [options: MessageOptions, message: string][] = [
    [
      { words: ["Hi"], hex: Uint8Array.of(1) },
      "a message and --hex exclude each other",
    ],
    [
      { words: ["Hi"], payload: "Hi" },
      "a message and --payload exclude each other",
    ],
    [
      { words: [], payload: "Hi", hex: Uint8Array.of(1) },
      "--payload and --hex exclude each other",
    ],
    [
      { words: ["Hello"], size: 4 },
      "the message has 5 octets, more than --size 4",
    ],
    [
      { words: ["ü".repeat(32_758)] },
      "the message has 65516 octets, and a packet has room for 65515",
    ],
    [
      { words: [], hex: new Uint8Array(65_516) },
      "the message has 65516 octets, and a packet has room for 65515",
    ],
  ];
  for (const [options, message] of BAD) {
    const error = assertThrows(() => payloadFrom(options), ScriptError);
    assertEquals([error.message, error.exitCode], [message, EXIT.USAGE]);
  }
});

Deno.test("encodeMessage() takes as much as a packet has room for", () => {
  assertEquals(MAX_PAYLOAD, 65_535 - 20);
  assertEquals(encodeMessage("x".repeat(MAX_PAYLOAD)).length, MAX_PAYLOAD);
  assertThrows(() => encodeMessage("x".repeat(MAX_PAYLOAD + 1)), ScriptError);
});

Deno.test("repeated() gives the same payload so many times", () => {
  const payload = Uint8Array.of(1);
  assertEquals([...repeated(payload, 3)], [payload, payload, payload]);
  assertEquals([...repeated(payload, 0)], []);
});
