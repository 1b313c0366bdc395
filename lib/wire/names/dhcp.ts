/**
 * A message of the Dynamic Host Configuration Protocol (RFC 2131), or of BOOTP
 * before it, in one line: enough to say what it is, and no more. It is not
 * encoded here.
 *
 * {@linkcode decodeDHCP} throws a {@linkcode PacketError} where there are fewer
 * than 236 octets; options that cannot be read are left out.
 *
 * @module
 */

import { cutShort } from "../errors.ts";
import { get32 } from "../octets.ts";
import {
  type Decoded,
  decodedMessage,
  type Protocol,
} from "../packet/protocol.ts";

const OFFSET = {
  OPERATION: 0,
  TRANSACTION: 4,
  COOKIE: 236,
  OPTIONS: 240,
} as const;

/** RFC 1497: what tells options from the vendor field of BOOTP. */
const COOKIE = 0x63825363;

const OPTION = { PAD: 0, MESSAGE_TYPE: 53, END: 255 } as const;

/** RFC 2132 §9.6. */
const MESSAGE_TYPES: Readonly<Record<number, string>> = {
  1: "Discover",
  2: "Offer",
  3: "Request",
  4: "Decline",
  5: "ACK",
  6: "NAK",
  7: "Release",
  8: "Inform",
};

/**
 * What a message is.
 *
 * @category Names and configuration
 */
export interface DHCPSummary {
  /** 1 from a client, 2 from a server; 0–255. */
  readonly operation: number;
  /** 0–0xffffffff. */
  readonly transactionId: number;
  /** 1 is Discover, and so on, 0–255; absent in BOOTP. */
  readonly messageType?: number;
}

/**
 * Reads as much of a message as names it.
 *
 * @category Names and configuration
 * @throws {PacketError} if there are fewer than 236 octets
 *
 * @example
 * ```ts
 * import { decodeDHCP, describeDHCP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const discover = new Uint8Array(244);
 * discover[0] = 1;
 * discover.set(Uint8Array.fromHex("63825363" + "350101" + "ff"), 236);
 * assertEquals(describeDHCP(decodeDHCP(discover).header), "DHCP Discover");
 * ```
 */
export function decodeDHCP(bytes: Uint8Array): Decoded<DHCPSummary> {
  return decodedMessage(bytes, readMessage(bytes));
}

function readMessage(bytes: Uint8Array): DHCPSummary {
  if (bytes.length < OFFSET.COOKIE) {
    throw cutShort("dhcp", "message", bytes, OFFSET.COOKIE);
  }
  const messageType = findMessageType(bytes);
  return {
    operation: bytes[OFFSET.OPERATION],
    transactionId: get32(bytes, OFFSET.TRANSACTION),
    ...(messageType === undefined ? {} : { messageType }),
  };
}

function findMessageType(bytes: Uint8Array): number | undefined {
  const hasOptions = bytes.length >= OFFSET.OPTIONS &&
    get32(bytes, OFFSET.COOKIE) === COOKIE;
  let at: number = hasOptions ? OFFSET.OPTIONS : bytes.length;
  while (at < bytes.length && bytes[at] !== OPTION.END) {
    if (bytes[at] === OPTION.PAD) {
      at++;
      continue;
    }
    const length = bytes[at + 1];
    if (bytes[at] === OPTION.MESSAGE_TYPE && length === 1) {
      return bytes.at(at + 2);
    }
    at += 2 + (length ?? 0);
  }
}

/**
 * A message in one line, such as `DHCP Discover`.
 *
 * @category Names and configuration
 */
export function describeDHCP({ operation, messageType }: DHCPSummary): string {
  if (messageType !== undefined) {
    return `DHCP ${MESSAGE_TYPES[messageType] ?? `message ${messageType}`}`;
  }
  return operation === 1
    ? "BOOTP request"
    : operation === 2
    ? "BOOTP reply"
    : `BOOTP operation ${operation}`;
}

/** The protocol's row: a message is only named, all of it one layer. */
export const DHCP: Protocol<DHCPSummary> = {
  abbreviation: "DHCP",
  ports: [67, 68],
  title: describeDHCP,
  decode: decodeDHCP,
  describe: () => [],
};
