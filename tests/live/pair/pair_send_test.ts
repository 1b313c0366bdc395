/** What the sender sends, and what it tells. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { RawSocket } from "../../../lib/socket/raw_socket.ts";
import { encodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { icmpError, QUOTED } from "../../tools/icmp_errors.ts";
import { liveTest, run, script } from "../live.ts";
import { lines, Process, receiver, send } from "./pair_process.ts";

const json = (text: string) => lines(text).map((line) => JSON.parse(line));

/** Arguments of send, and what of a received packet they change. */
const ARGUMENTS: [args: string[], changed: Record<string, unknown>][] = [
  [["Hi"], {}],
  [["Hello", "World!"], { payloadText: "Hello World!" }],
  [["Grüße"], { payloadHex: "4772c3bcc39f65" }],
  [["Hi", "-t", "1"], { ttl: 1 }],
  [["Hi", "-t", "255"], { ttl: 255 }],
  [["Hi", "-Q", "0xb9"], { dscp: 46, ecn: 1 }],
  [["Hi", "--tos", "255"], { dscp: 63, ecn: 3 }],
  [["Hi", "-s", "1.1.1.102"], { source: "1.1.1.102" }],
  [["--hex", "00ff 1b:0a"], { payloadHex: "00ff1b0a" }],
  [["--hex", ""], { payloadHex: "" }],
  [["--size", "3"], { payloadHex: "000102" }],
  [["Hi", "--size", "4"], { payloadHex: "48690001" }],
  [["--size", "0"], { payloadHex: "" }],
  [["--size", "1480"], { totalLength: 1500, dontFragment: true }],
  // Longer than the MTU: it comes in fragments, and is put together again.
  [["--size", "1481"], { totalLength: 1501, dontFragment: false }],
  [["--size", "65515"], { totalLength: 65_535, dontFragment: false }],
];

await liveTest(
  "send's options change what arrives, and nothing else",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const second = "address add 1.1.1.102/24 dev eth0".split(" ");
    await run(lab.inside("sender", ["ip", ...second]));
    await using receiving = await receiver(lab, "--json");
    const sent = await Promise.all(
      ARGUMENTS.map(([args]) => send(lab, "1.1.1.1", ...args)),
    );
    await send(lab, "1.1.1.1", "Quit");
    const packets = json((await receiving.end()).stdout)
      .filter(({ type }) => type === "packet")
      .map(({ header, payloadHex, payloadText }) => {
        const { identification: _, checksum: __, ...fixed } = header;
        return { ...fixed, payloadHex, payloadText };
      });
    for (const [i, [args, changed]] of ARGUMENTS.entries()) {
      const note = args.join(" ");
      assertEquals([sent[i].code, sent[i].stderr], [0, ""], note);
      const like = {
        ttl: 64,
        dscp: 0,
        ecn: 0,
        source: "1.1.1.100",
        ...changed,
      };
      assert(
        packets.some((packet) =>
          Object.entries(like).every(([key, value]) => packet[key] === value)
        ),
        note,
      );
    }
    assertEquals(packets.length, ARGUMENTS.length + 1);
  },
);

await liveTest("send -c repeats the message, -i apart, -p by its protocol", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await using receiving = await receiver(lab, "--json", "-p", "99", "-c", "3");
  const options = ["-c", "3", "-i", "1", "-p", "99"];
  const begun = performance.now();
  const { code, stdout } = await send(lab, "1.1.1.1", "Hi", ...options);
  // At least: how much longer is the machine's affair.
  assertGreaterOrEqual(performance.now() - begun, 2000);
  assertEquals(lines(stdout), [
    "Opening Socket..",
    "Socket Info = raw IPv4, protocol 99, 1.1.1.100 to 1.1.1.1",
    ...Array(3).fill("Sent 2 octets to 1.1.1.1"),
    "--- 3 sent, 6 octets, 0 refused",
  ]);
  assertEquals(code, 0);
  const packets = json((await receiving.end()).stdout).slice(1, -1);
  assertEquals(packets.map((packet) => packet.payloadText), ["Hi", "Hi", "Hi"]);
  assertEquals(packets.map((packet) => packet.protocol), [99, 99, 99]);
});

