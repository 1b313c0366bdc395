/** ping and sweep on macOS: on the shim, in labs. */

import { assertEquals, assertMatch } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { lines } from "../pair/pair_process.ts";
import { RECEIVER, RECEIVER6, SENDER } from "../socket/socket_support.ts";

const KINDS = [[], ["--unprivileged"]];

/** What a run of ping says, without its times. */
function withoutTimes(stdout: string): string {
  return stdout.replace(/(time[= ])[\d.]+ ?ms/g, "$1… ms")
    .replace(/= [\d./]+ ms/, "= … ms");
}

await liveTest(
  "ping says on macOS what it says on Linux, raw or not, of both families",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(TOPOLOGIES.pair);
    for (
      const address of [[RECEIVER], [RECEIVER6], ["localhost"], [
        RECEIVER,
        "-I",
        "eth0",
      ]]
    ) {
      for (const kind of KINDS) {
        const args = ["-c", "3", "-i", "0.2", ...address, ...kind];
        const onMac = mac.script("ping", ...args);
        const { code, stdout, stderr } = await run(lab.inside("sender", onMac));
        assertEquals([code, stderr], [0, ""], `${args}`);
        const onLinux = script(
          "ping",
          ...args.filter((arg) => arg !== kind[0]),
        );
        const linux = await run(lab.inside("sender", onLinux));
        assertEquals(withoutTimes(stdout), withoutTimes(linux.stdout));
        assertMatch(stdout, /\n3 packets transmitted, 3 received, 0% /);
      }
    }
  },
);

await liveTest(
  "ping's sockets on macOS are told of errors about their own echoes",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(chain(2));
    for (
      const [target, router, said] of [
        ["10.9.3.2", "10.9.2.2", "Time to live exceeded"],
        ["2001:db8:9:3::2", "2001:db8:9:2::2", "Time exceeded: Hop limit"],
      ]
    ) {
      for (const kind of KINDS) {
        const args = ["-c", "1", "-t", "2", "-W", "5", target, ...kind];
        const command = lab.inside("host", mac.script("ping", ...args));
        const { code, stdout } = await run(command);
        assertEquals(code, 1);
        assertEquals(lines(stdout)[1], `From ${router} icmp_seq=1 ${said}`);
      }
    }
  },
);

await liveTest(
  "of all the echoes of a host each of macOS' ping sockets takes its own",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const args = ["-c", "20", "-i", "0.01", "--json", "--unprivileged"];
    const command = mac.script("ping", ...args, RECEIVER);
    const runs = [1, 2, 3].map(() => run(lab.inside("sender", command)));
    for (const { code, stdout } of await Promise.all(runs)) {
      assertEquals(code, 0);
      const host = JSON.parse(lines(stdout).at(-1)!);
      const { packetsReceived, duplicates, errors, refused } = host;
      assertEquals([packetsReceived, duplicates, errors], [20, 0, []]);
      assertEquals(new Set(Object.values(refused)), new Set([0]));
    }
  },
);

await liveTest(
  "sweep finds the same hosts on macOS, and knows of no dropped packets",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const args = ["--allow-public", "--json", "1.1.1.0/24"];
    const found = await Promise.all(
      [mac.script("sweep", ...args), script("sweep", ...args)]
        .map(async (command) => {
          const { code, stdout } = await run(lab.inside("sender", command));
          const events = lines(stdout).map((line) => JSON.parse(line));
          const alive = events.filter(({ type }) => type === "alive")
            .map(({ address }) => address).sort();
          const failed = events.filter(({ type }) => type === "failed")
            .map(({ timestamp: _, ...event }) => event);
          const { sent, unsent, dropped } = events.at(-1);
          return { code, alive, failed, sent, unsent, dropped };
        }),
    );
    const [onMac, onLinux] = found;
    assertEquals(onMac, { ...onLinux, dropped: undefined });
    assertEquals([onLinux.alive, onLinux.dropped], [[RECEIVER, SENDER], 0]);
    // The broadcast address of their network.
    assertEquals(onMac.failed.map(({ address }) => address), ["1.1.1.255"]);
  },
);

await liveTest(
  "an ordinary user of macOS may ping, and is told of sudo for the rest",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const asUser = (...command: string[]) =>
      run(lab.inside("sender", ["env", "SHIM_IS_USER=1", ...command]));
    const pinging = mac.script("ping", "-c", "2", "-i", "0.2", RECEIVER);
    const { code, stdout, stderr } = await asUser(...pinging);
    assertMatch(stdout, /\n2 packets transmitted, 2 received, 0% /);
    assertEquals([code, stderr], [
      0,
      "ping: no raw socket, so macOS itself sends the requests\n",
    ]);
    const sending = await asUser(...mac.script("send", RECEIVER, "Hi"));
    assertEquals(sending.code, 3);
    assertEquals(
      unwrapped(sending.stderr),
      "send: cannot open a raw socket for protocol 253: Operation not " +
        "permitted (socket: EPERM) Raw sockets need root: run it with " +
        "`sudo`. Only ping can do without.",
    );
  },
);
