/**
 * Sweeps between the hosts of a lab, where a test can answer as it likes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology.ts";
import {
  buildPacket,
  decodeIPv4,
  internetChecksum,
  ipv4,
  RawSocket,
  sweep,
} from "../../mod.ts";
import { liveTest } from "./live.ts";

await liveTest(
  "sweep finds the neighbour, and not the silent ones",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const namespace = lab.namespace("sender");
    for (
      const [range, address] of [
        ["1.1.1.0-1.1.1.9", "1.1.1.1"],
        ["2001:db8::/124", "2001:db8::1"],
      ]
    ) {
      const alive: string[] = [];
      const sweeping = sweep([range], {
        namespace,
        waitMs: 300,
        rate: Infinity,
      });
      for await (const event of sweeping) {
        if (event.type === "alive") alive.push(event.address);
      }
      assertEquals(alive, [address]);
      assertEquals((await sweeping.result).refused, 0);
    }
  },
);

await liveTest("sweep() refuses forged replies", ["lab"], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const namespace = lab.namespace("sender");
  const receiver = lab.namespace("receiver");
  await runProgram("ip", [
    "netns",
    "exec",
    receiver,
    "sysctl",
    "-qw",
    "net.ipv4.icmp_echo_ignore_all=1",
  ]);
  using inbox = RawSocket.open({ namespace: receiver, protocol: 1 });
  using outbox = RawSocket.open({
    namespace: receiver,
    protocol: 255,
    headerIncluded: true,
  });
  const answer = (source: string, message: Uint8Array, change?: number) => {
    const bytes = message.slice();
    bytes[0] = 0;
    if (change !== undefined) bytes[change] ^= 1;
    bytes.fill(0, 2, 4);
    new DataView(bytes.buffer).setUint16(2, internetChecksum(bytes));
    const fields = { source, destination: "1.1.1.100", protocol: 1 };
    outbox.send(buildPacket(ipv4(fields), bytes), "1.1.1.100");
  };
  let earlier: Uint8Array | undefined;
  for (const wanted of [{ alive: 1, refused: 5 }, { alive: 1, refused: 6 }]) {
    // Its neighbour is silent, so the sweep lasts until all have come.
    const sweeping = sweep(["1.1.1.1", "1.1.1.7"], { namespace, waitMs: 500 });
    const { result } = sweeping;
    const { bytes } = await inbox.receive({ timeoutMs: 5000 });
    const { payload: request } = decodeIPv4(bytes);
    answer("1.1.1.8", request);
    answer("1.1.1.7", request);
    for (const octet of [11, 15, 30]) answer("1.1.1.1", request, octet);
    if (earlier !== undefined) answer("1.1.1.1", earlier);
    answer("1.1.1.1", request);
    answer("1.1.1.1", request);
    earlier = request;
    const { alive, refused } = await result;
    // An earlier run had another identifier, which the kernel's filter knows.
    assertEquals(alive, wanted.alive);
    assert(refused === 5 || refused === wanted.refused);
  }
});