await liveTest("send tells that nobody listens, exit 1", ["lab"], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const { code, stdout, stderr } = await send(lab, "1.1.1.1", "Hi");
  assertEquals(lines(stdout), [
    "Opening Socket..",
    "Socket Info = raw IPv4, protocol 253, 1.1.1.100 to 1.1.1.1",
    "Sent 2 octets to 1.1.1.1",
    "1.1.1.1 answers: destination unreachable: protocol unreachable.",
    "Nobody is listening there for protocol 253.",
    "--- 1 sent, 2 octets, 1 refused",
  ]);
  assertEquals([code, stderr], [1, ""]);
});

await liveTest(
  "send --json tells the same, in these keys",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const { code, stdout, stderr } = await send(lab, "1.1.1.1", "Hi", "--json");
    const route = {
      source: "1.1.1.100",
      destination: "1.1.1.1",
      protocol: 253,
      ttl: 64,
      trafficClass: 0,
      mtu: 1500,
      discoversMTU: true,
    };
    assertEquals(json(stdout), [
      { type: "opened", ...route, isLocal: false },
      {
        type: "sent",
        ...route,
        length: 2,
        payloadHex: "4869",
        payloadText: "Hi",
      },
      {
        type: "refused",
        from: "1.1.1.1",
        destination: "1.1.1.1",
        protocol: 253,
        icmpType: 3,
        icmpCode: 2,
        reason: "destination unreachable: protocol unreachable",
      },
      { type: "summary", sent: 1, octets: 2, refused: 1, failed: 0 },
    ]);
    assertEquals([code, stderr], [1, ""]);
  },
);

await liveTest(
  "send ignores complaints about packets of others",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiving = await receiver(lab);
    const command = script("send", "1.1.1.1");
    await using sending = new Process(lab.inside("sender", command));
    await sending.until("Socket Info");
    using forger = RawSocket.open({
      protocol: 1,
      namespace: lab.namespace("receiver"),
    });
    const complain = (error: Parameters<typeof icmpError>[0]) =>
      forger.send(icmpError(error), "1.1.1.100");
    // What the default quotes has to be sent first.
    await sending.type("Hi\n");
    await sending.until("Sent 2 octets");
    complain({ quote: encodeIPv4({ ...QUOTED, destination: "1.1.1.2" }) });
    complain({ quote: encodeIPv4({ ...QUOTED, protocol: 254 }) });
    complain({ checksumFault: 1 });
    complain({ type: 0, code: 0 });
    complain({ type: 11, code: 0 });
    await sending.until("answers: time exceeded: TTL exceeded in transit.\n");
    await sending.type("Quit\n");
    const { code, stdout } = await sending.end();
    assertEquals(stdout.split("answers").length - 1, 1);
    assertEquals(lines(stdout).at(-1), "--- 2 sent, 6 octets, 1 refused");
    assertEquals(code, 1);
    assertEquals((await receiving.end()).code, 0);
  },
);

await liveTest(
  "send takes a name, and broadcasts when it is told to",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const named = await send(lab, "localhost", "Hi", "--json");
    assertEquals(json(named.stdout)[0].destination, "127.0.0.1");
    await using receiving = await receiver(lab, "--json", "-c", "1");
    const all = await send(lab, "--broadcast", "1.1.1.255", "Hi", "all");
    assertEquals([all.code, all.stderr], [0, ""]);
    const [, packet] = json((await receiving.end()).stdout);
    assertEquals([packet.destination, packet.payloadText], [
      "1.1.1.255",
      "Hi all",
    ]);
  },
);
