/** Messages that leave in fragments; tshark and the receiver's kernel judge. */

import { assert, assertEquals } from "@std/assert";
import { decodeIPv4 } from "../../../mod.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { Tcpdump } from "../sniff/sniff_support.ts";
import { pair } from "../socket/socket_support.ts";
import { lines, Process, receiver, send } from "./pair_process.ts";

// deno-lint-ignore no-explicit-any
type JSONValue = any;

const objects = (text: string): JSONValue[] =>
  lines(text).map((line) => JSON.parse(line));
const FRAGMENTS = ["-i", "eth0", "ip proto 253"];

await liveTest(
  "send --mtu: fragments leave, and the receiver gets the message once",
  ["lab", "init-root", "tcpdump", "tshark"],
  async () => {
    await using lab = await pair();
    await using tcpdump = await Tcpdump.start(lab, "receiver", ...FRAGMENTS);
    await using receiving = await receiver(lab, "--json", "-c", "3");
    const arguments_ = ["-t", "9", "-Q", "0xb9", "-c", "3"];
    const sent = await send(
      ...[lab, "1.1.1.1", "--size", "1500", "--mtu", "576"] as const,
      ...[...arguments_, "--json"],
    );
    assertEquals([sent.code, sent.stderr], [0, ""]);
    const received = objects((await receiving.end()).stdout)
      .filter(({ type }) => type === "packet");
    const payload = Uint8Array.from({ length: 1500 }, (_, i) => i).toHex();
    assertEquals(received.map((packet) => packet.payloadHex), [
      ...[payload, payload, payload],
    ]);
    const { ttl, dscp, ecn, source, totalLength } = received[0].header;
    assertEquals([ttl, dscp, ecn], [9, 46, 1]);
    assertEquals([source, totalLength], ["1.1.1.100", 1520]);
    const identifications = received.map(({ header }) => header.identification);
    assertEquals(new Set(identifications).size, 3);

    const seen = (await tcpdump.packets(9)).map(({ bytes }) => bytes.slice(14));
    const [opened, ...rest] = objects(sent.stdout);
    assertEquals([opened.mtu, opened.discoversMTU], [576, false]);
    const told = rest.filter(({ type }) => type === "sent")
      .flatMap(({ fragments }) => fragments);
    assertEquals(seen.map((fragment) => fragment.toHex()), told);
    const headers = seen.map((fragment) => decodeIPv4(fragment).header);
    assertEquals(
      headers.slice(0, 3).map((header) => [
        ...[header.totalLength, header.fragmentOffset, header.moreFragments],
        ...[header.dontFragment, header.identification],
      ]),
      [
        [572, 0, true, false, identifications[0]],
        [572, 552, true, false, identifications[0]],
        [416, 1104, false, false, identifications[0]],
      ],
    );
    const fields = ["ip.checksum.status", "ip.reassembled.length"];
    assertEquals(
      (await tcpdump.fields(...fields)).map((values) => values.join(" ")),
      Array(3).fill(["1 ", "1 ", "1 1500"]).flat(),
    );
  },
);

await liveTest(
  "send --mtu: a conversation, in which what fits leaves whole",
  ["lab"],
  async () => {
    await using lab = await pair();
    await using receiving = await receiver(lab, "--json");
    const command = script("send", "1.1.1.1", "--mtu", "68");
    await using sending = new Process(lab.inside("sender", command));
    const long = "long ".repeat(30);
    await sending.type(`${long}\nHi\nQuit\n`);
    const { code, stdout } = await sending.end();
    assertEquals(code, 0);
    assertEquals(lines(stdout).filter((line) => line.startsWith("Sent")), [
      "Sent 150 octets to 1.1.1.1 in 4 fragments",
      "Sent 2 octets to 1.1.1.1",
      "Sent 4 octets to 1.1.1.1",
    ]);
    const texts = objects((await receiving.end()).stdout)
      .flatMap(({ type, payloadText }) => type === "packet" ? payloadText : []);
    assertEquals(texts, [long, "Hi", "Quit"]);
  },
);

