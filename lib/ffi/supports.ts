/**
 * What this system can do, as {@linkcode CAPABILITIES} name it. What is not to
 * be had is said by `requireSupport` in a sentence, or left out.
 *
 * @module
 */

import { system } from "./own.ts";
import { CAPABILITIES, type Capability } from "./system.ts";

/** What this system can do. */
export const supports = Object.fromEntries(
  CAPABILITIES.map((name) => [name, !(name in system.lacks)]),
) as Readonly<Record<Capability, boolean>>;

/**
 * Asserts that this is the system that a bundle was made for: its sockets are
 * called as that system has them, and another's would take that for something
 * else.
 *
 * @throws {Deno.errors.NotSupported} if not: it says which to take
 */
export function requireOwnSystem(): void {
  const { os } = Deno.build;
  if (os === system.os) return;
  throw new Deno.errors.NotSupported(
    `this bundle is ${system.name}'s, and this is ${os}: its own are in ` +
      (os === "linux" ? "dist" : `dist/${os}`),
  );
}
