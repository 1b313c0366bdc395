/**
 * What is said where a system cannot do what is wanted of it.
 *
 * @module
 */

import { system } from "../../ffi/own.ts";
import type { Capability, System } from "../../ffi/system.ts";
import type { Family } from "../../wire/address.ts";
import { Raw4Error } from "../../wire/errors.ts";

/**
 * This system cannot do that, whoever asks.
 *
 * @category Errors
 */
export class UnsupportedError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "UnsupportedError";
  /** What to do instead. */
  readonly remedy: string;

  /** Makes the error, its message included. */
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Whether ICMP of a family can be sent by raw sockets. */
export function hasRawICMP(family: Family): boolean {
  return family === 4 || system.lacks.rawIPv6 === undefined;
}

/**
 * Asserts that a system can do something, before anything is opened.
 *
 * @throws {UnsupportedError} in a sentence with the reason and a way out
 */
export function requireSupport(
  capability: Capability,
  of: System = system,
): void {
  const lack = of.lacks[capability];
  if (lack === undefined) return;
  throw new UnsupportedError(`${of.name} ${lack[0]}`, lack[1]);
}
