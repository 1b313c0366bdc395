/**
 * A TCP connection of crafted packets alone, which the kernel takes for real.
 *
 * The client's address is nobody's, so that no kernel answers for it: the
 * receiver's host is told by a neighbour entry that it is behind the sender's
 * interface, where a packet socket sees what comes.
 */

import { assertEquals } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  decodeTCPOptions,
  dissect,
  encodeTCPOptions,
  ipv4,
  ipv6,
  type PacketSocket,
  RawSocket,
  tcp,
  type TCPFields,
  type TCPHeader,
} from "../../../mod.ts";
import { inHost, pairUp } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { Process } from "../pair/pair_process.ts";
import { packetSocketIn } from "../sniff/sniff_support.ts";
import { RECEIVER, RECEIVER6, SOON } from "../socket/socket_support.ts";

const SERVER_PORT = 8000;
const CLIENT_PORT = 40_000;
const FIRST_SEQUENCE = 0xffff_fffe;

/** Answers in capitals, and says whom. */
const LISTEN = `
import socket, sys
server = socket.create_server((sys.argv[1], ${SERVER_PORT}),
    family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
print("listening", flush=True)
connection, client = server.accept()
print("accepted", client[0], client[1], flush=True)
data = connection.recv(99)
print("received", data, flush=True)
connection.sendall(data.upper())
connection.close()
print("closed", flush=True)
`;

/** A header that came, and what it carried. */
interface Segment {
  readonly header: TCPHeader;
  readonly text: string;
}

/** The client's end: what it sends is crafted, what it gets is sniffed. */
class Client implements Disposable {
  readonly #sniffer: PacketSocket;
  readonly #sender: RawSocket;
  readonly #address: string;
  readonly #server: string;

  constructor(lab: Lab, address: string, server: string) {
    this.#address = address;
    this.#server = server;
    this.#sniffer = packetSocketIn(lab, "sender", {
      filter: { protocol: 6, host: address },
    });
    this.#sender = RawSocket.open({
      namespace: lab.namespace("sender"),
      protocol: 255,
      headerIncluded: true,
      family: server.includes(":") ? 6 : 4,
    });
  }

  send(fields: Partial<TCPFields>, text = ""): void {
    const addresses = { source: this.#address, destination: this.#server };
    const packet = buildPacket(
      this.#server.includes(":") ? ipv6(addresses) : ipv4(addresses),
      tcp({
        sourcePort: CLIENT_PORT,
        destinationPort: SERVER_PORT,
        ...fields,
      }),
      text,
    );
    this.#sender.send(packet, this.#server);
  }

  /** The next segment of the server's that is like this. */
  async receive(isWanted: (segment: Segment) => boolean): Promise<Segment> {
    for (;;) {
      const { bytes, linkType } = await this.#sniffer.receive(SOON);
      const { layers } = dissect(bytes, { linkType });
      const layer = layers.find(({ protocol }) => protocol === "tcp");
      if (layer?.protocol !== "tcp") continue;
      const { offset, length, payloadLength, header } = layer;
      if (header.sourcePort !== SERVER_PORT) continue;
      const start = offset + length;
      const payload = bytes.subarray(start, start + payloadLength);
      const segment = { header, text: new TextDecoder().decode(payload) };
      if (header.rst) throw new Error("the server reset the connection");
      if (isWanted(segment)) return segment;
    }
  }

  [Symbol.dispose](): void {
    this.#sniffer.close();
    this.#sender.close();
  }
}

for (
  const [version, address, server] of [
    ["IPv4", "1.1.1.7", RECEIVER],
    ["IPv6", "2001:db8::7", RECEIVER6],
  ] as const
) {
  await liveTest(
    `the kernel accepts a crafted ${version} connection, and data over it`,
    ["lab", "python3"],
    async () => {
      await using lab = await pairUp();
      const link = await inHost(lab, "sender", "ip", "-j", "link", "show");
      const { address: mac } = JSON.parse(link)
        .find(({ ifname }: { ifname: string }) => ifname === "eth0");
      const neighbour = ["neigh", "add", address, "lladdr", mac];
      await inHost(lab, "receiver", "ip", ...neighbour, "dev", "eth0");
      await using listener = new Process(
        lab.inside("receiver", ["python3", "-c", LISTEN, server]),
      );
      await listener.until("listening");
      using client = new Client(lab, address, server);

      client.send({
        syn: true,
        sequence: FIRST_SEQUENCE,
        options: encodeTCPOptions([
          { kind: "maximumSegmentSize", size: 1400 },
          { kind: "sackPermitted" },
        ]),
      });
      const { header } = await client.receive(({ header }) => header.syn);
      assertEquals([header.ack, header.acknowledgment], [true, 0xffff_ffff]);
      const kinds = decodeTCPOptions(header.options).options
        .map(({ option }) => option.kind);
      assertEquals(kinds.includes("sackPermitted"), true);

      const sequence = 0xffff_ffff;
      const acknowledgment = (header.sequence + 1) % 2 ** 32;
      client.send({ ack: true, sequence, acknowledgment });
      await listener.until(`accepted ${address} ${CLIENT_PORT}`);

      client.send({ ack: true, psh: true, sequence, acknowledgment }, "hello");
      await listener.until("received b'hello'");
      const answer = await client.receive(({ text }) => text !== "");
      assertEquals(answer.text, "HELLO");
      // The sequence number has gone round.
      assertEquals(answer.header.acknowledgment, 4);

      const end = answer.header.fin
        ? answer
        : await client.receive(({ header }) => header.fin);
      client.send({
        ack: true,
        fin: true,
        sequence: 4,
        acknowledgment: (end.header.sequence + end.text.length + 1) % 2 ** 32,
      });
      const last = await client.receive(({ header }) =>
        header.acknowledgment === 5
      );
      assertEquals([last.header.fin, last.text], [false, ""]);
      assertEquals((await listener.end()).code, 0);
    },
  );
}
