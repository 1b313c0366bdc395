import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  encodeIPv4,
  type OutgoingDatagram,
  type RawSocket,
  type RawSocketOptions,
  SocketUnavailableError,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  inside,
  introduce,
  openIn,
  pair,
  RECEIVER,
  RECEIVER6,
  SENDER,
  SENDER6,
  SOON,
  turn,
} from "./socket_support.ts";

const COUNT = 300;

/** The ways in which Linux says that it has no room. */
const WAYS: [string, Partial<RawSocketOptions>][] = [
  ["EAGAIN", { headerIncluded: true }],
  ["EAGAIN of IPv6", { family: 6, headerIncluded: true }],
  ["ENOBUFS", {}],
  ["ENOBUFS of IPv6", { family: 6 }],
];

/** About a thousand octets; the last two are the packet's number. */
function packet(
  { family = 4, headerIncluded }: Partial<RawSocketOptions>,
  number: number,
): OutgoingDatagram {
  const payload = new Uint8Array(1000);
  new DataView(payload.buffer).setUint16(998, number);
  const destination = family === 4 ? RECEIVER : RECEIVER6;
  if (!headerIncluded) return { bytes: payload, destination };
  if (family === 4) {
    const header = { source: SENDER, destination, protocol: 253 };
    return { bytes: encodeIPv4(header, payload), destination };
  }
  const bytes = new Uint8Array(40 + payload.length);
  bytes.setFromHex(
    "6000000003e8fd4020010db800000000000000000000010020010db8" +
      "000000000000000000000001",
  );
  bytes.set(payload, 40);
  return { bytes, destination };
}

function* packets(
  options: Partial<RawSocketOptions>,
): Generator<OutgoingDatagram> {
  for (let number = 0; number < COUNT; number++) yield packet(options, number);
}

/** The numbers of the packets that have arrived. */
async function arrived(
  receiver: RawSocket,
  count = COUNT,
): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) {
    const { bytes } = await receiver.receive(SOON);
    all.push(new DataView(bytes.buffer).getUint16(bytes.length - 2));
  }
  return all;
}

const ALL = Array.from({ length: COUNT }, (_, i) => i);

/** Makes the sender's cable slow: a packet in half a millisecond. */
async function slowDown(
  lab: Lab,
  rate = "20mbit",
  limit = "1mb",
  burst = "5kb",
): Promise<void> {
  await introduce(lab, SENDER6, RECEIVER6);
  const filter = `tbf rate ${rate} burst ${burst} limit ${limit}`;
  await inside(lab, "sender", `tc qdisc replace dev eth0 root ${filter}`);
}

/** Room for three packets or so. */
const TIGHT = { sendBufferBytes: 4_608 } as const;

await liveTest(
  "RawSocket.sendMany() waits while the send buffer is full, and sends all",
  ["lab", "tc"],
  async () => {
    await using lab = await pair();
    await slowDown(lab);
    for (const [way, options] of WAYS) {
      using sender = openIn(lab, "sender", { ...options, ...TIGHT });
      using receiver = openIn(lab, "receiver", {
        family: options.family,
        receiveBufferBytes: 2 ** 24,
      });
      let turned = false;
      turn().then(() => turned = true);
      assertEquals(await sender.sendMany(packets(options)), COUNT, way);
      assertEquals(turned, true, `${way}: the event loop stood still`);
      assertEquals(await arrived(receiver), ALL, way);
    }
  },
);

await liveTest(
  "RawSocket.sendMany() waits while the queue of the interface is full, and sends all",
  ["lab", "tc"],
  async () => {
    await using lab = await pair();
    // Room for three packets in the queue, for many in the socket's own buffer.
    // Of IPv4 Linux then says nothing, and drops them: of IPv6 it says ENOBUFS.
    await slowDown(lab, "20mbit", "3kb");
    using sender = openIn(lab, "sender", { family: 6 });
    using receiver = openIn(lab, "receiver", { family: 6 });
    const [sent, all] = await Promise.all([
      sender.sendMany(packets({ family: 6 })),
      arrived(receiver),
    ]);
    assertEquals(sent, COUNT);
    assertEquals(all, ALL);
  },
);

