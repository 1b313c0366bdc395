/**
 * The labs that there are, by name.
 *
 * @module
 */

import { chain } from "./chain.ts";
import type { ChainOptions } from "./chain_options.ts";
import { lan } from "./lan.ts";
import { star } from "./star.ts";
import type { Topology } from "./topology.ts";

/** The pair of the protocol-253 demo: 1.1.1.100 sends, 1.1.1.1 receives. */
const pair: Topology = {
  name: "pair",
  description: "two hosts on one cable: sender 1.1.1.100, receiver 1.1.1.1",
  hosts: ["sender", "receiver"],
  links: [{
    ends: [
      {
        host: "sender",
        port: {
          device: "eth0",
          addresses: ["1.1.1.100/24", "2001:db8::100/64"],
        },
      },
      {
        host: "receiver",
        port: { device: "eth0", addresses: ["1.1.1.1/24", "2001:db8::1/64"] },
      },
    ],
  }],
};

/**
 * The topologies that are always the same, by name.
 *
 * @category Labs
 */
export const TOPOLOGIES: Readonly<Record<string, Topology>> = { pair, lan };

/** Labs of any size: what their size is, and which it is if left out. */
const SIZED: Readonly<Record<string, { what: string; size: string }>> = {
  chain: { what: "routers", size: "5" },
  star: { what: "hosts", size: "4" },
};

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
  star: "head 10.9.0.1, which answers for 10.10.0.0/16, and N hosts (4, if " +
    "left out) on a switch; host k is 10.9.0.(10+k)",
};

/**
 * Plans the lab of a name, such as `chain` with the parameter `5`.
 *
 * @category Labs
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
  const sized = Object.hasOwn(SIZED, name) ? SIZED[name] : undefined;
  const [size = sized?.size ?? "", ...others] = sized === undefined
    ? ["", ...parameters]
    : parameters;
  if (others.length > 0) {
    throw new RangeError(
      `${name} takes no ${JSON.stringify(others.join(" "))}; ` +
        "a command to run stands after --",
    );
  }
  if (sized !== undefined && !/^\d+$/.test(size)) {
    throw new RangeError(
      `a ${name}'s number of ${sized.what} must be a whole number, but is ${
        JSON.stringify(size)
      }`,
    );
  }
  if (name === "chain") return chain(Number(size), options);
  const [option] = Object.keys(options);
  if (option === undefined) {
    return name === "star" ? star(Number(size)) : TOPOLOGIES[name];
  }
  throw new RangeError(`${name} has no routers that could be ${option}`);
}
