import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  decodeIPv4,
  type OutgoingDatagram,
  RawSocket,
  SocketError,
} from "../../../mod.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest } from "../live.ts";
import {
  inside,
  introduce,
  nextTexts,
  numbers,
  octets,
  openIn,
  pair,
  RECEIVER,
  SENDER,
  SOON,
  turn,
} from "./socket_support.ts";

/** Enough for all that a test sends before anything is fetched. */
const ROOMY = { receiveBufferBytes: 2 ** 28 } as const;

/** The places of a packet that fails: around the ends of a batch of 64. */
const PLACES = [0, 1, 62, 63, 64, 65, 128, 300];

function* texts(
  all: Iterable<string>,
  destination = RECEIVER,
): Generator<OutgoingDatagram> {
  for (const text of all) yield { bytes: octets(text), destination };
}

await liveTest(
  "RawSocket.sendMany() sends packets to several destinations, all and in order",
  ["lab"],
  async () => {
    await using lab = await pair();
    const addresses = [RECEIVER, "1.1.1.2", "1.1.1.3"];
    for (const address of addresses.slice(1)) {
      await inside(lab, "receiver", `ip address add ${address}/24 dev eth0`);
      await introduce(lab, SENDER, address);
    }
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", ROOMY);
    const random = seededRandom(0x5eed02);
    const packets = Array.from({ length: 1000 }, () => ({
      bytes: randomBytes(random, randomInt(random, 0, 200)),
      destination: addresses[randomInt(random, 0, 2)],
    }));
    assertEquals(await sender.sendMany(packets), 1000);
    for (const { bytes, destination } of packets) {
      const datagram = await receiver.receive(SOON);
      const { header, payload } = decodeIPv4(datagram.bytes);
      assertEquals(header.destination, destination);
      assertEquals(payload.toHex(), bytes.toHex());
    }
    assertEquals(await sender.sendMany([]), 0);
  },
);

await liveTest("RawSocket.sendMany() sends the longest packets, however many", [
  "lab",
], async () => {
  await using lab = await pair();
  using sender = openIn(lab, "sender", { sendBufferBytes: 2 ** 24 });
  using receiver = openIn(lab, "sender", ROOMY);
  const random = seededRandom(0x5eed03);
  const longest = randomBytes(random, 65_515);
  // With short ones between, so that batches end in all sorts of places.
  const packets = Array.from({ length: 90 }, (_, i) => ({
    bytes: longest.slice(0, i % 9 === 8 ? i : 65_515 - i).fill(i, 0, 8),
    destination: "127.0.0.1",
  }));
  packets[0] = { bytes: longest, destination: "127.0.0.1" };
  assertEquals(await sender.sendMany(packets), 90);
  for (const { bytes } of packets) {
    const { payload } = decodeIPv4((await receiver.receive(SOON)).bytes);
    // A comparison octet by octet would take a minute.
    assertEquals(payload.toBase64(), bytes.toBase64());
  }
});

await liveTest(
  "RawSocket.sendMany() has copied a packet before it asks for the next",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", ROOMY);
    for (const length of [4, 100]) {
      const bytes = new Uint8Array(length);
      await sender.sendMany(function* () {
        for (let i = 0; i < 200; i++) {
          yield { bytes: bytes.fill(i), destination: RECEIVER };
        }
      }());
      for (let i = 0; i < 200; i++) {
        const { payload } = decodeIPv4((await receiver.receive(SOON)).bytes);
        assertEquals(payload.toHex(), new Uint8Array(length).fill(i).toHex());
      }
    }
  },
);

await liveTest(
  "RawSocket.sendMany() stops at a packet that the kernel refuses, and tells how many went before",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", ROOMY);
    // One octet more than an IPv4 packet can have.
    const tooLong = { bytes: new Uint8Array(65_516), destination: RECEIVER };
    for (const place of PLACES) {
      let isEnded = false;
      const packets = function* () {
        try {
          yield* texts(numbers(0, place));
          yield tooLong;
          yield* texts(Array(200).fill("after"));
        } finally {
          isEnded = true;
        }
      };
      const error = await assertRejects(
        () => sender.sendMany(packets()),
        SocketError,
        `cannot send packet ${place + 1} of a batch: Message too long`,
      );
      assertEquals([error.sent, error.code], [place, "EMSGSIZE"]);
      assertEquals([error.syscall, error.errno], ["sendmmsg", 90]);
      assertEquals(isEnded, true);
      assertEquals(await sender.sendMany(texts(["marker"])), 1);
      assertEquals(
        await nextTexts(receiver, place + 1),
        [...numbers(0, place), "marker"],
      );
    }
  },
);

await liveTest(
  "RawSocket.sendMany() stops at what cannot be sent, after what came before it",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", ROOMY);
    const bad: [OutgoingDatagram, string][] = [
      [{ bytes: octets("x"), destination: "1.1.1" }, '"1.1.1"'],
      [{ bytes: octets("x"), destination: "::1" }, '"::1"'],
      [{ bytes: new Uint8Array(65_536), destination: RECEIVER }, "65536"],
      [{ bytes: new Uint8Array(300_000), destination: RECEIVER }, "300000"],
    ];
    for (const place of PLACES) {
      for (const [packet, named] of bad) {
        const packets = [
          ...texts(numbers(0, place)),
          packet,
          ...texts(["after"]),
        ];
        await assertRejects(() => sender.sendMany(packets), RangeError, named);
        assertEquals(await sender.sendMany(texts(["marker"])), 1);
        assertEquals(
          await nextTexts(receiver, place + 1),
          [...numbers(0, place), "marker"],
        );
      }
    }
  },
);

