import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  buildPacket,
  decodeIPv4,
  dissect,
  encodeIPv4,
  icmpv4,
  internetChecksum,
  ipv4,
  type IPv4Fields,
  PacketSocket,
  routeTo,
  SocketError,
  TimeoutExceeded,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  inside,
  octets,
  openIn,
  pair,
  RECEIVER,
  RECEIVER6,
  SENDER,
  SENDER6,
  SOON,
} from "./socket_support.ts";

const FIELDS: IPv4Fields = {
  source: "1.1.1.77",
  destination: RECEIVER,
  protocol: 253,
};

/** What raw(7) says that Linux always writes: total length and checksum. */
function withoutLengthAndChecksum(packet: Uint8Array): string {
  const rest = packet.slice();
  rest.fill(0, 2, 4).fill(0, 10, 12);
  return rest.toHex();
}

await liveTest(
  "RawSocket headerIncluded sends the given header as it is",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", {
      protocol: 255,
      headerIncluded: true,
    });
    using receiver = openIn(lab, "receiver");
    const headers: Partial<IPv4Fields>[] = [
      { identification: 1 },
      { identification: 0xfffe, dontFragment: true, ttl: 1 },
      { identification: 2, dscp: 63, ecn: 3, ttl: 255 },
      { identification: 3, dscp: 46, ecn: 1, source: SENDER },
      { identification: 4, reserved: true },
      // Three times "no operation", and the end of the list.
      { identification: 5, options: Uint8Array.of(1, 1, 1, 0) },
      { identification: 6, options: new Uint8Array(40).fill(1) },
    ];
    for (const fields of headers) {
      const packet = encodeIPv4({ ...FIELDS, ...fields }, octets("payload"));
      sender.send(packet, RECEIVER);
      const { bytes, source } = await receiver.receive(SOON);
      assertEquals(bytes.toHex(), packet.toHex());
      assertEquals(source, fields.source ?? "1.1.1.77");
    }
  },
);

await liveTest(
  "RawSocket headerIncluded leaves total length and checksum to Linux, and what is zero of source and identification",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", { headerIncluded: true });
    using receiver = openIn(lab, "receiver");
    const wrong = encodeIPv4({
      ...FIELDS,
      identification: 0x1234,
      totalLength: 33,
      checksum: 0xdead,
    }, octets("hello"));
    sender.send(wrong, RECEIVER);
    const { bytes } = await receiver.receive(SOON);
    assertEquals(
      withoutLengthAndChecksum(bytes),
      withoutLengthAndChecksum(wrong),
    );
    assertEquals(decodeIPv4(bytes).header.totalLength, 25);
    assertEquals(internetChecksum(bytes.subarray(0, 20)), 0);

    const zero = encodeIPv4({ ...FIELDS, source: "0.0.0.0" });
    const identifications = new Set<number>();
    for (let i = 0; i < 4; i++) {
      sender.send(zero, RECEIVER);
      const { bytes } = await receiver.receive(SOON);
      const { header } = decodeIPv4(bytes);
      assertEquals(header.source, SENDER);
      identifications.add(header.identification);
    }
    assertNotEquals([...identifications], [0]);
  },
);

await liveTest(
  "RawSocket headerIncluded sends to the destination given, whatever the header says",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", { headerIncluded: true });
    using elsewhere = openIn(lab, "receiver", { bindAddress: "127.0.0.1" });
    using receiver = openIn(lab, "receiver");
    const packets = ["1.1.1.9", RECEIVER].map((destination) =>
      encodeIPv4({ ...FIELDS, destination, identification: 7 })
    );
    // The receiving host drops the first: 1.1.1.9 is somebody else.
    await sender.sendMany(
      packets.map((bytes) => ({ bytes, destination: RECEIVER })),
    );
    const { bytes } = await receiver.receive(SOON);
    assertEquals(bytes.toHex(), packets[1].toHex());
    assertEquals(elsewhere.dropped, 0);
  },
);

