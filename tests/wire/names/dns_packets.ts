import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../../random.ts";
import {
  ends4,
  over4,
  port,
  ports,
  type ProtocolPackets,
  raw,
} from "../protocol_packets.ts";

/**
 * A query for example.com, an answer whose name is a pointer, and questions
 * whose own names point back, and at themselves.
 */
const MESSAGES = [
  "002b010000010000000000000161c00c00010001",
  "002b01000001000000000000c00c00010001",
  "002b01000001000000000000076578616d706c6503636f6d0000010001",
  "002b81800001000100000000076578616d706c6503636f6d0000010001" +
  "c00c000100010000003c0004c0000201",
].map((hex) => Uint8Array.fromHex(hex));

function aMessage(random: Random): Uint8Array {
  const isResponse = random() < 0.5;
  const flags = (isResponse ? 0x8000 : 0) |
    (isResponse ? randomOf(random, [0, 0, 2, 3, 5]) : 0) | 0x0100;
  const labels = Array.from(
    { length: randomInt(random, 1, 4) },
    () => `n${randomBytes(random, randomInt(random, 0, 12)).toHex()}`,
  );
  const question = labels.map((label) =>
    String.fromCharCode(label.length) + label
  ).join("");
  const type = randomOf(random, [1, 2, 5, 12, 15, 16, 28, 33, 255]);
  const answers = isResponse && (flags & 15) === 0 ? 1 : 0;
  return buildPacket(
    words(randomInt(random, 0, 0xffff), flags, 1, answers, 0, 0),
    question,
    Uint8Array.of(0),
    words(type, 1),
    // The name is where the question has it; an address, whatever was asked.
    answers === 0 ? "" : words(0xc00c, 1, 1, 0, 60, 4, 0xc000, 0x0201),
  );
}

/** So many 16-bit numbers, one after the other. */
function words(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
}

export const PACKETS: ProtocolPackets<"dns"> = {
  protocol: "dns",
  seeds: MESSAGES.map((message) => over4(ports(5353, 53), message)),
  make: (random) =>
    raw(ipv4(ends4(random)), ports(port(random), 53), aMessage(random)),
  fields: {
    "dns.id": (h) => h.id,
    "dns.flags.response": (h) => h.isResponse,
    "dns.flags.opcode": (h) => h.opcode,
    "dns.flags.rcode": (h) => h.isResponse ? h.responseCode : undefined,
    "dns.count.answers": (h) => h.answerCount,
    "dns.qry.name": (h) => h.question?.name,
    "dns.qry.type": (h) => h.question?.type,
  },
};
