import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeIPv4 } from "../../../mod.ts";
import { randomBytes, seededRandom } from "../../random.ts";
import { liveTest } from "../live.ts";
import {
  interfaceIndex,
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
  "RawSocket.receive() gives what was sent, and who sent it",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const random = seededRandom(0x5eed01);
    // Both ends of what one packet can carry over an MTU of 1,500, and beyond,
    // where the kernel fragments and reassembles.
    for (const length of [0, 1, 63, 64, 65, 1479, 1480, 1481, 9000, 65_515]) {
      const payload = randomBytes(random, length);
      sender.send(payload, RECEIVER);
      const { bytes, source, truncated } = await receiver.receive(SOON);
      assertEquals(source, SENDER);
      assertEquals(truncated, false);
      assertEquals(bytes.length, 20 + length);
      const { header, payload: arrived } = decodeIPv4(bytes);
      assertEquals(
        [
          header.source,
          header.destination,
          header.protocol,
          header.totalLength,
        ],
        [SENDER, RECEIVER, 253, 20 + length],
      );
      assertEquals(arrived.toHex(), payload.toHex());
      // And back, so that each host is both.
      receiver.send(payload, SENDER);
      const back = await sender.receive(SOON);
      assertEquals(back.source, RECEIVER);
      assertEquals(decodeIPv4(back.bytes).payload.toHex(), payload.toHex());
    }
  },
);

await liveTest(
  "RawSocket.receive() gives octets that later packets leave alone",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    sender.send(octets("first"), RECEIVER);
    const { bytes } = await receiver.receive(SOON);
    const before = bytes.toHex();
    assertEquals(bytes.buffer.byteLength, bytes.length);
    // More than the socket has places for in its own memory.
    for (let i = 0; i < 200; i++) {
      sender.send(octets(`later ${i}`), RECEIVER);
      await receiver.receive(SOON);
    }
    assertEquals(bytes.toHex(), before);
  },
);

await liveTest(
  "Datagram.timestampNs is when the kernel received it, not when it was read",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using early = openIn(lab, "receiver");
    using late = openIn(lab, "receiver");
    // Linux turns its time stamps on a little after the first socket that asks.
    for (let tries = 1;; tries++) {
      const before = Date.now();
      sender.send(octets("now"), RECEIVER);
      const { timestampNs } = await early.receive(SOON);
      const after = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 10));
      const sameNs = (await late.receive(SOON)).timestampNs;
      // A clock that is being adjusted may be off by a little.
      const slackNs = 20_000_000n;
      assert(timestampNs >= BigInt(before) * 1_000_000n - slackNs);
      assert(timestampNs <= BigInt(after) * 1_000_000n + slackNs);
      if (timestampNs === sameNs) break;
      assert(tries < 100, `read later, it is ${sameNs - timestampNs} ns later`);
    }
  },
);

await liveTest(
  "Datagram.timestampNs grows from packet to packet, to the nanosecond",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const stamps: bigint[] = [];
    for (let i = 0; i < 50; i++) {
      sender.send(octets(`${i}`), RECEIVER);
      stamps.push((await receiver.receive(SOON)).timestampNs);
    }
    assertEquals(stamps, stamps.toSorted((a, b) => Number(a - b)));
    assertEquals(new Set(stamps).size, 50);
    assert(stamps.some((stamp) => stamp % 1000n !== 0n));
  },
);

await liveTest(
  "Datagram.interfaceIndex is the number that ip link shows",
  ["lab"],
  async () => {
    await using lab = await pair();
    for (const family of [4, 6] as const) {
      using sender = openIn(lab, "sender", { family });
      using receiver = openIn(lab, "receiver", { family });
      const [here, there] = family === 4
        ? ["127.0.0.1", RECEIVER]
        : ["::1", RECEIVER6];
      const eth0 = await interfaceIndex(lab, "receiver", "eth0");
      const lo = await interfaceIndex(lab, "receiver", "lo");
      assertNotEquals(eth0, lo);
      sender.send(octets("from outside"), there);
      assertEquals((await receiver.receive(SOON)).interfaceIndex, eth0);
      receiver.send(octets("from itself"), here);
      assertEquals((await receiver.receive(SOON)).interfaceIndex, lo);
    }
  },
);

await liveTest(
  "Datagram.truncated tells packets longer than snapLength",
  ["lab"],
  async () => {
    await using lab = await pair();
    // An IPv4 packet is counted from its header on, an IPv6 one from behind it.
    for (
      const [family, there, header] of [[4, RECEIVER, 20], [
        6,
        RECEIVER6,
        0,
      ]] as const
    ) {
      using sender = openIn(lab, "sender", { family });
      using receiver = openIn(lab, "receiver", { family, snapLength: 33 });
      const payload = Uint8Array.from({ length: 34 - header }, (_, i) => i);
      const seen: [number, boolean][] = [];
      for (const length of [34 - header, 33 - header, 34 - header, 1]) {
        sender.send(payload.subarray(0, length), there);
        const { bytes, truncated } = await receiver.receive(SOON);
        seen.push([bytes.length, truncated]);
        assertEquals(
          bytes.subarray(header).toHex(),
          payload.subarray(0, Math.min(length, 33 - header)).toHex(),
        );
      }
      assertEquals(seen, [
        [33, true],
        [33, false],
        [33, true],
        [header + 1, false],
      ]);
    }
  },
);

await liveTest(
  "Datagram.bytes of packets fetched at once do not touch, whatever snapLength is",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    for (const snapLength of [21, 24, 31, 33]) {
      using receiver = openIn(lab, "receiver", { snapLength });
      const packets = Array.from({ length: 64 }, (_, i) => ({
        bytes: new Uint8Array(40).fill(i),
        destination: RECEIVER,
      }));
      await sender.sendMany(packets);
      for (const { bytes: sent } of packets) {
        const { bytes } = await receiver.receive(SOON);
        const payload = sent.subarray(0, snapLength - 20);
        assertEquals(bytes.subarray(20).toHex(), payload.toHex());
      }
    }
  },
);

await liveTest(
  "RawSocket of one host hears nothing of the other's own packets",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    sender.send(octets("to myself"), "127.0.0.1");
    assertEquals(await nextTexts(sender, 1), ["to myself"]);
    sender.send(octets("to you"), RECEIVER);
    assertEquals(await nextTexts(receiver, 1), ["to you"]);
  },
);
