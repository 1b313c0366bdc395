/** Packet sockets, beside tcpdump. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  buildPacket,
  ethernet,
  type Frame,
  ipv4,
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
  type PacketSocket,
  Raw4Error,
  SocketError,
  SocketPermissionError,
} from "../../../mod.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { stampsAreOn } from "../hosts.ts";
import { liveTest, ROOT, ROOT_URL, run } from "../live.ts";
import {
  packetSocketIn,
  Tcpdump,
  variedFrames,
} from "../sniff/sniff_support.ts";
import {
  inside,
  interfaceIndex,
  octets,
  openIn,
  pair,
  RECEIVER,
  SOON,
} from "./socket_support.ts";

const ARP = 0x0806;
/** An EtherType that nobody else uses here. */
const MARK = 0x88b5;

/**
 * Takes nothing that the kernel of a new host says of itself, nor what hosts
 * ask each other when they have known each other for a while, as we do.
 */
const NOT_KERNELS = ["not", "dst", "net", "ff02::/16", "and", "not", "arp"];
const isKernels = ({ bytes }: Pick<Frame, "bytes">) =>
  bytes.toHex().includes("ff02".padEnd(16, "0"));

async function take(socket: PacketSocket, count: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  while (frames.length < count) {
    const frame = await socket.receive(SOON);
    if (frame.protocol !== ARP && !isKernels(frame)) frames.push(frame);
  }
  return frames;
}

await liveTest(
  "PacketSocket sees what tcpdump sees: octets, lengths, times, both directions",
  ["lab", "init-root", "tcpdump", "ping"],
  async () => {
    await using lab = await pair();
    using _asking = openIn(lab, "receiver");
    await stampsAreOn(lab.namespace("receiver"));
    await using tcpdump = await Tcpdump.start(
      lab,
      "receiver",
      ...["-i", "eth0", ...NOT_KERNELS],
    );
    using socket = packetSocketIn(lab, "receiver");
    using sender = packetSocketIn(lab, "sender", { protocol: MARK });
    const random = seededRandom(4);
    const frames = variedFrames().filter((bytes) => !isKernels({ bytes }));
    for (const frame of frames) sender.send(frame);
    for (let i = 0; i < 50; i++) {
      const vlanTags = i % 2 === 0 ? [] : [{ vid: i, pcp: i % 8 }];
      sender.send(buildPacket(
        ethernet({ typeOrLength: MARK, vlanTags }),
        randomBytes(random, randomInt(random, 0, 1500)),
      ));
    }
    await inside(lab, "sender", `ping -q -c 5 -i 0.01 ${RECEIVER}`);

    const theirs = await tcpdump.packets(frames.length + 60);
    const ours = await take(socket, theirs.length);
    assertEquals(theirs.length, frames.length + 60);
    for (const [i, { bytes, originalLength, linkType }] of theirs.entries()) {
      assertEquals(ours[i].bytes.toHex(), bytes.toHex(), `frame ${i}`);
      assertEquals(ours[i].originalLength, originalLength);
      assertEquals(ours[i].linkType, linkType);
      const difference = ours[i].timestampNs - theirs[i].timestampNs!;
      assert(difference > -10_000n && difference < 10_000n, `${difference} ns`);
    }
    const index = await interfaceIndex(lab, "receiver", "eth0");
    const echoes = ours.filter(({ bytes }) => bytes[23] === 1).slice(-10);
    assertEquals(echoes.map(({ direction }) => direction), [
      ...Array.from({ length: 5 }, () => ["host", "outgoing"]).flat(),
    ] as Frame["direction"][]);
    assert(ours.every((frame) => frame.interfaceIndex === index));
    assertEquals(socket.interfaceName(index), "eth0");
    assertEquals(socket.dropped!, 0);
  },
);

await liveTest("PacketSocket without a device sees all of them, cooked", [
  "lab",
  "init-root",
  "tcpdump",
  "ping",
], async () => {
  await using lab = await pair();
  await using tcpdump = await Tcpdump.start(
    lab,
    "receiver",
    ...["-i", "any", "-y", "LINUX_SLL2", ...NOT_KERNELS],
  );
  using socket = packetSocketIn(lab, "receiver", { device: undefined });
  assertEquals(socket.linkType, LINK_TYPE_LINUX_SLL2);
  await inside(lab, "receiver", "ping -q -c 2 -i 0.01 127.0.0.1");
  await inside(lab, "sender", `ping -q -c 2 -i 0.01 ${RECEIVER}`);
  const theirs = await tcpdump.packets(8);
  const ours = await take(socket, theirs.length);
  assertEquals(
    ours.map(({ bytes }) => bytes.toHex()),
    theirs.map(({ bytes }) => bytes.toHex()),
  );
});

await liveTest(
  "PacketSocket keeps snapLength octets, and tells how many there were",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    using socket = packetSocketIn(lab, "receiver", {
      snapLength: 40,
      protocol: MARK,
    });
    using sender = packetSocketIn(lab, "sender");
    const short = buildPacket(ethernet({ typeOrLength: MARK }), "short");
    const long = buildPacket(
      ethernet({ typeOrLength: MARK }),
      "x".repeat(99),
    );
    for (const frame of [short, long]) sender.send(frame);
    const [a, b] = await take(socket, 2);
    assertEquals([a.bytes.length, a.originalLength, a.truncated], [
      19,
      19,
      false,
    ]);
    assertEquals([b.bytes.length, b.originalLength, b.truncated], [
      40,
      113,
      true,
    ]);
    assertEquals(b.bytes.toHex(), long.subarray(0, 40).toHex());
    assertEquals(b.source, "00:00:00:00:00:00");
    assertEquals([b.protocol, b.direction], [MARK, "broadcast"]);
  },
);

