import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  decodeIPv4,
  type RawSocket,
  SocketBroadcastError,
  SocketError,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  inside,
  nextTexts,
  octets,
  openIn,
  pair,
  RECEIVER,
  RECEIVER6,
  SENDER,
  SOON,
} from "./socket_support.ts";

await liveTest(
  "RawSocket bindAddress is the address to send from",
  ["lab"],
  async () => {
    await using lab = await pair();
    await inside(lab, "sender", "ip address add 1.1.1.101/24 dev eth0");
    using receiver = openIn(lab, "receiver");
    for (const bindAddress of [undefined, "1.1.1.101", SENDER]) {
      using sender = openIn(lab, "sender", { bindAddress });
      sender.send(octets("hello"), RECEIVER);
      assertEquals(
        (await receiver.receive(SOON)).source,
        bindAddress ?? SENDER,
      );
    }
  },
);

await liveTest(
  "RawSocket bindAddress is the only address to receive for",
  ["lab"],
  async () => {
    await using lab = await pair();
    await inside(lab, "receiver", "ip address add 1.1.1.2/24 dev eth0");
    using sender = openIn(lab, "sender", { broadcast: true });
    using all = openIn(lab, "receiver");
    using first = openIn(lab, "receiver", { bindAddress: RECEIVER });
    using second = openIn(lab, "receiver", { bindAddress: "1.1.1.2" });
    for (const destination of ["1.1.1.255", "1.1.1.2", RECEIVER, "1.1.1.2"]) {
      sender.send(octets(`to ${destination}`), destination);
    }
    assertEquals(await nextTexts(all, 4), [
      "to 1.1.1.255",
      "to 1.1.1.2",
      "to 1.1.1.1",
      "to 1.1.1.2",
    ]);
    assertEquals(await nextTexts(first, 1), ["to 1.1.1.1"]);
    assertEquals(await nextTexts(second, 2), ["to 1.1.1.2", "to 1.1.1.2"]);
  },
);

await liveTest(
  "RawSocket device is the only interface to receive by",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using itself = openIn(lab, "receiver");
    using byCable = openIn(lab, "receiver", { device: "eth0" });
    using byLoopback = openIn(lab, "receiver", { device: "lo" });
    itself.send(octets("inside"), "127.0.0.1");
    sender.send(octets("outside"), RECEIVER);
    itself.send(octets("inside again"), "127.0.0.1");
    sender.send(octets("outside again"), RECEIVER);
    assertEquals(await nextTexts(byCable, 2), ["outside", "outside again"]);
    assertEquals(await nextTexts(byLoopback, 2), ["inside", "inside again"]);
  },
);

await liveTest(
  "RawSocket device is the interface to send by",
  ["lab"],
  async () => {
    await using lab = await pair();
    // A second cable, over which no route leads.
    await inside(
      lab,
      "sender",
      "ip link add eth1 index 12 type veth peer eth1 index 13 netns " +
        lab.namespace("receiver"),
    );
    await inside(lab, "sender", "ip link set eth1 up");
    await inside(lab, "receiver", "ip link set eth1 up");
    await inside(lab, "receiver", "ip address add 1.1.2.1/24 dev eth1");
    await inside(lab, "sender", "ip address add 1.1.2.100/32 dev eth1");
    using receiver = openIn(lab, "receiver");
    using lost = openIn(lab, "sender");
    using sender = openIn(lab, "sender", { device: "eth1" });
    const error = assertThrows(
      () => lost.send(octets("nowhere"), "1.1.2.1"),
      SocketError,
    );
    assertEquals(error.code, "ENETUNREACH");
    sender.send(octets("by eth1"), "1.1.2.1");
    const { interfaceIndex, source } = await receiver.receive(SOON);
    assertEquals([interfaceIndex, source], [13, "1.1.2.100"]);
  },
);

await liveTest(
  "RawSocket ttl and trafficClass are in the header that arrives",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    using receiver = openIn(lab, "receiver");
    for (
      const [options, ttl, trafficClass] of [
        [{}, 64, 0],
        [{ ttl: 1, trafficClass: 1 }, 1, 1],
        [{ ttl: 255, trafficClass: 255 }, 255, 255],
        [{ trafficClass: 0xb8 }, 64, 0xb8],
      ] as const
    ) {
      using sender = openIn(lab, "sender", options);
      sender.send(octets("hello"), RECEIVER);
      const { bytes } = await receiver.receive(SOON);
      const { header } = decodeIPv4(bytes);
      assertEquals([header.ttl, bytes[1]], [ttl, trafficClass]);
    }
  },
);

await liveTest(
  "RawSocket ttl and trafficClass of family 6 are what tcpdump sees",
  [
    "lab",
    // In a user namespace tcpdump cannot become whom it wants to be.
    "init-root",
    "tcpdump",
  ],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", {
      family: 6,
      ttl: 7,
      trafficClass: 0x2e,
    });
    const [program, ...args] = lab.inside(
      "receiver",
      "tcpdump -i eth0 -n -v -c 1 --immediate-mode ip6 proto 253".split(" "),
    );
    await using child = new Deno.Command(program, {
      args,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const said = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("listening on");) {
      const { value, done } = await said.read();
      assert(!done, `tcpdump ended: ${text}`);
      text += value;
    }
    sender.send(octets("hello"), RECEIVER6);
    const seen = await new Response(child.stdout).text();
    await said.cancel();
    assertEquals(seen.match(/class 0x\w+|hlim \d+/g), ["class 0x2e", "hlim 7"]);
  },
);

await liveTest(
  "RawSocket broadcast permits a broadcast address, and nothing else does",
  ["lab"],
  async () => {
    await using lab = await pair();
    using careful = openIn(lab, "sender");
    using loud = openIn(lab, "sender", { broadcast: true });
    using receiver = openIn(lab, "receiver");
    const sends: ((socket: RawSocket) => unknown)[] = [
      (socket) => socket.send(octets("to all"), "1.1.1.255"),
      (socket) =>
        socket.sendMany([{
          bytes: octets("to all"),
          destination: "1.1.1.255",
        }]),
    ];
    for (const send of sends) {
      const error = await assertRejects(async () => {
        await send(careful);
      });
      assertInstanceOf(error, SocketBroadcastError);
      assertEquals([error.code, error.errno], ["EACCES", 13]);
      assert(error.remedy?.includes("broadcast: true"));
      await send(loud);
      assertEquals(await nextTexts(receiver, 1), ["to all"]);
    }
  },
);
