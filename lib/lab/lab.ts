/**
 * Virtual hosts on this machine: network namespaces joined by veth cables,
 * built with iproute2.
 *
 * @module
 */

import { Middlebox, type MiddleboxOptions } from "./middlebox/middlebox.ts";
import { listFolder } from "../socket/kernel/kernel_file.ts";
import { requireSupport } from "../socket/system/support.ts";
import { removeAbandoned } from "./abandoned.ts";
import { build } from "./build.ts";
import { HOST_FOLDERS, removeHostFolders } from "./host_folder.ts";
import {
  joinable,
  listNamespaces,
  type LivingNamespace,
  namespaceName,
  thisNamespace,
} from "./names.ts";
import { endProcesses, inNamespace, removeNamespaces } from "./namespaces.ts";
import { isRunning, thisProcess } from "./process.ts";
import { MIDDLEBOXES, type Topology } from "./topology/topology.ts";

/**
 * A lab that is up.
 *
 * @category Labs
 */
export class Lab implements AsyncDisposable {
  /** Its topology's name. */
  readonly name: string;
  /** Its hosts' names. */
  readonly hosts: readonly string[];
  /** Its plan; absent where another process has put it up. */
  readonly topology: Topology | undefined;
  readonly #owner: string | undefined;
  /** Those in which this process stands. */
  #middleboxes: readonly Middlebox[] = [];

  private constructor(
    name: string,
    hosts: readonly string[],
    owner: string | undefined,
    topology?: Topology,
  ) {
    this.name = name;
    this.hosts = hosts;
    this.#owner = owner;
    this.topology = topology;
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
    requireSupport("labs");
    const { name, hosts } = topology;
    await removeAbandoned();
    const owner = stays ? undefined : thisProcess();
    const lab = new Lab(name, hosts, owner, topology);
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

  /**
   * The lab of a name that was put up to stay, if it is up.
   *
   * @throws {RangeError} while another process puts it up or takes it down
   */
  static find(name: string): Promise<Lab | undefined> {
    return Lab.#find(({ topology, owner, life }) =>
      topology === name && owner === undefined && life !== "abandoned"
    );
  }

  /**
   * The lab of a name of another run, that commands may join, if there is one.
   *
   * @param size how many hosts it has to have, if that matters
   */
  static async joinable(
    name: string,
    size?: number,
  ): Promise<Lab | undefined> {
    const namespaces = joinable(
      await listNamespaces(),
      listFolder(HOST_FOLDERS),
      name,
      size,
    );
    if (namespaces.length === 0) return undefined;
    const hosts = namespaces.map(({ host }) => host);
    return new Lab(name, hosts, namespaces[0].owner);
  }

  /** The lab of a name in one of whose hosts this process runs, if any. */
  static async around(name: string): Promise<Lab | undefined> {
    const here = await thisNamespace();
    if (here?.topology !== name) return undefined;
    return await Lab.#find(({ topology, owner }) =>
      topology === name && owner === here.owner
    );
  }

  static async #find(
    isIn: (namespace: LivingNamespace) => boolean,
  ): Promise<Lab | undefined> {
    const namespaces = (await listNamespaces()).filter(isIn);
    if (namespaces.length === 0) return undefined;
    const [{ topology, owner }] = namespaces;
    if (namespaces.some(({ life }) => life === "changing")) {
      throw new RangeError(
        `the lab ${topology} is being put up or taken down just now`,
      );
    }
    return new Lab(topology, namespaces.map(({ host }) => host), owner);
  }

  /** The id of the process that it ends with, if it does not stay. */
  get process(): number | undefined {
    return this.#owner === undefined ? undefined : parseInt(this.#owner);
  }

  /** Whether its process has ended, or is about to: nobody joins any more. */
  hasEnded(): boolean {
    const folders = listFolder(HOST_FOLDERS);
    return this.#owner !== undefined && !isRunning(this.#owner) ||
      !this.hosts.some((host) => folders.includes(this.namespace(host)));
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
    // Deno would ask the host's network whether there is a newer one.
    const quiet = ["/usr/bin/env", "DENO_NO_UPDATE_CHECK=1"];
    // Which env takes for one more variable, nsenter does not.
    const plain = command[0]?.includes("=") ? ["nsenter"] : [];
    return inNamespace(this.namespace(host), [...quiet, ...plain, ...command]);
  }

  /** Ends whatever still runs in it, and lets nobody join any more. */
  async endProcesses(): Promise<void> {
    const namespaces = this.hosts.map((host) => this.namespace(host));
    await removeHostFolders(namespaces);
    await endProcesses(namespaces, "TERM");
  }

  /** Removes the lab, and ends whoever stands in its cables. */
  async down(): Promise<void> {
    for (const box of this.#middleboxes) box.close();
    if (this.hosts.includes(MIDDLEBOXES)) {
      await endProcesses([this.namespace(MIDDLEBOXES)], "TERM");
    }
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