await liveTest(
  "RawSocket.send() waits while the send buffer is full, and sends all",
  ["lab", "tc"],
  async () => {
    await using lab = await pair();
    await slowDown(lab);
    for (const [way, options] of WAYS) {
      using sender = openIn(lab, "sender", { ...options, ...TIGHT });
      using receiver = openIn(lab, "receiver", {
        family: options.family,
        receiveBufferBytes: 2 ** 24,
      });
      for (const { bytes, destination } of packets(options)) {
        sender.send(bytes, destination);
      }
      assertEquals(await arrived(receiver), ALL, way);
    }
  },
);

await liveTest(
  "RawSocket.sendMany() keeps concurrent calls apart while they wait for room",
  ["lab", "tc"],
  async () => {
    await using lab = await pair();
    await slowDown(lab);
    for (const [way, options] of WAYS) {
      using sender = openIn(lab, "sender", { ...options, ...TIGHT });
      using receiver = openIn(lab, "receiver", {
        family: options.family,
        receiveBufferBytes: 2 ** 24,
      });
      // So that there is something to reuse, which only one may.
      await sender.sendMany([packet(options, COUNT)]);
      const halves = Object.values(
        Object.groupBy(ALL, (number) => `${number % 2}`),
      );
      await Promise.all(
        halves.map((numbers) =>
          sender.sendMany(numbers!.map((number) => packet(options, number)))
        ),
      );
      const [first, ...all] = await arrived(receiver, COUNT + 1);
      assertEquals(first, COUNT);
      for (const [i, numbers] of halves.entries()) {
        assertEquals(all.filter((number) => number % 2 === i), numbers, way);
      }
    }
  },
);

await liveTest("RawSocket.sendMany() that waits for room receives meanwhile", [
  "lab",
  "tc",
], async () => {
  await using lab = await pair();
  await slowDown(lab);
  const options = { headerIncluded: true };
  using sender = openIn(lab, "sender", { ...options, ...TIGHT });
  using receiver = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 24 });
  const echoed = (async () => {
    for (let i = 0; i < 20; i++) {
      await receiver.receive(SOON);
      const answer = sender.receive(SOON);
      receiver.send(Uint8Array.of(i), SENDER);
      assertEquals((await answer).bytes.at(-1), i);
    }
  })();
  await Promise.all([sender.sendMany(packets(options)), echoed]);
});

await liveTest("RawSocket.sendMany() waits for room as long as it takes", [
  "lab",
  "tc",
], async () => {
  await using lab = await pair();
  // A packet takes more than a second and a half.
  await slowDown(lab, "5kbit", "1mb", "1600");
  using sender = openIn(lab, "sender", TIGHT);
  using receiver = openIn(lab, "receiver");
  const some = [...packets({})].slice(0, 12);
  assertEquals(await sender.sendMany(some), 12);
  assertEquals((await receiver.receive(SOON)).bytes.length, 1020);
});

await liveTest("RawSocket.close() ends a sendMany() that waits for room", [
  "lab",
  "tc",
], async () => {
  for (const [way, options] of WAYS) {
    // The cable has to be a new one: it will be full for minutes.
    await using lab = await pair();
    await slowDown(lab, "10kbit");
    const sender = openIn(lab, "sender", { ...options, ...TIGHT });
    let taken = 0;
    const sending = sender.sendMany(function* () {
      for (const each of packets(options)) {
        taken++;
        yield each;
      }
    }()).catch((error) => error);
    await turn();
    assert(taken < COUNT, `${way}: there was room for all`);
    sender.close();
    assert(await sending instanceof SocketUnavailableError, way);
    await assertRejects(
      () => sender.sendMany(packets(options)),
      SocketUnavailableError,
    );
  }
});
