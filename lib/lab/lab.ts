/**
 * Virtual hosts on this machine: network namespaces joined by veth cables,
 * built with iproute2.
 *
 * @module
 */

import { Middlebox, type MiddleboxOptions } from "../tools/middlebox.ts";
import { build } from "./build.ts";
import {
  isRunning,
  listNamespaces,
  namespaceName,
  thisNamespace,
  thisProcess,
} from "./names.ts";
import { endProcesses, inNamespace, removeNamespaces } from "./namespaces.ts";
import { MIDDLEBOXES, type Topology } from "./topology.ts";

/** A lab that is up. */
export class Lab implements AsyncDisposable {
  /** Its topology's name. */
  readonly name: string;
  /** Its hosts' names. */
  readonly hosts: readonly string[];
  readonly #owner: string | undefined;
  /** Those in which this process stands. */
  #middleboxes: readonly Middlebox[] = [];

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
   * @param options `stays`: its names are not this process's, and there is one
   * of its kind; default false. `standIn`: starts whatever stands in its
   * cables; default this process does, as long as it runs
   * @throws {LabError} if it cannot be built; what was built is removed again
   */
  static async up(
    topology: Topology,
    { stays = false, standIn }: {
      stays?: boolean;
      standIn?: (lab: Lab) => Promise<void>;
    } = {},
  ): Promise<Lab> {
    const { name, hosts } = topology;
    await removeAbandoned();
    const owner = stays ? undefined : await thisProcess();
    const lab = new Lab(name, hosts, owner);
    await build(topology, (host) => lab.namespace(host));
    const { middleboxes = [] } = topology;
    if (middleboxes.length === 0) return lab;
    try {
      if (standIn === undefined) lab.#standIn(middleboxes);
      else await standIn(lab);
      return lab;
    } catch (error) {
      await lab.down();
      throw error;
    }
  }

  /** The lab of a name that was put up to stay, if it is up. */
  static find(name: string): Promise<Lab | undefined> {
    return Lab.#find(name, undefined);
  }

  /** The lab of a name in one of whose hosts this process runs, if any. */
  static async around(name: string): Promise<Lab | undefined> {
    const here = await thisNamespace();
    return here?.topology === name ? Lab.#find(name, here.owner) : undefined;
  }

  static async #find(
    name: string,
    owner: string | undefined,
  ): Promise<Lab | undefined> {
    const hosts = (await listNamespaces())
      .filter((host) => host.topology === name && host.owner === owner)
      .map(({ host }) => host);
    return hosts.length > 0 ? new Lab(name, hosts, owner) : undefined;
  }

  /** The middleboxes in its cables, if they are this process's. */
  get middleboxes(): readonly Middlebox[] {
    return this.#middleboxes;
  }

  /** The name of a host's network namespace, as `ip netns` knows it. */
  namespace(host: string): string {
    return namespaceName(this.name, host, this.#owner);
  }

  /** A command that runs `command` inside a host. */
  inside(host: string, command: readonly string[]): string[] {
    return inNamespace(this.namespace(host), command);
  }

  /** Tells whatever still runs in it to end. */
  async endProcesses(): Promise<void> {
    await Promise.all(
      this.hosts.map((host) => endProcesses(this.namespace(host), "TERM")),
    );
  }

  /** Removes the lab. Another process in its cables ends without them. */
  async down(): Promise<void> {
    for (const box of this.#middleboxes) box.close();
    await removeNamespaces(this.hosts.map((host) => this.namespace(host)));
  }

  #standIn(middleboxes: readonly MiddleboxOptions[]): void {
    const namespace = this.namespace(MIDDLEBOXES);
    this.#middleboxes = middleboxes.map((options) =>
      Middlebox.open({ ...options, namespace })
    );
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
    await endProcesses(name, "KILL");
    await removeNamespaces([name]);
  }
}