await liveTest("PacketSocket is promiscuous while it is open, and not after", [
  "lab",
], async () => {
  await using lab = await pair();
  const promiscuity = async () => {
    const command = "ip -d -j link show dev eth0";
    return JSON.parse(await inside(lab, "receiver", command))[0].promiscuity;
  };
  assertEquals(await promiscuity(), 0);
  const socket = packetSocketIn(lab, "receiver", {
    promiscuous: true,
    protocol: MARK,
  });
  using sender = packetSocketIn(lab, "sender");
  try {
    assertEquals(await promiscuity(), 1);
    sender.send(buildPacket(
      ethernet({ destination: "02:99:99:99:99:99", typeOrLength: MARK }),
      "for somebody else",
    ));
    const { direction } = await socket.receive(SOON);
    assertEquals(direction, "otherHost");
  } finally {
    socket.close();
  }
  assertEquals(await promiscuity(), 0);
});

await liveTest("PacketSocket.dropped counts what had no room", [
  "lab",
], async () => {
  await using lab = await pair();
  using socket = packetSocketIn(lab, "receiver", {
    receiveBufferBytes: 4096,
    protocol: MARK,
  });
  using sender = packetSocketIn(lab, "sender");
  const frame = buildPacket(ethernet({ typeOrLength: MARK }), "flood");
  for (let i = 0; i < 500; i++) sender.send(frame);
  let received = 0;
  try {
    for (;;) {
      received += (await socket.receiveBatch({ timeoutMs: 200 })).length;
    }
  } catch (error) {
    if (!(error instanceof Raw4Error)) throw error;
  }
  assert(socket.dropped! > 0);
  assertEquals(received + socket.dropped!, 500);
  // Asking does not reset it.
  assertEquals(received + socket.dropped!, 500);
});

await liveTest("PacketSocket on loopback sees each packet once", [
  "lab",
], async () => {
  await using lab = await pair();
  using socket = packetSocketIn(lab, "sender", {
    device: "lo",
    filter: { protocol: 253 },
  });
  assertEquals(socket.linkType, LINK_TYPE_ETHERNET);
  using sender = openIn(lab, "sender");
  for (const text of ["one", "two"]) sender.send(octets(text), "127.0.0.1");
  const ends = (await take(socket, 2)).map(({ bytes }) =>
    new TextDecoder().decode(bytes.subarray(34))
  );
  assertEquals(ends, ["one", "two"]);
});

await liveTest("PacketSocket.open() and send() say what is wrong", [
  "lab",
  "setpriv",
], async () => {
  await using lab = await pair();
  const error = assertThrows(
    () => packetSocketIn(lab, "sender", { device: "none0" }),
    SocketError,
    'cannot use the interface "none0": No such device',
  );
  assertEquals(error.remedy?.includes("ip link"), true);
  const bad: [object, string][] = [
    [{ protocol: 0 }, "protocol must be"],
    [{ snapLength: 0 }, "snapLength must be"],
    [{ device: "" }, "device must be"],
    [{ device: undefined, promiscuous: true }, "promiscuous must go with"],
    [{ device: undefined, cooked: false }, "cooked must be true"],
    [{ filter: { port: 65_536 } }, "port must be"],
    [{ filter: { port: 1, protocol: 1 } }, "port must go with"],
    [{ filter: { host: "1.1.1" } }, "1.1.1"],
    [{ filter: "icmp and" }, "cannot compile the filter expression"],
  ];
  for (const [options, message] of bad) {
    assertThrows(
      () => packetSocketIn(lab, "sender", options),
      RangeError,
      message,
    );
  }
  using cooked = packetSocketIn(lab, "sender", { cooked: true });
  assertThrows(() => cooked.send(new Uint8Array(60)), Raw4Error, "is cooked");
  using socket = packetSocketIn(lab, "sender");
  const long = buildPacket(
    ethernet({}),
    ipv4({ destination: RECEIVER, protocol: 253 }),
    new Uint8Array(1481),
  );
  const tooLong = assertThrows(
    () => socket.send(long),
    SocketError,
    "EMSGSIZE",
  );
  assertEquals(tooLong.syscall, "sendto");
  assertThrows(() => socket.send(new Uint8Array(5)), SocketError, "EINVAL");

  const script = `import { PacketSocket } from "${ROOT_URL}mod.ts";
    try { PacketSocket.open({ device: "lo" }); }
    catch (error) { console.log(error.name, error.remedy.slice(0, 11)); }`;
  const { stdout, stderr } = await run([
    ...["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"],
    ...[Deno.execPath(), "run", "--allow-ffi", "-"],
  ], { input: script, cwd: ROOT });
  assertEquals([stdout, stderr], [
    `${SocketPermissionError.name} Raw sockets\n`,
    "",
  ]);
});

await liveTest("PacketSocket without --allow-ffi asks for it", [], async () => {
  const script = `import { PacketSocket } from "${ROOT_URL}mod.ts";
    try { PacketSocket.open({ device: "lo", filter: "icmp" }); }
    catch (error) { console.log(error.name); }`;
  const { stdout } = await run(
    [Deno.execPath(), "run", "--no-prompt", "-"],
    { input: script, cwd: ROOT },
  );
  assertEquals(stdout, "NotCapable\n");
});
