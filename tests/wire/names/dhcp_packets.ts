import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../../random.ts";
import {
  ends4,
  over4,
  ports,
  type ProtocolPackets,
  raw,
} from "../protocol_packets.ts";

function seed(): Uint8Array {
  const message = new Uint8Array(260);
  message.set(Uint8Array.fromHex("0101060012345678"));
  message.set(Uint8Array.fromHex("638253633501013d0701020000000001ff"), 236);
  return message;
}

function aMessage(random: Random): Uint8Array {
  const message = new Uint8Array(260);
  message.set([randomInt(random, 1, 2), 1, 6, 0]);
  message.set(randomBytes(random, 4), 4);
  message.set(Uint8Array.fromHex("63825363"), 236);
  const type = Uint8Array.of(53, 1, randomInt(random, 1, 8));
  const host = Uint8Array.of(12, 4, 0x68, 0x6f, 0x73, 0x74);
  message.set(
    randomOf(random, [[...type, ...host, 255], [0, ...host, ...type, 255]]),
    240,
  );
  return message;
}

export const PACKETS: ProtocolPackets<"dhcp"> = {
  protocol: "dhcp",
  seeds: [over4(ports(68, 67), seed())],
  make: (random) => raw(ipv4(ends4(random)), ports(68, 67), aMessage(random)),
  fields: {
    "dhcp.type": (h) => h.operation,
    "dhcp.id": (h) => h.transactionId,
    "dhcp.option.dhcp": (h) => h.messageType,
  },
};
