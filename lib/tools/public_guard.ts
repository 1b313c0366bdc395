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