await liveTest(
  "send --mtu --diff compares each fragment, --explain explains it",
  ["lab"],
  async () => {
    await using lab = await pair();
    await using receiving = await receiver(lab, "-c", "1");
    const message = ["1.1.1.1", "--size", "900", "--mtu", "500"];
    const { code, stdout } = await send(lab, ...message, "--diff", "--json");
    assertEquals(code, 0);
    const events = objects(stdout);
    assertEquals(events.map(({ type }) => type), [
      ...["opened", "sent", "compared", "compared", "summary"],
    ]);
    const values = (name: string) =>
      events.filter(({ type }) => type === "compared")
        .map(({ here, there, fields }: JSONValue) => {
          assert(here.isSeen && there.isSeen);
          const field = fields.find((field: JSONValue) => field.name === name);
          return [field.sent.value, field.left.value, field.arrived.value];
        });
    assertEquals(values("fragmentOffset"), [[0, 0, 0], [480, 480, 480]]);
    assertEquals(values("totalLength"), [[500, 500, 500], [440, 440, 440]]);
    assertEquals(values("flags"), [[1, 1, 1], [0, 0, 0]]);
    const [[identification]] = values("identification");
    assertEquals(
      values("identification"),
      [Array(3).fill(identification), Array(3).fill(identification)],
    );
    assertEquals((await receiving.end()).code, 0);

    const explained = await send(lab, ...message, "--explain");
    const told = lines(explained.stdout).filter((line) =>
      /^Fragment|^Sent|^ {4}.*(Fragment Offset|Total Length): /.test(line)
    ).map((line) => line.replace(/^ .*(?= Fragment)/, "   "));
    assertEquals(told, [
      "Sent 900 octets to 1.1.1.1 in 2 fragments",
      "Fragment 1 of 2, whose header the kernel leaves as it is:",
      "    Total Length: 500",
      "    Fragment Offset: 0",
      "Fragment 2 of 2, whose header the kernel leaves as it is:",
      "    Total Length: 440",
      "    Fragment Offset: 480",
    ]);
  },
);

await liveTest(
  "send --mtu --why finds what it finds of a whole message",
  ["lab"],
  async () => {
    await using lab = await pair();
    const causes = async (...args: string[]) => {
      const sent = await send(lab, ...args, "--why", "--json");
      const { cause } = objects(sent.stdout)
        .find(({ type }) => type === "explained");
      return [sent.code, cause];
    };
    for (const to of ["1.1.1.1", "1.1.1.77"]) {
      const whole = await causes(to, "--size", "900");
      assertEquals(await causes(to, "--size", "900", "--mtu", "100"), whole);
    }
    // To oneself fragments are no reply.
    await using receiving = new Process(
      lab.inside("sender", script("receive", "-c", "1")),
    );
    await receiving.until("Socket Info");
    const own = await causes("1.1.1.100", "--size", "900", "--mtu", "100");
    assertEquals(own, [1, "silent"]);
  },
);

await liveTest(
  "send --mtu refuses what cannot be, exit 2",
  ["lab"],
  async () => {
    await using lab = await pair();
    const BAD: [args: string[], said: string][] = [
      [
        ["1.1.1.1", "Hi", "--mtu", "1501"],
        "send: an MTU of 1501 octets is more than the 1500 that the way to " +
        "1.1.1.1 takes",
      ],
      [
        ["1.1.1.1", "Hi", "--mtu", "67"],
        "send: option '--mtu <octets>' argument '67' is invalid. Wanted: a whole " +
        "number from 68 to 65535. (send --help shows the usage and examples)",
      ],
    ];
    for (const [args, said] of BAD) {
      const { code, stdout, stderr } = await send(lab, ...args);
      assertEquals([code, unwrapped(stderr)], [2, said]);
      assertEquals(stdout.includes("Sent"), false);
    }
  },
);

await liveTest(
  "send --mtu counts fragments as packets to a public address",
  ["init-root", "unshare"],
  async () => {
    const alone = (...args: string[]) =>
      run(["unshare", "-n", ...script("send", "9.9.9.9", ...args)]);
    const message = ["--size", "5000", "--mtu", "68"];
    const { code, stderr } = await alone(...message);
    assertEquals([code, unwrapped(stderr)], [
      2,
      "send: 105 packets a second are more than a person needs, and 9.9.9.9 is " +
      "public: keep to 100, or --allow-public, if it is yours to flood",
    ]);
    // No route leads there, which is the kernel's word.
    const allowed = await alone(...message, "--allow-public");
    assertEquals(allowed.code, 4);
  },
);
