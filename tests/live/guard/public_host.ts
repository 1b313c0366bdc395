/**
 * A host whose way to public addresses leads nowhere, and is counted.
 *
 * @module
 */

import { tryProgram } from "../../../lib/lab/command.ts";
import { FreshHost } from "../fresh_host.ts";
import { type Finished, run } from "../live.ts";
import { eventually } from "../pair/pair_process.ts";

/** What everything here needs. */
export const GUARD_NEEDS = ["lab", "ping", "tcpdump", "init-root"];

/** The address of the host, in a network that has no other. */
export const OWN = "192.168.7.1";
export const NEIGHBOUR = "192.168.7.2";
export const BROADCAST = "192.168.7.255";
/** Who is pinged when all is over. */
const MARKER = "192.168.7.250";

/**
 * A fresh host with one interface, which takes all that is sent, and drops it:
 * no packet of such a test could get out of it, whatever it is that fails.
 */
export class PublicHost implements AsyncDisposable {
  readonly #host: FreshHost;

  private constructor(host: FreshHost) {
    this.#host = host;
  }

  static async create(): Promise<PublicHost> {
    const host = await FreshHost.create();
    try {
      await host.ip("link add out type veth peer name nowhere");
      await host.ip("link set nowhere up");
      // Nobody is asked for: whatever it is for, it leaves.
      await host.ip("link set out arp off");
      await host.ip(`address add ${OWN}/24 brd + dev out`);
      await host.ip("address add 2001:db8::1/64 dev out nodad");
      await host.ip("link set out up");
      const somebody = "lladdr 02:00:00:00:00:02 dev out nud permanent";
      await host.ip(`neighbour add 9.9.9.9 ${somebody}`);
      await host.ip("route add default dev out");
      await host.ip("-6 route add default dev out");
      return new PublicHost(host);
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a command inside, and tells when packets left, in seconds. */
  async watch(
    command: readonly string[],
    options: { readonly input?: string } = {},
  ): Promise<Finished & { readonly leftAt: number[] }> {
    const file = await Deno.makeTempFile({ suffix: ".pcap" });
    const [program, ...args] = this.#host.inside([
      ...["tcpdump", "-Z", "root", "-U", "--immediate-mode", "-s", "128"],
      ...["-i", "out", "-w", file],
      // Deno itself asks for names.
      "(net 9.9.9.0/24 or net 192.168.7.0/24 or host 2606:4700::1111) and " +
      "not port 53",
    ]);
    await using dump = new Deno.Command(program, {
      args,
      stdin: "null",
      stderr: "piped",
    }).spawn();
    try {
      const said = dump.stderr.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; !text.includes("listening on");) {
        text += (await said.read()).value;
      }
      const finished = await run(this.#host.inside(command), options);
      // When this is seen, so is all that left before.
      const marker = ["ping", "-c", "1", "-W", "0.1", MARKER];
      await run(this.#host.inside(marker));
      let lines: string[] = [];
      await eventually("tcpdump has seen all", async () => {
        // The last packet may not be whole yet.
        const text = await tryProgram("tcpdump", ["-ttnr", file]) ?? "";
        lines = text.split("\n").filter((line) => line !== "");
        return lines.at(-1)?.includes(MARKER) ?? false;
      });
      dump.kill("SIGKILL");
      await dump.status;
      await said.cancel();
      const leftAt = lines.slice(0, -1).map((line) => parseFloat(line));
      return { ...finished, leftAt };
    } finally {
      await Deno.remove(file);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#host[Symbol.asyncDispose]();
  }
}

/**
 * As many as left within so many seconds. Less than the guard's, for what has
 * passed it may be kept from leaving at once by what else the machine does.
 */
export function mostWithin(
  seconds: number,
  moments: readonly number[],
): number {
  let most = 0;
  for (const [i, start] of moments.entries()) {
    const end = moments.findIndex((moment) => moment >= start + seconds);
    most = Math.max(most, (end < 0 ? moments.length : end) - i);
  }
  return most;
}
