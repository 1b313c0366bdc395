/**
 * Virtual hosts on this machine: network namespaces joined by veth cables,
 * built with iproute2.
 *
 * @module
 */

import { build } from "./build.ts";
import { tryProgram } from "./command.ts";
import {
  isRunning,
  listNamespaces,
  namespaceName,
  thisProcess,
} from "./names.ts";
import { inNamespace, removeNamespaces } from "./namespaces.ts";
import type { Topology } from "./topology.ts";

/** A lab that is up. */
export class Lab implements AsyncDisposable {
  /** Its topology's name. */
  readonly name: string;
  /** Its hosts' names. */
  readonly hosts: readonly string[];
  readonly #owner: string | undefined;

  private constructor(
    name: string,
    hosts: readonly string[],
    owner: string | undefined,
  ) {
    this.name = name;
    this.hosts = hosts;
    this.#owner = owner;
  }

  /**
   * Builds a lab, after removing what runs that were killed have left behind.
   * Needs root, or to be inside `unshare --user`.
   *
   * @param options `stays`: it outlives this process, and there is one of its
   * kind; default false
   * @throws {LabError} if it cannot be built; what was built is removed again
   */
  static async up(
    topology: Topology,
    { stays = false }: { stays?: boolean } = {},
  ): Promise<Lab> {
    const { name, hosts } = topology;
    await removeAbandoned();
    const owner = stays ? undefined : await thisProcess();
    const lab = new Lab(name, hosts, owner);
    await build(topology, (host) => lab.namespace(host));
    return lab;
  }

  /** The lab of a name that was put up to stay, if it is up. */
  static async find(name: string): Promise<Lab | undefined> {
    const hosts = (await listNamespaces())
      .filter(({ topology, owner }) => topology === name && !owner)
      .map(({ host }) => host);
    return hosts.length > 0 ? new Lab(name, hosts, undefined) : undefined;
  }

  /** The name of a host's network namespace, as `ip netns` knows it. */
  namespace(host: string): string {
    return namespaceName(this.name, host, this.#owner);
  }

  /** A command that runs `command` inside a host. */
  inside(host: string, command: readonly string[]): string[] {
    return inNamespace(this.namespace(host), command);
  }

  /** Removes the lab. */
  async down(): Promise<void> {
    await removeNamespaces(this.hosts.map((host) => this.namespace(host)));
  }

  /** Removes the lab, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }
}

/** Removes the labs of runs that were killed, and what still runs in them. */
async function removeAbandoned(): Promise<void> {
  for (const { name, owner } of await listNamespaces()) {
    if (owner === undefined || await isRunning(owner)) continue;
    const pids = await tryProgram("ip", ["netns", "pids", name]) ?? "";
    for (const pid of pids.split("\n").filter(Boolean)) {
      // A shell would not end for less.
      await tryProgram("kill", ["-KILL", pid]);
    }
    await removeNamespaces([name]);
  }
}
