/**
 * The public hosts of a ping: their requests together are what leaves.
 *
 * @module
 */

import { checkFlood } from "../../socket/public_guard.ts";
import { addressScope } from "../../wire/address_scope.ts";
import { withoutZone } from "../../wire/zone.ts";
import { DEFAULT_CONCURRENCY } from "./ping_target.ts";
import type { MultipingOptions } from "./ping_types.ts";

/** How often hosts are pinged, and how many at a time. */
type HostsPace =
  & MultipingOptions
  & Required<Pick<MultipingOptions, "count" | "intervalMs">>;

/** Counts them, however often each is listed. */
export class PublicHosts {
  readonly #pace: HostsPace;
  #count = 0;

  constructor(pace: HostsPace) {
    this.#pace = pace;
  }

  /**
   * Adds hosts, if they are public.
   *
   * @throws {RangeError} if all of them together get more than a person needs,
   * and it was not said that this is meant
   */
  add(addresses: readonly string[]): void {
    const found = addresses.map(withoutZone)
      .filter((address) => addressScope(address) === "public");
    this.#count += found.length;
    const ranges = found.map((address) => [address, address] as const);
    checkFlood(ranges, this.#perSecond, this.#pace);
  }

  /** Requests within a second, at most. */
  get #perSecond(): number {
    const { count, intervalMs, concurrency = DEFAULT_CONCURRENCY } = this.#pace;
    const all = this.#count * count;
    // Those that take turns keep no pace together.
    return this.#count > concurrency
      ? all
      : Math.min(all, this.#count * 1000 / intervalMs);
  }
}
