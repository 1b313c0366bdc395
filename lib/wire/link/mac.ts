/**
 * Link-layer addresses of six octets, as text and as octets.
 *
 * The parser is strict: six pairs of hexadecimal digits between colons. What
 * it cannot parse throws a {@linkcode RangeError} that quotes it.
 *
 * @module
 */

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/**
 * Octets of an address.
 *
 * @category Links
 */
export const MAC_LENGTH = 6;

/**
 * Parses an address such as `02:00:00:00:00:01`.
 *
 * @category Links
 * @returns six octets
 * @throws {RangeError} if `text` is not six pairs of hexadecimal digits
 *
 * @example
 * ```ts
 * import { parseMAC } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseMAC("02:00:5e:00:53:01").toHex(), "02005e005301");
 * ```
 */
export function parseMAC(text: string): Uint8Array<ArrayBuffer> {
  if (MAC.test(text)) return Uint8Array.fromHex(text.replaceAll(":", ""));
  throw new RangeError(
    `not a MAC address: ${JSON.stringify(text.slice(0, 60))} ` +
      "(wanted: six pairs of hexadecimal digits, such as 02:00:00:00:00:01)",
  );
}

/** The digits of every octet. */
const DIGITS = Array.from(
  { length: 256 },
  (_, octet) => octet.toString(16).padStart(2, "0"),
);

/**
 * Writes six octets as an address, in lower case.
 *
 * @category Links
 * @param octets six octets from `offset` on
 *
 * @example
 * ```ts
 * import { formatMAC } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatMAC(Uint8Array.of(2, 0, 0, 0, 0, 1)), "02:00:00:00:00:01");
 * ```
 */
export function formatMAC(octets: Uint8Array, offset = 0): string {
  return `${DIGITS[octets[offset]]}:${DIGITS[octets[offset + 1]]}:${
    DIGITS[octets[offset + 2]]
  }:${DIGITS[octets[offset + 3]]}:${DIGITS[octets[offset + 4]]}:${
    DIGITS[octets[offset + 5]]
  }`;
}

/** A link-layer address of any length: pairs of digits between colons. */
export function linkAddressText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => DIGITS[octet]).join(":");
}
