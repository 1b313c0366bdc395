/** The kernel's tables, against what iproute2 shows of them. */

import { assertEquals, assertThrows } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import {
  isSwitchedOn,
  reversePathDrops,
  reversePathFilter,
} from "../../../lib/socket/kernel/ip_settings.ts";
import { readKernelFile } from "../../../lib/socket/kernel/kernel_file.ts";
import { labHosts } from "../../../lib/socket/kernel/lab_hosts.ts";
import { neighbourAt, nextHopTo } from "../../../mod.ts";
import { setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { Programs, runToEnd } from "../process/socket_process.ts";
import {
  currentNamespace,
  inside,
  octets,
  openDescriptors,
  openIn,
  pair,
  RECEIVER,
} from "../socket/socket_support.ts";

await liveTest(
  "nextHopTo() tells what `ip route get` tells",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(2));
    const namespace = lab.namespace("host");
    const before = [openDescriptors(), currentNamespace()];
    await inside(
      lab,
      "host",
      "ip route add 10.20.0.0/16 dev eth0 src 10.9.1.1",
    );
    await inside(lab, "host", "ip link set eth0 mtu 1400");
    const addresses = [
      ...["10.9.1.2", "10.9.3.2", "10.20.0.1", "10.9.1.1", "10.9.1.255"],
      ...["127.0.0.1", "192.0.2.1"],
    ];
    for (const address of addresses) {
      const json = await inside(lab, "host", `ip -j route get ${address}`);
      const [{ type = "unicast", dev, gateway, prefsrc }] = JSON.parse(json);
      assertEquals(nextHopTo(address, { namespace }), {
        type,
        gateway,
        source: prefsrc,
        device: dev,
        mtu: dev === "lo" ? 65_536 : 1400,
      }, address);
    }
    assertEquals([openDescriptors(), currentNamespace()], before);
  },
);

await liveTest(
  "nextHopTo() tells why nothing would be sent",
  ["lab"],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("sender");
    assertEquals(nextHopTo("10.6.0.1", { namespace }), { type: "none" });
    for (const type of ["blackhole", "unreachable", "prohibit"] as const) {
      await inside(lab, "sender", `ip route replace ${type} 10.6.0.0/16`);
      assertEquals(nextHopTo("10.6.0.1", { namespace }), { type });
    }
    for (const text of ["", "1.1.1", "::1", "localhost"]) {
      assertThrows(() => nextHopTo(text, { namespace }), RangeError);
    }
  },
);

await liveTest(
  "neighbourAt() tells what `ip neighbour` tells",
  ["lab"],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("sender");
    await inside(
      lab,
      "sender",
      "ip neighbour add 1.1.1.9 lladdr 02:00:00:00:00:09 dev eth0",
    );
    using socket = openIn(lab, "sender");
    socket.send(octets("who is there?"), "1.1.1.66");
    const json = await inside(lab, "sender", "ip -4 -j neighbour");
    const entries: { dst: string; lladdr?: string; state: string[] }[] = JSON
      .parse(json);
    assertEquals(entries.map(({ dst }) => dst).sort(), [
      ...[RECEIVER, "1.1.1.66", "1.1.1.9"],
    ]);
    for (const { dst, lladdr, state: [state] } of entries) {
      const found = neighbourAt(dst, { namespace });
      assertEquals(found?.linkAddress, lladdr, dst);
      // Which may go on meanwhile.
      if (dst !== RECEIVER) {
        assertEquals(found?.state, state.toLowerCase(), dst);
      }
    }
    assertEquals(neighbourAt("1.1.1.10", { namespace }), undefined);

    // Without ARP, all have the device's own address.
    await inside(lab, "sender", "ip link set eth0 arp off");
    socket.send(octets("whoever is there"), "1.1.1.10");
    const shown = await inside(lab, "sender", "ip -j link show eth0");
    const [{ address: linkAddress }] = JSON.parse(shown);
    assertEquals(neighbourAt("1.1.1.10", { namespace }), {
      state: "noarp",
      linkAddress,
    });
    socket.send(octets("nobody"), "127.0.0.77");
    assertEquals(neighbourAt("127.0.0.77", { namespace }), undefined);
  },
);

