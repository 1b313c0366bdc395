/**
 * Virtual hosts on this machine: network namespaces joined by veth cables,
 * built with iproute2.
 *
 * @module
 */

import { LAB_MARK } from "../socket/lab_mark.ts";
import { delay } from "@std/async/delay";
import { disableChecksumOffload } from "../socket/offload.ts";
import { runProgram, tryProgram } from "./command.ts";
import {
  isRunning,
  listNamespaces,
  namespaceName,
  thisProcess,
} from "./names.ts";
import type { Topology } from "./topology.ts";

/** Two seconds, in which the laziest kernel has told its links. */
const SETTLE_TRIES = 200;
const SETTLE_RETRY_MS = 10;

/** A lab that is up. */
export class Lab implements AsyncDisposable {
  /** Its plan. */
  readonly topology: Topology;
  readonly #owner: string | undefined;

  private constructor(topology: Topology, owner: string | undefined) {
    this.topology = topology;
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
    await removeAbandoned();
    const lab = new Lab(topology, stays ? undefined : await thisProcess());
    // Not more than these, or of two at once each would remove the other's.
    const added: string[] = [];
    try {
      await lab.#build(added);
    } catch (error) {
      await remove(added);
      throw error;
    }
    return lab;
  }

  /** The lab of a topology that was put up to stay, if it is up. */
  static async find(topology: Topology): Promise<Lab | undefined> {
    const namespaces = await listNamespaces();
    const isUp = namespaces.some((namespace) =>
      namespace.topology === topology.name && namespace.owner === undefined
    );
    return isUp ? new Lab(topology, undefined) : undefined;
  }

  /** The name of a host's network namespace, as `ip netns` knows it. */
  namespace(host: string): string {
    return namespaceName(this.topology.name, host, this.#owner);
  }

  /** A command that runs `command` inside a host. */
  inside(host: string, command: readonly string[]): string[] {
    return ["nsenter", `--net=/run/netns/${this.namespace(host)}`, ...command];
  }

  /** Removes the lab. */
  async down(): Promise<void> {
    await remove(this.topology.hosts.map((host) => this.namespace(host)));
  }

  /** Removes the lab, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  /** @param added takes the names of the namespaces as they come into being */
  async #build(added: string[]): Promise<void> {
    const { hosts, links } = this.topology;
    for (const host of hosts) {
      await runProgram("ip", ["netns", "add", this.namespace(host)]);
      added.push(this.namespace(host));
      await this.#configure(host, ["link set lo up"]);
      await this.#mark(host);
    }
    // Two ends with the same index would be up only after a second, since the
    // kernel then takes the news of their carrier for less than urgent.
    let index = 2;
    for (const { ends: [a, b] } of links) {
      await this.#configure(a.host, [
        `link add ${a.port.device} index ${index++} type veth peer ` +
        `${b.port.device} index ${index++} netns ${this.namespace(b.host)}`,
      ]);
      for (const { host, port: { device, addresses } } of [a, b]) {
        disableChecksumOffload(device, this.namespace(host));
        await this.#configure(host, [
          // No duplicate address detection: nobody else is there, and the
          // addresses can be used at once.
          ...addresses.map((address) =>
            `address add ${address} dev ${device}` +
            (address.includes(":") ? " nodad" : "")
          ),
          `link set ${device} up`,
        ]);
      }
    }
    await this.#settle();
  }

  /**
   * Waits until every interface knows that it has a carrier, which the kernel
   * tells it a little later. Until then IPv6 is mute.
   */
  async #settle(): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      const links = await Promise.all(
        this.topology.hosts.map((host) =>
          runProgram("ip", ["-netns", this.namespace(host), "link", "show"])
        ),
      );
      if (!links.some((text) => /state (LOWERLAYER)?DOWN/.test(text))) return;
      await delay(SETTLE_RETRY_MS);
    }
  }

  /** Lets whoever runs inside know that it is a lab; kernels before 5.5 cannot. */
  async #mark(host: string): Promise<void> {
    const device = ["-netns", this.namespace(host), "link", "property"];
    const name = ["add", "dev", "lo", "altname", LAB_MARK];
    await tryProgram("ip", [...device, ...name]);
  }

  async #configure(host: string, lines: readonly string[]): Promise<void> {
    const namespace = this.namespace(host);
    const args = ["-netns", namespace, "-batch", "-"];
    await runProgram("ip", args, `${lines.join("\n")}\n`);
  }
}

async function remove(namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) {
    await tryProgram("ip", ["netns", "delete", name]);
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
    await remove([name]);
  }
}
