/**
 * A host of its own, outside of any lab: for what may not get out, and for what
 * labs allow and the world does not.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";

let count = 0;

/** A network namespace that nothing leads out of, gone at the end of the block. */
export class FreshHost implements AsyncDisposable {
  /** Its name, as `ip netns` knows it. */
  readonly namespace: string;

  private constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Makes one, whose loopback interface is up. */
  static async create(): Promise<FreshHost> {
    const host = new FreshHost(`fresh-${Deno.pid}-${count++}`);
    await runProgram("ip", ["netns", "add", host.namespace]);
    await host.ip("link set lo up");
    return host;
  }

  /** Runs `ip` in it. */
  async ip(command: string): Promise<void> {
    await runProgram("ip", ["-n", this.namespace, ...command.split(" ")]);
  }

  /** A command that runs another inside. */
  inside(command: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.namespace, ...command];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runProgram("ip", ["netns", "delete", this.namespace]);
  }
}