await liveTest(
  "labHosts() finds the hosts of one's own lab, and of no other",
  ["lab"],
  async () => {
    await using lab = await pair();
    await using other = await Lab.up(chain(1));
    const found = (namespace?: string) =>
      labHosts(namespace).map(({ host, isOwn }) => `${host} ${isOwn}`).sort();
    assertEquals(found(lab.namespace("sender")), [
      "receiver false",
      "sender true",
    ]);
    assertEquals(found(other.namespace("target")), [
      ...["host false", "router1 false", "target true"],
    ]);
    assertEquals(found(), []);

    // A process that was started in one has no name for where it is.
    await using programs = await Programs.create();
    const module = new URL(
      "../../../lib/socket/kernel/lab_hosts.ts",
      import.meta.url,
    );
    const command = await programs.command(
      `import { labHosts } from "${module}";
       console.log(JSON.stringify(labHosts()));`,
      "--allow-ffi",
    );
    const { stdout } = await runToEnd(lab.inside("receiver", command));
    assertEquals(
      JSON.parse(stdout).map((host: { namespace: string; isOwn: boolean }) =>
        `${host.namespace} ${host.isOwn}`
      ).sort(),
      [
        `${lab.namespace("receiver")} true`,
        `${lab.namespace("sender")} false`,
      ],
    );
  },
);

await liveTest(
  "a host's reverse path filter, its drops and its switches are its own",
  ["lab"],
  async () => {
    await using lab = await pair();
    const sender = { namespace: lab.namespace("sender") };
    const receiver = { namespace: lab.namespace("receiver") };
    const modes = [[0, 0, 0], [1, 0, 1], [0, 2, 2], [2, 1, 2]] as const;
    for (const [all, own, mode] of modes) {
      await setKernel(lab, "receiver", {
        "net.ipv4.conf.all.rp_filter": all,
        "net.ipv4.conf.eth0.rp_filter": own,
      });
      assertEquals(reversePathFilter("eth0", receiver), mode);
    }
    await setKernel(lab, "sender", { "net.ipv4.ip_forward": 1 });
    await setKernel(lab, "receiver", { "net.ipv4.ip_forward": 0 });
    assertEquals(isSwitchedOn("ip_forward", sender), true);
    assertEquals(isSwitchedOn("ip_forward", receiver), false);
    assertEquals(isSwitchedOn("no_such_switch", receiver), false);

    const before = reversePathDrops(receiver);
    using spoofer = openIn(lab, "sender", { bindAddress: "1.1.1.100" });
    using listener = openIn(lab, "receiver");
    await inside(lab, "receiver", "ip route add 1.1.1.100 dev lo");
    await setKernel(lab, "receiver", { "net.ipv4.conf.all.rp_filter": 1 });
    await setKernel(lab, "receiver", { "net.ipv4.conf.eth0.rp_filter": 1 });
    for (let i = 0; i < 3; i++) spoofer.send(octets("dropped"), RECEIVER);
    await inside(lab, "receiver", "ip route del 1.1.1.100 dev lo");
    spoofer.send(octets("received"), RECEIVER);
    await listener.receive({ timeoutMs: 9000 });
    assertEquals(reversePathDrops(receiver) - before, 3);
    assertEquals(reversePathDrops(sender), 0);
  },
);

await liveTest(
  "readKernelFile() reads all of a file, or tells that it cannot",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("receiver");
    const before = openDescriptors();
    const path = "/proc/thread-self/net/netstat";
    const text = readKernelFile(path, { namespace })!;
    assertEquals(
      text.split("\n").filter((line) => line.startsWith("TcpExt:"))
        .length,
      2,
    );
    assertEquals(text.endsWith("\n"), true);
    assertEquals(
      readKernelFile("/proc/no/such/file", { namespace }),
      undefined,
    );
    assertEquals(readKernelFile("/proc", { namespace }), undefined);
    assertThrows(() => readKernelFile(path, { namespace: "no-such" }));
    assertEquals(openDescriptors(), before);
  },
);
