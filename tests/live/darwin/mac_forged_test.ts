/** Packets with their own header from macOS, and what is refused there. */

import { assertEquals } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import { PacketSocket } from "../../../mod.ts";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { packetsSent } from "../pair/pair_counter.ts";
import { pair, RECEIVER, SOON } from "../socket/socket_support.ts";

const ENDS = ["-s", "192.0.2.7", "-p", "253", "--id", "7"];
const SPOOF = ["spoof", RECEIVER, ...ENDS];
const CRAFT = ["craft", "-d", RECEIVER, ...ENDS, "--send"];

/** What leaves in so many packets. */
const FORGED: [packets: number, command: string[]][] = [
  [1, [...SPOOF, "--payload", "Hello"]],
  [1, [...SPOOF, "--flags", "DF", "--ttl", "9", "--tos", "0x28"]],
  [1, [...SPOOF, "--flags", "MF", "--payload", "x".repeat(64)]],
  [1, [...SPOOF, "--options", "01010100", "--payload", "Hello"]],
  [4, [...CRAFT, "--mtu", "576", "--payload", "x".repeat(2000)]],
];

/** The next packet of protocol 253 that reaches the receiver, in hexadecimal. */
async function nextPacket(socket: PacketSocket): Promise<string> {
  for (;;) {
    // Behind an Ethernet header.
    const packet = (await socket.receive(SOON)).bytes.subarray(14);
    if (packet[0] >> 4 === 4 && packet[9] === 253) return packet.toHex();
  }
}

function watch(lab: Lab): PacketSocket {
  const namespace = lab.namespace("receiver");
  return PacketSocket.open({ namespace, device: "eth0" });
}

await liveTest(
  "packets with their own header leave macOS octet by octet as Linux",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await pair();
    for (const [count, [name, ...args]] of FORGED) {
      const seen: string[][] = [];
      for (const make of [mac.script.bind(mac), script]) {
        using socket = watch(lab);
        const command = lab.inside("sender", make(name, ...args));
        const { code, stderr } = await run(command);
        assertEquals(code, 0, stderr);
        const packets: string[] = [];
        while (packets.length < count) packets.push(await nextPacket(socket));
        seen.push(packets);
      }
      assertEquals(seen[0], seen[1], `${args}`.slice(0, 99));
    }
  },
);

/** What is tried, the exit code, and what is said, by macOS' own tools. */
const REFUSED: [code: number, args: string[], ...said: string[]][] = [
  [
    4,
    ["send", RECEIVER, "Hi", "-s", "1.1.1.77"],
    "cannot bind to 1.1.1.77: Cannot assign requested address (bind: " +
    "EADDRNOTAVAIL) No interface of this host has that address; `ifconfig` " +
    "lists those it has.",
  ],
  [
    4,
    ["send", "198.51.100.1", "Hi"],
    "cannot find a route to 198.51.100.1: Network is unreachable (connect: " +
    "ENETUNREACH) No route leads there: `route -n get ADDRESS` shows what the " +
    "kernel would do, `route add` adds one.",
  ],
  [
    4,
    ["ping", "-c", "1", "198.51.100.1"],
    "cannot send to 198.51.100.1: Network is unreachable (sendto: ENETUNREACH) " +
    "No route leads there: `route -n get ADDRESS` shows what the kernel would " +
    "do, `route add` adds one.",
  ],
  [
    4,
    [
      "spoof",
      RECEIVER,
      "-s",
      "192.0.2.7",
      "--flags",
      "DF",
      "--payload",
      "x".repeat(3000),
    ],
    "cannot send 3028 octets to 1.1.1.1: Message too long (sendto: EMSGSIZE) " +
    "It is longer than the MTU of the interface (`ifconfig` shows it) or than " +
    "any packet can be; send less, or fragment it first.",
  ],
  [
    4,
    ["spoof", RECEIVER, "-s", "192.0.2.7", "--length", "2000"],
    "cannot send 28 octets to 1.1.1.1: Invalid argument (sendto: EINVAL) A " +
    "blackhole route leads there: `netstat -rn` shows it. Or the packet has " +
    "its own header, which says that it is longer than the packet.",
  ],
  [
    4,
    ["spoof", RECEIVER, "-s", "192.0.2.7", "--diff"],
    "macOS has packet sockets of another kind (BPF), which raw4 does not know " +
    "Use tcpdump there. Or run it on Linux, in a virtual machine for instance.",
  ],
  [
    4,
    ["sniff", "-c", "1"],
    "macOS has packet sockets of another kind (BPF), which raw4 does not know " +
    "Use tcpdump there. Or run it on Linux, in a virtual machine for instance.",
  ],
  ...[["lab", "run", "pair", "--", "true"], ["demo"]].map((
    command,
  ): typeof REFUSED[number] => [
    4,
    command,
    "macOS has no network namespaces, which labs are made of Run it on Linux, " +
    "in a virtual machine for instance.",
  ]),
  ...["tcp", "udp"].map((name): typeof REFUSED[number] => [
    4,
    ["receive", "-p", name],
    `macOS shows raw sockets no ${name.toUpperCase()} Send ICMP, or a ` +
    "protocol of one's own such as 253, instead.",
  ]),
];

await liveTest(
  "what macOS refuses is said in its own words",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await pair();
    const before = await packetsSent(lab);
    for (const [code, [name, ...args], ...said] of REFUSED) {
      const command = lab.inside("sender", mac.script(name, ...args));
      const finished = await run(command);
      const told = unwrapped(finished.stderr);
      assertEquals(told, `${name}: ${said.join(" ")}`);
      assertEquals(finished.code, code, told);
    }
    assertEquals(await packetsSent(lab), before);
  },
);

await liveTest(
  "craft and dissect print the same on macOS",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    const craft = ["craft", "-d", "192.0.2.1", "--icmp-type", "8", "--explain"];
    const dissect = ["dissect", "4500001400010000fdfd0000c0000201c0000202"];
    for (const [name, ...args] of [craft, dissect]) {
      const [onMac, onLinux] = await Promise.all(
        [mac.script(name, ...args), script(name, ...args)].map((made) =>
          run(made)
        ),
      );
      assertEquals(onMac, onLinux);
      assertEquals(onMac.stdout.length > 200, true);
    }
  },
);
