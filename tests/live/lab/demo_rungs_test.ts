/** The demo, on each rung that it can stand on. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { Machine, runs, withoutRemark } from "./lab_machine.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab_user.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";

const IN_LAB =
  "Two hosts in network namespaces, 1.1.1.100 and 1.1.1.1, on one cable.";

/** What the demo shows, what differs from run to run left out. */
function expected(sender: string, receiver: string): string[] {
  const hex = (address: string) =>
    address.split(".").map((n) => Number(n).toString(16).padStart(2, "0"))
      .join("");
  const title = (text: string) => `== ${text} ${"=".repeat(76 - text.length)}`;
  const packet = (length: string, text: string) =>
    `450000${length}ID..400040fdSUM.${hex(sender)}${hex(receiver)}` +
    new TextEncoder().encode(text).toHex();
  return [
    "",
    title(`Sender, ${sender}: send.ts ${receiver}`),
    "Opening Socket..",
    `Socket Info = raw IPv4, protocol 253, ${sender} to ${receiver}`,
    ...(sender === receiver
      ? ["That is this host: it cannot be told whether anybody receives there."]
      : []),
    "Type in the message to send : Hello World!",
    `Sent 12 octets to ${receiver}`,
    "Type in the message to send : Hi",
    `Sent 2 octets to ${receiver}`,
    "Type in the message to send : How are you ?",
    `Sent 13 octets to ${receiver}`,
    "Type in the message to send : Quit",
    `Sent 4 octets to ${receiver}`,
    "--- 4 sent, 31 octets, 0 refused",
    "",
    title(`Receiver, ${receiver}: receive.ts -b ${receiver}`),
    "Opening Socket..",
    `Socket Info = raw IPv4, protocol 253, address ${receiver}`,
    packet("20", "Hello World!"),
    "Hello World!",
    packet("16", "Hi"),
    "Hi",
    packet("21", "How are you ?"),
    "How are you ?",
    packet("18", "Quit"),
    "Quit",
    "--- 4 received, 111 octets, 0 dropped (quit)",
    "",
    title("The first packet, bit by bit"),
    `Internet Protocol Version 4, Src: ${sender}, Dst: ${receiver}`,
  ];
}

function assertShows(stdout: string, sender: string, receiver: string): void {
  const masked = lines(stdout).map((line) =>
    line.replace(/^(450000..).{4}(400040fd).{4}/, "$1ID..$2SUM.")
  );
  const start = masked.indexOf("");
  const screens = expected(sender, receiver);
  assertEquals(masked.slice(start, start + screens.length), screens);
  assertMatch(stdout, /^ {4}Header Checksum: 0x.{4} \[correct\]$/m);
  assertMatch(
    stdout,
    /^Data \(12 bytes\)\n0000 {2}48 65 6c 6c .* Hello World!$/m,
  );
  assertMatch(stdout, /^\|Version\| {2}IHL {2}\| {3}DSCP {4}\|ECN\|/m);
  assertEquals(masked.slice(-4), [
    "",
    `== On two real machines, as root ${"=".repeat(47)}`,
    "the one with the address A:  deno run --allow-ffi scripts/receive.ts -b A",
    "the other one:               deno run --allow-ffi scripts/send.ts A",
  ]);
  for (const line of masked) assert(line.length <= 80, line);
}

await liveTest(
  "deno task demo shows the seed's conversation in a lab",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const task = [Deno.execPath(), "task", "--quiet", "demo"];
    const { code, stdout, stderr } = await run(machine.inside(task), {
      env: { NO_COLOR: "1" },
      cwd: ROOT,
    });
    assertEquals(lines(stdout)[0], IN_LAB);
    assertShows(stdout, "1.1.1.100", "1.1.1.1");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest(
  "the demo works without root, in a user namespace",
  USER_NEEDS,
  async () => {
    await using user = await OrdinaryUser.create();
    const { code, stdout, stderr } = await run(
      user.command(user.script("demo")),
    );
    assertEquals(lines(stdout).slice(0, 2), [
      "Not root here, so as root of a user namespace of our own:",
      IN_LAB,
    ]);
    assertShows(stdout, "1.1.1.100", "1.1.1.1");
    assertEquals([code, stderr], [0, ""]);
  },
);

await liveTest(
  "the demo meets on 127.0.0.1 where there is no lab",
  ["lab"],
  async () => {
    // In a host, whose loopback interface is nobody else's.
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using machine = await Machine.start();
    await machine.hide("ip");
    const { code, stdout, stderr } = await run(
      lab.inside("sender", machine.inside(script("demo"))),
    );
    assertEquals(
      lines(stdout)[0],
      "No network namespaces here, so the pair meets on 127.0.0.1.",
    );
    assertShows(stdout, "127.0.0.1", "127.0.0.1");
    assertEquals([code, withoutRemark(stderr)], [0, ""]);
  },
);

await liveTest(
  "the demo says what to do where it can do nothing: exit 3",
  USER_NEEDS,
  async () => {
    await using machine = await Machine.start();
    await using user = await OrdinaryUser.create();
    await machine.hide("ip");
    const { code, stdout, stderr } = await run(
      machine.inside(user.command(user.script("demo"))),
    );
    const [first, ...rest] = lines(withoutRemark(stderr));
    assertEquals(
      first,
      "demo: neither a lab nor a raw socket is possible here",
    );
    assertMatch(
      rest.join(" "),
      /^Install iproute2 and util-linux, and be root/,
    );
    assertEquals([code, stdout], [3, ""]);
  },
);

/** What the demo waits for: a program that does so instead of its work. */
const WAITS: [at: string, program: string, does: string][] = [
  ["its lab is built", "ip", '*" -batch -"'],
  ["the receiver listens", "nsenter", '*"scripts/receive.ts"*'],
  ["the sender sends", "nsenter", '*"scripts/send.ts"*'],
];

for (const [at, program, call] of WAITS) {
  for (
    const [signal, code] of [
      ["TERM", 143],
      ["INT", 130],
      ["HUP", 129],
    ] as const
  ) {
    await liveTest(
      `the demo ends on SIG${signal} before ${at}, and leaves nothing`,
      ["lab", "setsid"],
      async () => {
        await using machine = await Machine.start();
        await using waiting = await machine.replace(
          program,
          `case "$*" in ${call})
            echo $$ >>$dir/pids
            until test -e $dir/go; do sleep 0.01; done
          esac`,
        );
        const demo = ["setsid", ...machine.inside(script("demo"))];
        await using process = new Process(demo);
        const pids = async () =>
          (await Deno.readTextFile(`${waiting.dir}/pids`).catch(() => ""))
            .split("\n").filter(Boolean).map(Number);
        await eventually("it waits", async () => (await pids()).length > 0);
        // A terminal signals all that it runs; others the script alone.
        const whom = signal === "INT" ? `-${process.pid}` : `${process.pid}`;
        await run(["kill", `-${signal}`, "--", whom]);
        // Nobody interrupts what builds a lab.
        if (program === "ip") await Deno.writeTextFile(`${waiting.dir}/go`, "");
        const finished = await process.end();
        assertEquals([finished.code, finished.stderr], [code, ""]);
        assertEquals(await machine.namespaces(), []);
        for (const pid of await pids()) assertEquals(await runs(pid), false);
      },
    );
  }
}