await liveTest(
  "RawSocket.sendMany() rejects with what its iterable throws, after what came before it",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", ROOMY);
    const reason = new Error("no more");
    for (const place of PLACES) {
      const packets = function* () {
        yield* texts(numbers(0, place));
        throw reason;
      };
      const error = await assertRejects(() => sender.sendMany(packets()));
      assertStrictEquals(error, reason);
      await sender.sendMany(texts(["marker"]));
      assertEquals(
        await nextTexts(receiver, place + 1),
        [...numbers(0, place), "marker"],
      );
    }
  },
);

await liveTest(
  "RawSocket.sendMany() keeps concurrent calls apart",
  ["lab"],
  async () => {
    await using lab = await pair();
    await inside(lab, "receiver", "ip address add 1.1.1.2/24 dev eth0");
    await introduce(lab, SENDER, "1.1.1.2");
    using sender = openIn(lab, "sender");
    const addresses = [RECEIVER, "1.1.1.2", RECEIVER, "1.1.1.2"];
    const receivers = addresses.map((bindAddress, i) =>
      openIn(lab, "receiver", {
        ...ROOMY,
        bindAddress,
        protocol: i < 2 ? 253 : 254,
      })
    );
    using other = openIn(lab, "sender", { protocol: 254 });
    // Long enough for each to let the others run in between, again and again.
    const counts = await Promise.all(addresses.map((address, i) => {
      const all = numbers(0, 5000 + i).map((n) => `${n} of ${i}`);
      return (i < 2 ? sender : other).sendMany(texts(all, address));
    }));
    assertEquals(counts, [5000, 5001, 5002, 5003]);
    for (const [i, receiver] of receivers.entries()) {
      assertEquals(
        await nextTexts(receiver, 5000 + i),
        numbers(0, 5000 + i).map((n) => `${n} of ${i}`),
      );
      receiver.close();
    }
  },
);

await liveTest(
  "RawSocket.sendMany() lets the event loop turn, however long it takes",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    let turned = false;
    const turning = turn().then(() => turned = true);
    const sent = await sender.sendMany(function* () {
      for (let i = 0; !turned; i++) {
        if (i === 1_000_000) throw new Error("the event loop did not turn");
        yield { bytes: octets("endless"), destination: RECEIVER };
      }
    }());
    await turning;
    assertEquals(sent > 0, true);
  },
);

await liveTest(
  "sendMany() keeps to a rate, and refuses none",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    const { namespace } = host;
    using receiver = RawSocket.open({ protocol: 253, namespace });
    using sender = RawSocket.open({ protocol: 253, namespace });
    const packets = Array.from({ length: 20 }, (_, i) => ({
      bytes: Uint8Array.of(i),
      destination: "127.0.0.1",
    }));
    const startNs = BigInt(Date.now()) * 1_000_000n;
    assertEquals(await sender.sendMany(packets, { rate: 100 }), 20);
    const times: bigint[] = [];
    for (const { bytes } of packets) {
      const datagram = await receiver.receive({ timeoutMs: 30_000 });
      assertEquals(datagram.payload, bytes);
      times.push(datagram.timestampNs);
    }
    // The first may leave late; and two at most at once, as the bucket has them.
    assert(times[19] - startNs >= 170_000_000n, "faster than the rate");
    for (const rate of [0, -1, NaN]) {
      await assertRejects(
        () => sender.sendMany(packets, { rate }),
        RangeError,
        `rate must be above 0, but is ${rate}`,
      );
    }
  },
);

await liveTest(
  "RawSocket.sendMany() says which packet is none, after those before it",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", ROOMY);
    const good = { bytes: octets("good"), destination: RECEIVER };
    const bad: readonly [packet: unknown, field: string][] = [
      [octets("alone"), "bytes"],
      [undefined, "bytes"],
      [null, "bytes"],
      [{ bytes: octets("nowhere") }, "destination"],
    ];
    for (const [packet, field] of bad) {
      for (const before of [0, 1, 64, 65]) {
        const packets = [...Array(before).fill(good), packet];
        await assertRejects(
          () => sender.sendMany(packets as OutgoingDatagram[]),
          TypeError,
          `sendMany: packet ${before + 1} has no ${field}: give ` +
            '{ bytes: Uint8Array, destination: "127.0.0.1" } for each',
        );
        const texts = await nextTexts(receiver, before);
        assertEquals(texts, Array(before).fill("good"));
      }
    }
    for (const before of [0, 1]) {
      const failing = function* () {
        yield* Array(before).fill(good);
        throw new TypeError("of one's own");
      };
      const own = () => sender.sendMany(failing());
      await assertRejects(own, TypeError, "of one's own");
    }
    await assertRejects(
      () => sender.sendMany([good], { rat: 5 } as { rate?: number }),
      TypeError,
      'sendMany: "rat" is unknown; did you mean "rate"?',
    );
  },
);
