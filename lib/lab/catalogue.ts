/**
 * The labs that there are, by name.
 *
 * @module
 */

import { chain } from "./chain.ts";
import type { ChainOptions } from "./chain_options.ts";
import { TOPOLOGIES, type Topology } from "./topology.ts";

const DEFAULT_ROUTERS = 5;

/** The names that {@linkcode planLab} knows, with what each lab is. */
export const LABS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values(TOPOLOGIES).map(({ name, description }) => [
      name,
      description,
    ]),
  ),
  chain: "host 10.9.1.1, N routers (5, if left out) and a target, " +
    "10.9.(N+1).2; router k is 10.9.k.2",
};

/**
 * Plans the lab of a name, such as `chain` with the parameter `5`.
 *
 * @param options what its routers are like, in a chain
 * @throws {RangeError} if there is none, or it is not to be had like that
 */
export function planLab(
  name: string,
  parameters: readonly string[],
  options: ChainOptions,
): Topology {
  if (!Object.hasOwn(LABS, name)) {
    throw new RangeError(
      `there is no lab ${JSON.stringify(name)}, but ` +
        `${Object.keys(LABS).join(", ")}; a command to run stands after --`,
    );
  }
  const isChain = name === "chain";
  const [routers = `${DEFAULT_ROUTERS}`, ...others] = isChain
    ? parameters
    : ["0", ...parameters];
  if (others.length > 0) {
    throw new RangeError(
      `${name} takes no ${JSON.stringify(others.join(" "))}; ` +
        "a command to run stands after --",
    );
  }
  if (isChain && !/^\d+$/.test(routers)) {
    throw new RangeError(
      `a chain's number of routers must be a whole number, but is ${
        JSON.stringify(routers)
      }`,
    );
  }
  if (isChain) return chain(Number(routers), options);
  const [option] = Object.keys(options);
  if (option === undefined) return TOPOLOGIES[name];
  throw new RangeError(`${name} has no routers that could be ${option}`);
}
