/** What the sender explains beforehand, against what the receiver gets. */

import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest, run } from "../live.ts";
import { lines, receiver, send } from "./pair_process.ts";

const KERNEL = [
  "The kernel writes this header. It chooses the identification, shown as 0",
  "here, and the checksum changes with it.",
];

/** The lines of an explanation, without what only the kernel knows. */
function masked(text: string): string[] {
  return lines(text).map((line) =>
    line
      .replace(/(Identification): 0x.*/, "$1")
      .replace(/(Header Checksum): 0x.{4} \[correct\]/, "$1")
      .replace(/^\| +0x.{4} \(\d+\) +\|/, "| |")
      .replace(/\| +0x.{4} \[correct\] +\|$/, "| |")
  );
}

/** Arguments of send, and the line on fragments where there is one. */
const MESSAGES: [args: string[], fragments: string[]][] = [
  [["Hello World!"], []],
  [["Hi", "-t", "1", "-Q", "0xb8"], []],
  [["Hi", "-t", "255", "-Q", "3", "-s", "1.1.1.102"], []],
  [["--hex", "1b5b324a07e280ae"], []],
  [["--size", "0"], []],
  [["--size", "1480"], []],
  [["--size", "3000"], [
    "The MTU is 1500 octets: it leaves in fragments, not in one piece.",
  ]],
];

await liveTest("send --explain tells every field that arrives, but two", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const second = "address add 1.1.1.102/24 dev eth0".split(" ");
  await run(lab.inside("sender", ["ip", ...second]));
  for (const [args, fragments] of MESSAGES) {
    const note = args.join(" ");
    await using receiving = await receiver(lab, "--explain", "-c", "1");
    const sent = await send(lab, "1.1.1.1", ...args, "--explain");
    const arrived = await receiving.end();
    assertEquals([sent.code, arrived.code], [0, 0], note);

    // Behind "Opening Socket..", "Socket Info" and "Sent …": the kernel's part.
    const foretold = masked(sent.stdout).slice(3, -1);
    const head = [...KERNEL, ...fragments, ""];
    assertEquals(foretold.slice(0, head.length), head, note);
    // Behind the same two, up to the payload's text and the summary.
    const found = masked(arrived.stdout).slice(2, -4);
    assertEquals(foretold.slice(head.length), found, note);

    const screens = sent.stdout + arrived.stdout;
    assert(!/[^\P{Cc}\n]|\p{Cf}/u.test(screens), note);
    for (const line of foretold) assert(line.length <= 80, line);
  }
});

await liveTest(
  'send --explain shows no "don\'t fragment" where the kernel sets none',
  ["lab", "sysctl"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    for (const isOff of [0, 1]) {
      const set = ["sysctl", "-qw", `net.ipv4.ip_no_pmtu_disc=${isOff}`];
      await run(lab.inside("sender", set));
      await using receiving = await receiver(lab, "--explain", "-c", "1");
      const sent = await send(lab, "1.1.1.1", "Hi", "--explain");
      const arrived = await receiving.end();
      const flags = `Flags: ${isOff ? "0x0" : "0x2, Don't fragment"}\n`;
      assert(arrived.stdout.includes(flags), arrived.stdout);
      assert(sent.stdout.includes(flags), sent.stdout);
    }
  },
);

await liveTest(
  "receive --explain shows a packet as the seed's Wireshark does",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiving = await receiver(lab, "--explain");
    await send(lab, "1.1.1.1", "Quit", "-t", "128");
    const screen = lines((await receiving.end()).stdout);
    const shown = screen.slice(2).map((line) => line.trim());
    for (
      const line of [
        "Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1",
        "0100 .... = Version: 4",
        ".... 0101 = Header Length: 20 bytes (5)",
        "Total Length: 24",
        ".1.. .... = Don't fragment: Set",
        "...0 0000 0000 0000 = Fragment Offset: 0",
        "Time to Live: 128",
        "Protocol: experimentation and testing (253)",
        "Source Address: 1.1.1.100",
        "Destination Address: 1.1.1.1",
        "Data (4 bytes)",
        "0000  51 75 69 74                                       Quit",
        "|Version|  IHL  |   DSCP    |ECN|         Total Length          |",
      ]
    ) {
      assert(shown.includes(line), line);
    }
    assert(
      /^Header Checksum: 0x[0-9a-f]{4} \[correct\]$/m.test(shown.join("\n")),
    );
    assertEquals(shown.slice(-4), [
      "",
      "Quit",
      "",
      "--- 1 received, 24 octets, 0 dropped (quit)",
    ]);
  },
);
