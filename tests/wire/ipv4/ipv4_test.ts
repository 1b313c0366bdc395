import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { PacketError } from "../../../lib/wire/errors.ts";
import type { Field } from "../../../lib/wire/field.ts";
import {
  decodeIPv4,
  encodeIPv4,
  type IPv4Fields,
} from "../../../lib/wire/ipv4/ipv4.ts";
import {
  checkIPv4,
  describeIPv4,
} from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const text = (octets: Uint8Array) => new TextDecoder().decode(octets);

/**
 * What the receiver printed in example 2 of the third seed, "Python - Socket -
 * Raw IPv4": a Windows 7 host sent it over a cable to 1.1.1.1.
 */
const RECEIVED: [hex: string, identification: number, message: string][] = [
  [
    "4500002136c8000080fdfeb1010101640101010148656c6c6f20576f726c642021",
    0x36c8,
    "Hello World !",
  ],
  ["4500001636dd000080fdfea701010164010101014869", 0x36dd, "Hi"],
  [
    "450000213716000080fdfe630101016401010101486f772061726520796f75203f",
    0x3716,
    "How are you ?",
  ],
  ["450000183760000080fdfe22010101640101010151756974", 0x3760, "Quit"],
];

/** Every field with a value of its own, 28 octets of header and 3 of payload. */
const EVERY_FIELD: Required<IPv4Fields> = {
  version: 4,
  headerLength: 28,
  dscp: 46,
  ecn: 1,
  totalLength: 31,
  identification: 0x1234,
  reserved: true,
  dontFragment: false,
  moreFragments: true,
  fragmentOffset: 8 * 0x0567,
  ttl: 9,
  protocol: 253,
  checksum: 0xabcd,
  source: "192.0.2.1",
  destination: "203.0.113.255",
  options: bytes("9404000001010100"),
};
const EVERY_FIELD_HEX = "47b9001f1234a56709fdabcdc0000201cb0071ff" +
  "9404000001010100" + "616263";

Deno.test("decodeIPv4() and encodeIPv4() of the packets received in the seed", () => {
  for (const [hex, identification, message] of RECEIVED) {
    const packet = bytes(hex);
    const decoded = decodeIPv4(packet);
    assertEquals(decoded.header, {
      version: 4,
      headerLength: 20,
      dscp: 0,
      ecn: 0,
      totalLength: 20 + message.length,
      identification,
      reserved: false,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 128,
      protocol: 253,
      checksum: packet[10] * 256 + packet[11],
      source: "1.1.1.100",
      destination: "1.1.1.1",
      options: new Uint8Array(),
    });
    assertEquals([text(decoded.payload), decoded.missing], [message, 0]);
    assertEquals(checkIPv4(packet, decoded), []);
    assertEquals(encodeIPv4(decoded.header, decoded.payload).toHex(), hex);
    // All that Windows chose; the rest, checksum included, is computed.
    const fields = { ttl: 128, protocol: 253, identification };
    const addresses = { source: "1.1.1.100", destination: "1.1.1.1" };
    const built = encodeIPv4({ ...fields, ...addresses }, decoded.payload);
    assertEquals(built.toHex(), hex);
  }
});

Deno.test("encodeIPv4() and decodeIPv4() of a header with every field set", () => {
  const payload = bytes("616263");
  assertEquals(encodeIPv4(EVERY_FIELD, payload).toHex(), EVERY_FIELD_HEX);
  const decoded = decodeIPv4(bytes(EVERY_FIELD_HEX));
  assertEquals(decoded, {
    header: EVERY_FIELD,
    headerLength: EVERY_FIELD.headerLength,
    payload,
    missing: 0,
  });
});

Deno.test("encodeIPv4() computes what is left out", () => {
  const packet = encodeIPv4({ destination: "1.1.1.1", protocol: 1 });
  assertEquals(packet.toHex(), "4500001400000000400178e80000000001010101");
});

Deno.test("encodeIPv4() neither changes its input nor shares its memory", () => {
  const options = bytes("94040000");
  const payload = bytes("616263");
  const fields = Object.freeze({ ...EVERY_FIELD, options });
  encodeIPv4(fields, payload).fill(0xff);
  assertEquals([options.toHex(), payload.toHex()], ["94040000", "616263"]);
  assertStrictEquals(fields.options, options);
});