/** The first seed's table: the row of Linux. */
await liveTest(
  "RawSocket headerIncluded: protocol 0 is refused, 255 and 1 send whatever the header says",
  ["lab"],
  async () => {
    await using lab = await pair();
    const headerIncluded = true;
    const error = assertThrows(
      () => openIn(lab, "sender", { protocol: 0, headerIncluded }),
      SocketError,
    );
    assertEquals([error.syscall, error.code], ["socket", "EPROTONOSUPPORT"]);

    using any = openIn(lab, "sender", { protocol: 255, headerIncluded });
    using icmp = openIn(lab, "sender", { protocol: 1, headerIncluded });
    // Both send it; the answer is received by the one of ICMP.
    for (const [sequence, socket] of [any, icmp].entries()) {
      const request = buildPacket(
        ipv4({ source: SENDER, destination: RECEIVER, identification: 1 }),
        icmpv4({ kind: "echoRequest", identifier: 7, sequence }),
      );
      socket.send(request, RECEIVER);
      const { bytes } = await icmp.receive(SOON);
      const [, reply] = dissect(bytes).layers;
      assertEquals(reply.protocol, "icmpv4");
    }
    await assertRejects(() => any.receive({ timeoutMs: 0 }), TimeoutExceeded);

    // raw(7) says that 255 is for sending only; yet 255 itself is received.
    using listener = openIn(lab, "receiver", { protocol: 255, headerIncluded });
    any.send(encodeIPv4(FIELDS), RECEIVER);
    const reserved = encodeIPv4({ ...FIELDS, protocol: 255 });
    any.send(reserved, RECEIVER);
    const { bytes } = await listener.receive(SOON);
    assertEquals(decodeIPv4(bytes).header.protocol, 255);
  },
);

await liveTest(
  "a packet to a blackhole route is refused, and the remedy names it",
  ["lab"],
  async () => {
    await using lab = await pair();
    await inside(lab, "sender", "ip route add blackhole 10.1.0.0/16");
    const namespace = lab.namespace("sender");
    const fields = { ...FIELDS, destination: "10.1.0.1" };
    using sender = openIn(lab, "sender", { headerIncluded: true });
    const error = assertThrows(
      () => sender.send(encodeIPv4(fields), "10.1.0.1"),
      SocketError,
    );
    assertEquals(error.code, "EINVAL");
    assertStringIncludes(error.remedy!, "A blackhole route leads there");
    const asked = assertThrows(
      () => routeTo("10.1.0.1", { namespace }),
      SocketError,
    );
    assertStringIncludes(asked.remedy!, "A blackhole route leads there");
  },
);

await liveTest(
  "RawSocket of family 6 takes a header with headerIncluded",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", { family: 6, headerIncluded: true });
    using receiver = openIn(lab, "receiver", { family: 6 });
    const source = "20010db8000000000000000000000100";
    const destination = "20010db8000000000000000000000001";
    const packet = Uint8Array.fromHex(
      `6000000000054040${source}${destination}68656c6c6f`,
    );
    packet[6] = 253;
    sender.send(packet, RECEIVER6);
    const datagram = await receiver.receive(SOON);
    assertEquals(new TextDecoder().decode(datagram.bytes), "hello");
    assertEquals(datagram.source, SENDER6);
  },
);

await liveTest(
  "RawSocket headerIncluded sends a lone fragment, also where connections are tracked",
  ["lab", "nft"],
  async () => {
    await using lab = await pair();
    await inside(lab, "sender", "nft add table ip t");
    const hook = "{ type filter hook output priority 0; }";
    await inside(lab, "sender", `nft add chain ip t out ${hook}`);
    await inside(lab, "sender", "nft add rule ip t out ct state new counter");
    using sender = openIn(lab, "sender", {
      protocol: 255,
      headerIncluded: true,
    });
    using sniffer = PacketSocket.open({
      device: "eth0",
      namespace: lab.namespace("receiver"),
      filter: { protocol: 253 },
    });
    const fragment = encodeIPv4(
      { ...FIELDS, source: SENDER, identification: 7, moreFragments: true },
      octets("12345678"),
    );
    sender.send(fragment, RECEIVER);
    const { bytes } = await sniffer.receive(SOON);
    assertEquals(bytes.subarray(14), fragment);
  },
);
