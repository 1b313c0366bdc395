/**
 * What may not go to just anybody: forged packets, and floods.
 *
 * @module
 */

import { isInLab } from "../socket/lab_mark.ts";
import { addressScope } from "../wire/address_scope.ts";

/** A range of addresses, the first and the last. */
export type AddressRange = readonly [first: string, last: string];

/** Where from, and whether it was said that it is meant. */
export interface PublicGuardOptions {
  /** Whether public addresses are meant; default false. */
  readonly allowPublic?: boolean;
  /** The network namespace that is sent from; default this process's. */
  readonly namespace?: string;
}

/**
 * More packets within a second than these no person needs, but for networks of
 * their own: fping sends no more either, unless it is told to.
 */
const PERSONAL_RATE = 100;

/**
 * Asserts that no flood goes to public addresses.
 *
 * @param perSecond packets that leave within a second, at most
 * @throws {RangeError} if they are more than 100, and it was not said that this
 * is meant
 */
export function checkFlood(
  ranges: Iterable<AddressRange>,
  perSecond: number,
  options: PublicGuardOptions,
): void {
  if (perSecond <= PERSONAL_RATE) return;
  const range = forbiddenRange(ranges, options);
  if (range === undefined) return;
  const [first, last] = range;
  const much = perSecond === Infinity
    ? "as fast as it goes is"
    : `${Math.ceil(perSecond)} packets a second are`;
  throw new RangeError(
    `${much} more than a person needs, and ` +
      `${first === last ? first : `${first}-${last}`} is public: keep to ` +
      `${PERSONAL_RATE}, or allowPublic, if it is yours to flood`,
  );
}

/**
 * The first of some ranges that reaches public addresses; none if that is
 * meant, or nothing leads out of here since it is a lab.
 */
export function forbiddenRange(
  ranges: Iterable<AddressRange>,
  { allowPublic = false, namespace }: PublicGuardOptions,
): AddressRange | undefined {
  if (allowPublic) return undefined;
  for (const range of ranges) {
    if (addressScope(...range) !== "public") continue;
    return isInLab(namespace) ? undefined : range;
  }
}