Deno.test("decodeIPv4() then encodeIPv4() gives the same octets, right or wrong", () => {
  const random = seededRandom(791);
  for (let i = 0; i < 5000; i++) {
    const words = randomInt(random, 5, 15);
    const packet = randomBytes(random, words * 4 + randomInt(random, 0, 40));
    packet[0] = 0x40 | words;
    // Right half of the time; otherwise anything that promises more.
    const promised = random() < 0.5
      ? packet.length
      : randomInt(random, packet.length, 65_535);
    packet.set([promised >>> 8, promised & 0xff], 2);
    const { header, payload, missing } = decodeIPv4(packet);
    assertEquals(missing, promised - packet.length);
    assertEquals(encodeIPv4(header, payload).toHex(), packet.toHex());
    // A checksum not given is right, whatever the rest.
    const { checksum: _, ...rest } = header;
    const right = encodeIPv4(rest, payload);
    const problems = checkIPv4(right, decodeIPv4(right));
    assert(problems.every(({ field }) => field !== "checksum"));
  }
});

Deno.test("decodeIPv4() of every truncated prefix throws or reports what is missing", () => {
  const packet = bytes(EVERY_FIELD_HEX);
  for (let length = 0; length < packet.length; length++) {
    const prefix = packet.subarray(0, length);
    if (length < 28) {
      const error = assertThrows(() => decodeIPv4(prefix), PacketError);
      assertEquals(
        [error.layer, error.field, error.offset],
        length < 20 ? ["ipv4", "header", length] : ["ipv4", "headerLength", 0],
      );
      assertStringIncludes(error.reason, `${length}`);
    } else {
      const { header, payload, missing } = decodeIPv4(prefix);
      assertEquals(header, EVERY_FIELD);
      assertEquals([payload.length, missing], [length - 28, 31 - length]);
    }
  }
});

/** Octets of the received "Hi" replaced, and the error that follows. */
const MALFORMED: [offset: number, octets: number[], error: string][] = [
  [0, [0x65], "version at octet 0: is 6, 4 wanted"],
  [0, [0x05], "version at octet 0: is 0, 4 wanted"],
  [0, [0x44], "headerLength at octet 0: is 16 octets, at least 20 wanted"],
  [0, [0x40], "headerLength at octet 0: is 0 octets, at least 20 wanted"],
  [0, [0x46], "headerLength at octet 0: is 24 octets, only 22 are there"],
  [
    2,
    [0, 19],
    "totalLength at octet 2: is 19 octets, less than the header's 20",
  ],
  [2, [0, 0], "totalLength at octet 2: is 0 octets, less than the header's 20"],
];

Deno.test("decodeIPv4() refuses structural faults", () => {
  for (const [offset, octets, message] of MALFORMED) {
    const packet = bytes(RECEIVED[1][0]);
    packet.set(octets, offset);
    assertThrows(() => decodeIPv4(packet), PacketError, `ipv4 ${message}`);
  }
  const packet = bytes(EVERY_FIELD_HEX);
  packet[3] = 27;
  assertThrows(
    () => decodeIPv4(packet),
    PacketError,
    "less than the header's 28",
  );
});

Deno.test("decodeIPv4() reads a subarray, shares its memory, leaves trailing octets", () => {
  const padded = bytes(`ffffff${EVERY_FIELD_HEX}ee`.padEnd(100, "0"));
  const view = padded.subarray(3);
  const { header, payload, missing } = decodeIPv4(view);
  assertEquals(header, EVERY_FIELD);
  assertEquals([text(payload), missing], ["abc", 0]);
  assertStrictEquals(payload.buffer, padded.buffer);
  assertEquals(payload.byteOffset, 3 + 28);
  assertStrictEquals(header.options.buffer, padded.buffer);
  assertEquals(header.options.byteOffset, 3 + 20);
  const labels = (fields: Field[]) => fields.map((field) => field.text);
  const own = bytes(EVERY_FIELD_HEX);
  assertEquals(
    labels(describeIPv4(view, header)),
    labels(describeIPv4(own, header)),
  );
});
