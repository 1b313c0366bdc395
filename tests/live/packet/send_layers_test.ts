/** Layers that a socket sends: their checksums, as the kernel judges them. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  buildPacket,
  decodeIPv4,
  decodeTCP,
  decodeUDP,
  encodeUDP,
  ethernet,
  ipv4,
  PacketSocket,
  RawSocket,
  tcp,
  udp,
} from "../../../mod.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest } from "../live.ts";

const PORTS = { sourcePort: 40_000, destinationPort: 9 };
const TIMEOUT = { timeoutMs: 30_000 };

/** Address of the receiver, by family; and ICMP's number, and its type's. */
const FAMILIES = [
  { family: 4, to: "1.1.1.1", icmp: 1, unreachable: 3, headers: 20 },
  { family: 6, to: "2001:db8::1", icmp: 58, unreachable: 1, headers: 0 },
] as const;

for (const { family, to, icmp, unreachable, headers } of FAMILIES) {
  await liveTest(
    `a raw socket's TCP and UDP layers get a checksum, IPv${family}`,
    ["lab"],
    async () => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      const open = (protocol: number) =>
        RawSocket.open({
          protocol,
          family,
          namespace: lab.namespace("sender"),
        });
      // Nobody listens there, which its kernel says of a right checksum alone.
      using sender = open(6);
      sender.send(tcp({ ...PORTS, syn: true }), to);
      const reset = await sender.receive(TIMEOUT);
      assert(decodeTCP(reset.bytes.subarray(headers)).header.rst);
      using errors = open(icmp);
      using datagrams = open(17);
      datagrams.send([udp(PORTS), "Hello"], to);
      for (;;) {
        const { bytes } = await errors.receive(TIMEOUT);
        // Not the neighbours looking for each other.
        if (bytes[headers] === unreachable) break;
      }
    },
  );
}

await liveTest(
  "a raw socket's layers know its device and address, or all of their header",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const sender = { namespace: lab.namespace("sender") };
    using receiver = RawSocket.open({
      protocol: 17,
      namespace: lab.namespace("receiver"),
    });
    const checksumOf = async () => {
      const { payload } = decodeIPv4((await receiver.receive(TIMEOUT)).bytes);
      return decodeUDP(payload).header.checksum;
    };
    const layers = (source: string) => [
      ipv4({ source, destination: "1.1.1.1" }),
      udp(PORTS),
      "Hi",
    ];
    const wanted = (source: string) =>
      decodeUDP(buildPacket(...layers(source)).subarray(20)).header.checksum;
    using bound = RawSocket.open({
      ...{ ...sender, protocol: 17, device: "eth0" },
      bindAddress: "1.1.1.100",
    });
    bound.send([udp(PORTS), "Hi"], "1.1.1.1");
    assertEquals(await checksumOf(), wanted("1.1.1.100"));
    using forger = RawSocket.open({
      ...{ ...sender, protocol: 255, headerIncluded: true },
    });
    forger.send(layers("10.0.0.1"), "1.1.1.1");
    assertEquals(await checksumOf(), wanted("10.0.0.1"));
    using frames = PacketSocket.open({ ...sender, device: "eth0" });
    const destination = "ff:ff:ff:ff:ff:ff";
    frames.send([
      ethernet({ destination, source: "02:00:00:00:00:01" }),
      ...layers("1.1.1.7"),
    ]);
    assertEquals(await checksumOf(), wanted("1.1.1.7"));
    // Text alone, and what was given, are sent as they are.
    bound.send(udp({ ...PORTS, checksum: 0x1234 }), "1.1.1.1");
    assertEquals(await checksumOf(), 0x1234);
    bound.send("12345678Hello", "1.1.1.1");
    assertEquals(await checksumOf(), 0x3738);
  },
);

/** This host's addresses that Linux writes for none in particular. */
const UNSPECIFIED = [
  { family: 4, to: "0.0.0.0", written: "127.0.0.1" },
  { family: 6, to: "::", written: "::1" },
  { family: 6, to: "0:0::0", written: "::1" },
  { family: 4, to: "0.0.0.0", written: "1.1.1.100", from: "1.1.1.100" },
  { family: 6, to: "::", written: "::1", from: "2001:db8::100" },
] as const;

await liveTest(
  "a raw socket's checksum covers what Linux writes for 0.0.0.0 and ::",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const namespace = lab.namespace("sender");
    for (const { to, family, written, ...rest } of UNSPECIFIED) {
      const bindAddress = "from" in rest ? rest.from : undefined;
      const options = { family, namespace };
      using receiver = RawSocket.open({ ...options, protocol: 17 });
      using sender = RawSocket.open({ ...options, protocol: 17, bindAddress });
      sender.send([udp(PORTS), "hi"], to);
      const { bytes, source, destination } = await receiver.receive(TIMEOUT);
      assertEquals(destination, written);
      const datagram = bytes.subarray(family === 4 ? 20 : 0);
      const pair = { source, destination: written };
      const { header, payload } = decodeUDP(datagram);
      const right = decodeUDP(encodeUDP(PORTS, payload, pair)).header;
      assertEquals(header.checksum, right.checksum);
    }
  },
);

await liveTest(
  "a socket refuses a first layer that its IP header does not announce",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const namespace = lab.namespace("sender");
    const header = ipv4({ source: "127.0.0.1", destination: "127.0.0.1" });
    using datagrams = RawSocket.open({ protocol: 17, namespace });
    assertThrows(
      () => datagrams.send([header, udp(PORTS)], "127.0.0.1"),
      TypeError,
      "cannot send ipv4(…) first on a socket for protocol 17: the kernel puts " +
        "an IP header before it, and this would be a second one; leave it " +
        "out, or open the socket with headerIncluded: true",
    );
    using other = RawSocket.open({ protocol: 253, namespace });
    for (const packet of [tcp(PORTS), [tcp(PORTS), "Hi"]]) {
      assertThrows(
        () => other.send(packet, "127.0.0.1"),
        TypeError,
        "but it is protocol 6; open the socket with protocol: 6",
      );
    }
    // A tunnel's payload begins with a header of its own.
    using tunnel = RawSocket.open({ protocol: 4, namespace });
    tunnel.send([header, udp(PORTS)], "127.0.0.1");
    const { payload } = await tunnel.receive(TIMEOUT);
    assertEquals(decodeIPv4(payload).header.protocol, 17);
  },
);
