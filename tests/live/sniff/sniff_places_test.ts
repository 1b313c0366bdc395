/** Sniffing in several hosts at once: one order, told by the kernel's clock. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { labMap } from "../../../lib/lab/topology/lab_map.ts";
import { lan } from "../../../lib/lab/topology/lan.ts";
import {
  buildPacket,
  dissect,
  ethernet,
  headersOf,
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
  PacketSocket,
  sniff,
  SocketError,
} from "../../../mod.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";

const COUNT = 20;

await liveTest(
  "several hosts are told in the order in which a packet crossed them",
  [
    "lab",
    "ping",
  ],
  async () => {
    await using lab = await Lab.up(chain(2));
    const places = labMap(lab)!.hosts.toReversed()
      .map(({ name, namespace }) => ({ name, namespace }));
    const each = 2 * (2 + 2 * 2);
    const sniffing = sniff({
      places,
      filter: { protocol: 1 },
      count: COUNT * each,
      timeoutMs: 20_000,
    });
    const seen: string[] = [];
    let last = 0n;
    for await (const event of sniffing) {
      if (event.type === "opened") {
        assertEquals(event.linkType, LINK_TYPE_LINUX_SLL2);
        const ping = ["ping", "-i", "0.002", "-c", `${COUNT}`, "10.9.3.2"];
        run(lab.inside("host", ping));
      }
      if (event.type !== "packet") continue;
      const { frame: { bytes, linkType, timestampNs, direction }, device } =
        event;
      assert(timestampNs >= last, "out of order");
      last = timestampNs;
      const { ipv4, icmpv4 } = headersOf(dissect(bytes, { linkType }));
      const way = direction === "outgoing" ? ">" : "<";
      seen.push(`${icmpv4?.kind} ${way} ${device} ${ipv4?.ttl}`);
    }
    const path = [
      ...["> host/eth0 64", "< router1/eth0 64", "> router1/eth1 63"],
      ...["< router2/eth0 63", "> router2/eth1 62", "< target/eth0 62"],
    ];
    const back = [
      ...["> target/eth0 64", "< router2/eth1 64", "> router2/eth0 63"],
      ...["< router1/eth1 63", "> router1/eth0 62", "< host/eth0 62"],
    ];
    const once = [
      ...path.map((step) => `echoRequest ${step}`),
      ...back.map((step) => `echoReply ${step}`),
    ];
    assertEquals(seen, Array.from({ length: COUNT }, () => once).flat());
    assertEquals((await sniffing.result).dropped, 0);
  },
);

await liveTest("sniff.ts listens on each interface in each namespace", [
  "lab",
  "ping",
], async () => {
  await using lab = await Lab.up(chain(1));
  const [host, target] = ["host", "target"].map((name) => lab.namespace(name));
  const file = await Deno.makeTempFile({ suffix: ".pcapng" });
  const permissions = ["--allow-ffi", `--allow-write=${file}`];
  await using sniffing = new Process([
    ...[Deno.execPath(), "run", ...permissions, `${ROOT}scripts/sniff.ts`],
    ...["--namespace", host, "--namespace", target, "-I", "eth0", "--json"],
    ...["--not-host", "10.9.1.2", "--not-protocol", "2", "--protocol", "icmp"],
    ...["-c", "4", "--write", file],
  ]);
  await sniffing.until('"type":"opened"');
  // The router is excluded, though it answers.
  await run(lab.inside("host", ["ping", "-c", "1", "10.9.1.2"]));
  await run(lab.inside("host", ["ping", "-c", "1", "10.9.2.2"]));
  await sniffing.until('"type":"summary"');
  const { code, stdout, stderr } = await sniffing.end();
  assertEquals(code, 0, stderr);
  const packets = lines(stdout).map((line) => JSON.parse(line))
    .filter(({ type }) => type === "packet");
  assertEquals(
    packets.map(({ device, direction, linkType }) =>
      [device, direction, linkType].join(" ")
    ),
    [
      `${host}/eth0 outgoing ${LINK_TYPE_ETHERNET}`,
      `${target}/eth0 host ${LINK_TYPE_ETHERNET}`,
      `${target}/eth0 outgoing ${LINK_TYPE_ETHERNET}`,
      `${host}/eth0 host ${LINK_TYPE_ETHERNET}`,
    ],
  );
  const dissected = await run(script("dissect", "--json", file));
  assertEquals(
    lines(dissected.stdout).map((line) => JSON.parse(line).device),
    packets.map(({ device }) => device),
  );
  await Deno.remove(file);
});

await liveTest("frames that were lost are told while sniffing goes on", [
  "lab",
], async () => {
  await using lab = await Lab.up(lan);
  const [user, victim] = ["user", "victim"].map((name) => lab.namespace(name));
  using sender = PacketSocket.open({ device: "eth0", namespace: user });
  const frame = buildPacket(ethernet({ typeOrLength: 0x88b5 }), "x");
  const sniffing = sniff({
    places: [{ namespace: victim, device: "eth0" }, { namespace: user }],
    receiveBufferBytes: 4096,
    count: 10,
    timeoutMs: 20_000,
  });
  const types: string[] = [];
  for await (const event of sniffing) {
    types.push(event.type);
    if (event.type === "dropped") assert(event.dropped > 0);
    if (event.type !== "opened") continue;
    for (let i = 0; i < 500; i++) sender.send(frame);
  }
  const dropped = types.indexOf("dropped");
  assert(dropped > 0 && dropped < types.indexOf("summary"), types.join());
  assert((await sniffing.result).dropped! > 0);
});

await liveTest("a place that is not there opens none of the others", [
  "lab",
], async () => {
  await using lab = await Lab.up(chain(1));
  const namespace = lab.namespace("host");
  const places = [{ namespace, device: "eth0" }, { namespace, device: "eth7" }];
  await assertRejects(() => sniff({ places }).result, SocketError, "eth7");
});
