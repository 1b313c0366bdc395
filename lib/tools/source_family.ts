/**
 * What the address to send from says of those to send to.
 *
 * @module
 */

import { type Family, familyOf, isIPv6 } from "../wire/address.ts";
import { withoutZone } from "../wire/zone.ts";

/**
 * The family that hosts must be of: that of the address to send from.
 *
 * @param source an address of this host, if it is to be a certain one
 * @param family the family that was asked for, if any
 * @returns `undefined` if either will do
 * @throws {RangeError} if `source` is no address, or of another family
 */
export function sourceFamily(
  source: string | undefined,
  family?: Family,
): Family | undefined {
  if (source === undefined) return family;
  const own = isIPv6(withoutZone(source)) ? 6 : familyOf(source);
  if (own === undefined) {
    throw new RangeError(`source is no address: ${JSON.stringify(source)}`);
  }
  if (family === undefined || family === own) return own;
  throw new RangeError(`cannot send from ${source} over IPv${family}`);
}
