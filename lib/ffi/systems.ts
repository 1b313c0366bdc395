/**
 * The systems that raw4 knows.
 *
 * @module
 */

import { system as darwin } from "./darwin/system.ts";
import { system as linux } from "./linux/system.ts";
import type { System } from "./system.ts";
import { system as windows } from "./windows/system.ts";

/** By what Deno calls them. */
export const SYSTEMS = { linux, windows, darwin } as const;

/** The one that Deno calls so; `undefined` if raw4 does not know it. */
export function systemCalled(os: string): System | undefined {
  return (SYSTEMS as Partial<Record<string, System>>)[os];
}
