/** What the receiver shows, and when it ends. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest, run } from "../live.ts";
import { lines, receiver, send, senderSocket } from "./pair_process.ts";

const KEYS =
  "type timestamp source destination protocol length header payloadHex payloadText";
const HEADER_KEYS =
  "version headerLength dscp ecn totalLength identification reserved " +
  "dontFragment moreFragments fragmentOffset ttl protocol checksum source " +
  "destination options";

await liveTest("receive shows what the seed's does", ["lab"], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await using receiving = await receiver(lab, "-b", "1.1.1.1");
  for (const message of ["Hello World!", "Hi", "Quit"]) {
    await send(lab, "1.1.1.1", message);
  }
  const { code, stdout, stderr } = await receiving.end();
  const [opening, socket, ...rest] = lines(stdout);
  assertEquals(opening, "Opening Socket..");
  assertEquals(
    socket,
    "Socket Info = raw IPv4, protocol 253, address 1.1.1.1",
  );
  const header = (length: string) =>
    new RegExp(
      `^450000${length}[0-9a-f]{4}400040fd[0-9a-f]{4}0101016401010101`,
    );
  assertMatch(rest[0], header("20"));
  assertEquals(rest[0].slice(40), "48656c6c6f20576f726c6421");
  assertEquals(rest[1], "Hello World!");
  assertMatch(rest[2], header("16"));
  assertEquals(rest[2].slice(40), "4869");
  assertEquals(rest[3], "Hi");
  assertEquals(rest[4].slice(40), "51756974");
  assertEquals(rest.slice(5), [
    "Quit",
    "--- 3 received, 78 octets, 0 dropped (quit)",
  ]);
  assertEquals([code, stderr], [0, ""]);
});

await liveTest(
  "receive --json has these keys, and no others",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiving = await receiver(lab, "--json", "-c", "1");
    const before = Date.now();
    await send(lab, "1.1.1.1", "Hi", "-t", "9", "-Q", "0xb9");
    const { code, stdout, stderr } = await receiving.end();
    const [opened, packet, summary] = lines(stdout).map((line) =>
      JSON.parse(line)
    );
    assertEquals(opened, { type: "opened", protocol: 253, address: null });
    assertEquals(Object.keys(packet), KEYS.split(" "));
    assertEquals(Object.keys(packet.header), HEADER_KEYS.split(" "));
    const { timestamp, header, ...rest } = packet;
    assertEquals(rest, {
      type: "packet",
      source: "1.1.1.100",
      destination: "1.1.1.1",
      protocol: 253,
      length: 22,
      payloadHex: "4869",
      payloadText: "Hi",
    });
    const { identification: _, checksum: __, ...fixed } = header;
    assertEquals(fixed, {
      version: 4,
      headerLength: 20,
      dscp: 46,
      ecn: 1,
      totalLength: 22,
      reserved: false,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 9,
      protocol: 253,
      source: "1.1.1.100",
      destination: "1.1.1.1",
      options: "",
    });
    assertMatch(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    const at = Date.parse(timestamp);
    assert(before - 1000 <= at && at <= Date.now() + 1000, timestamp);
    assertEquals(summary, {
      type: "summary",
      received: 1,
      octets: 22,
      dropped: 0,
      reason: "count",
    });
    assertEquals([code, stderr], [0, ""]);
  },
);

await liveTest("receive ends by QUIT in any case, and by nothing like it", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  using sender = senderSocket(lab);
  const others = ["quitter", "I quit", " QUIT", "QUI", "QUIT\n"];
  for (const quit of ["QUIT", "quit", "QuIt"]) {
    await using receiving = await receiver(lab, "-w", "30");
    for (const text of [...others, quit, "too late"]) {
      sender.send(new TextEncoder().encode(text), "1.1.1.1");
    }
    const { code, stdout } = await receiving.end();
    const shown = lines(stdout).slice(2).filter((_, i) => i % 2 === 1);
    assertEquals(shown, [...others.slice(0, -1), "QUIT\\n", quit]);
    assertEquals(
      lines(stdout).at(-1),
      "--- 6 received, 150 octets, 0 dropped (quit)",
    );
    assertEquals(code, 0);
  }
});

await liveTest("receive -c ends after so many packets", ["lab"], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  using sender = senderSocket(lab);
  await using receiving = await receiver(lab, "-c", "3");
  for (let i = 0; i < 5; i++) sender.send(Uint8Array.of(65), "1.1.1.1");
  const { code, stdout } = await receiving.end();
  assertEquals(
    lines(stdout).at(-1),
    "--- 3 received, 63 octets, 0 dropped (count)",
  );
  assertEquals(code, 0);
});

await liveTest(
  "receive -w ends when none comes: exit 1 if none or too few came",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    // Each by a protocol of its own, so that they can wait at the same time.
    const CASES: [args: string[], sent: number, code: number][] = [
      [["-p", "200", "-w", "0"], 0, 1],
      [["-p", "201", "-w", "0.05"], 0, 1],
      [["-p", "202", "-w", "10s"], 2, 0],
      [["-p", "203", "-w", "10s", "-c", "3"], 2, 1],
      [["-p", "204", "-w", "60", "-c", "2"], 2, 0],
    ];
    await Promise.all(CASES.map(async ([args, sent, code]) => {
      await using receiving = await receiver(lab, ...args);
      using sender = senderSocket(lab, Number(args[1]));
      for (let i = 0; i < sent; i++) sender.send(Uint8Array.of(65), "1.1.1.1");
      const finished = await receiving.end();
      assertEquals(finished.code, code, args.join(" "));
      const reason = args.includes("60") ? "count" : "timeout";
      assertEquals(
        lines(finished.stdout).at(-1),
        `--- ${sent} received, ${sent * 21} octets, 0 dropped (${reason})`,
      );
      assertEquals(finished.stderr, "");
    }));
  },
);

await liveTest(
  "receive -p takes one protocol, -b one address",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const address = "address add 1.1.1.2/24 dev eth0".split(" ");
    await run(lab.inside("receiver", ["ip", ...address]));
    await using bound = await receiver(lab, "1.1.1.1");
    await using other = await receiver(lab, "-p", "254");
    await using all = await receiver(lab);
    assertMatch(other.seen, /protocol 254, address any/);
    await send(lab, "1.1.1.2", "to the second address");
    await send(lab, "1.1.1.1", "of another protocol", "-p", "254");
    await send(lab, "1.1.1.1", "Quit");
    await send(lab, "1.1.1.1", "Quit", "-p", "254");
    const texts = async (process: typeof all) =>
      lines((await process.end()).stdout).slice(2, -1).filter((_, i) => i % 2);
    assertEquals(await texts(bound), ["Quit"]);
    assertEquals(await texts(other), ["of another protocol", "Quit"]);
    assertEquals(await texts(all), ["to the second address", "Quit"]);
  },
);
