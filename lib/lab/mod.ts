/**
 * Labs: virtual hosts, routers and cables on this machine, in network namespaces.
 * They need `--allow-run=ip,nsenter` and `--allow-ffi`, and root, or a user namespace as
 * `scripts/lab.ts run` makes one.
 *
 * @example
 * ```ts
 * import { Lab, TOPOLOGIES } from "raw4/lab";
 *
 * async function hello() {
 *   await using lab = await Lab.up(TOPOLOGIES.pair);
 *   const [program, ...args] = lab.inside("sender", ["ping", "-c1", "1.1.1.1"]);
 *   await new Deno.Command(program, { args }).output();
 * }
 * ```
 *
 * @module
 */

export { Lab } from "./lab.ts";
export { planLab, TOPOLOGIES } from "./topology/catalogue.ts";
export type {
  HostRole,
  HostSetup,
  Link,
  Port,
  Topology,
  Traits,
} from "./topology/topology.ts";
export type { LabMap, LabMapCable, LabMapHost } from "./topology/lab_map.ts";
export type { ChainOptions, PerNumber } from "./topology/chain_options.ts";
export { Middlebox, type MiddleboxOptions } from "./middlebox/middlebox.ts";
export type { Impairment, ImpairmentCounts } from "./middlebox/impairment.ts";
