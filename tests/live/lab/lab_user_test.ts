/** The lab of somebody who is not root. */

import { assertEquals, assertMatch } from "@std/assert";
import { Machine, runs, withoutRemark } from "./lab_machine.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab_user.ts";
import { liveTest, run } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";

await liveTest(
  "an ordinary user has a lab, in a user namespace",
  USER_NEEDS,
  async () => {
    await using machine = await Machine.start();
    await using user = await OrdinaryUser.create();
    for (
      const [host, address] of [["sender", "1.1.1.100"], [
        "receiver",
        "1.1.1.1",
      ]]
    ) {
      const command = ["sh", "-c", "id -u; ip -br -4 address; exit 7"];
      const args = ["run", "pair", "--host", host, "--", ...command];
      const { code, stdout, stderr } = await run(
        machine.inside(user.command(user.script("lab", ...args))),
      );
      const [id, ...rest] = lines(stdout);
      assertEquals(id, "0", "root of that namespace");
      assertMatch(
        rest.join("\n"),
        new RegExp(`^eth0@if\\d +UP +${address}/24`, "m"),
      );
      assertEquals([code, stderr], [7, ""]);
    }
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest(
  "an ordinary user has the other labs, too",
  [...USER_NEEDS, "nft", "ping"],
  async () => {
    await using user = await OrdinaryUser.create();
    const LABS = [
      ["chain", "15", "--lossy", "3=0", "--", "ping", "-c1", "10.9.16.2"],
      ["chain", "1", "--slow", "1=5", "--", "ping", "-c1", "10.9.2.2"],
      ["chain", "2", "--", "ping", "-c1", "2001:db8:9:3::2"],
      ["lan", "--host", "user", "--", "ping", "-c1", "10.9.0.6"],
    ];
    for (const args of LABS) {
      const { code, stdout, stderr } = await run(
        user.command(user.script("lab", "run", ...args)),
      );
      assertEquals([code, stderr], [0, ""], args.join(" "));
      assertMatch(stdout, / 1 received, 0% packet loss/);
    }
  },
);

await liveTest(
  "within it, the pair meets through two shells",
  USER_NEEDS,
  async () => {
    await using user = await OrdinaryUser.create();
    // As a student does it: a shell in the sender, and out of it the receiver.
    const command = user.command(user.script("lab", "run", "pair", "--", "sh"));
    await using shell = new Process(command);
    const receive = user.script("receive", "-b", "1.1.1.1").join(" ");
    const inReceiver = `run pair --host receiver -- ${receive}`;
    const lab = user.script("lab", ...inReceiver.split(" ")).join(" ");
    await shell.type(`${lab} &\n`);
    await shell.until("Socket Info");
    const send = user.script("send", "1.1.1.1", "Quit").join(" ");
    await shell.type(`${send} >/dev/null; wait; exit 3\n`);
    const { code, stdout, stderr } = await shell.end();
    const [, , packet, ...rest] = lines(stdout);
    assertMatch(packet, /^4500.{20}010101640101010151756974$/);
    assertEquals(rest, ["Quit", "--- 1 received, 24 octets, 0 dropped (quit)"]);
    assertEquals([code, stderr], [3, ""]);
  },
);

await liveTest(
  "an ordinary user's lab lives as long as its command: up says so, exit 3",
  USER_NEEDS,
  async () => {
    await using user = await OrdinaryUser.create();
    for (const args of [["up"], ["run", "pair", "--stay", "--", "true"]]) {
      const { code, stdout, stderr } = await run(
        user.command(user.script("lab", ...args)),
      );
      assertEquals(lines(stderr), [
        "lab: without root a lab lives only as long as a command in it",
        "Start a shell in it: `scripts/lab.ts run pair -- bash`. Or be root.",
      ]);
      assertEquals([code, stdout], [3, ""]);
    }
    const down = await run(user.command(user.script("lab", "down")));
    assertEquals([down.code, down.stderr], [
      2,
      "lab: the lab pair is not up\n",
    ]);
  },
);

await liveTest(
  "without iproute2 there is no lab: exit 3, and what to do",
  USER_NEEDS,
  async () => {
    await using machine = await Machine.start();
    await using user = await OrdinaryUser.create();
    await machine.hide("ip");
    const command = user.script("lab", "run", "pair", "--", "true");
    const { code, stdout, stderr } = await run(
      machine.inside(user.command(command)),
    );
    const [first, ...rest] = lines(withoutRemark(stderr));
    assertEquals(first, "lab: no lab is possible here");
    assertMatch(
      rest.join(" "),
      /^Install iproute2 and util-linux, and be root/,
    );
    assertEquals([code, stdout], [3, ""]);
  },
);

await liveTest(
  "an ordinary user's lab ends on SIGTERM, with all in it",
  USER_NEEDS,
  async () => {
    await using user = await OrdinaryUser.create();
    const sleep = ["sh", "-c", "echo $$ sleeps; exec sleep 60"];
    await using process = new Process(
      user.command(user.script("lab", "run", "pair", "--", ...sleep)),
    );
    const pid = parseInt(await process.until("sleeps"));
    assertEquals(await runs(pid), true);
    process.kill("SIGTERM");
    assertEquals((await process.end()).code, 143);
    await eventually("it is gone", async () => !await runs(pid));
  },
);
