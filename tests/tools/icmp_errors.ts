/**
 * ICMP error messages, made without the code that reads them.
 *
 * @module
 */

import { internetChecksum } from "../../lib/bytes/checksum.ts";
import { encodeIPv4, type IPv4Fields } from "../../lib/wire/ipv4/ipv4.ts";

/** The header of a packet that somebody may complain about. */
export const QUOTED: IPv4Fields = {
  source: "1.1.1.100",
  destination: "1.1.1.1",
  protocol: 253,
  identification: 0x36dd,
};

/** What an ICMP error shall be; the default is a sound "protocol unreachable". */
export interface ICMPErrorFields {
  readonly type?: number;
  readonly code?: number;
  /** What it quotes. */
  readonly quote?: Uint8Array;
  /** Added to the checksum. */
  readonly checksumFault?: number;
}

/** Type, code, checksum, four unused octets and the quote (RFC 792). */
export function icmpError(
  { type = 3, code = 2, quote, checksumFault = 0 }: ICMPErrorFields = {},
): Uint8Array<ArrayBuffer> {
  const quoted = quote ?? encodeIPv4(QUOTED, Uint8Array.of(0x48, 0x69));
  const message = new Uint8Array(8 + quoted.length);
  message.set([type, code]);
  message.set(quoted, 8);
  const checksum = internetChecksum(message) ^ checksumFault;
  message.set([checksum >> 8, checksum & 0xff], 2);
  return message;
}
