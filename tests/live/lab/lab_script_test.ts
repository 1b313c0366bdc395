/** scripts/lab.ts: up, status, run, down; and what its hosts are like. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Machine } from "./lab_machine.ts";
import { liveTest, run, script, shellWords, unwrapped } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";

const BOTH = ["raw4-pair-receiver", "raw4-pair-sender"];

await liveTest("lab up, status, run and down put up one lab, and remove it", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const lab = (...args: string[]) =>
    run(machine.inside(script("lab", ...args)));

  assertEquals(await lab("status"), {
    code: 0,
    stdout: "No lab is up.\n",
    stderr: "",
  });
  const up = await lab("up", "pair");
  assertEquals(up, {
    code: 0,
    stdout: "The lab pair is up: two hosts on one cable: " +
      "sender 1.1.1.100, receiver 1.1.1.1.\n",
    stderr: "",
  });
  assertEquals(await machine.namespaces(), BOTH);
  const status = await lab("status");
  assertEquals(lines(status.stdout).sort(), BOTH.map((n) => `${n}  stays`));

  const again = await lab("up", "pair");
  assertEquals([again.code, again.stderr], [
    2,
    "lab: the lab pair is up already\n",
  ]);
  assertEquals(await machine.namespaces(), BOTH);

  // What one run changes in a host, the next one finds.
  await lab("run", "pair", "--", "ip", "link", "set", "lo", "mtu", "1234");
  const link = await lab("run", "pair", "--", "ip", "link", "show", "lo");
  assertMatch(link.stdout, /mtu 1234/, link.stderr);
  assertEquals(await machine.namespaces(), BOTH);

  assertEquals(await lab("down", "pair"), { code: 0, stdout: "", stderr: "" });
  assertEquals(await machine.namespaces(), []);
  const down = await lab("down", "pair");
  assertEquals([down.code, down.stderr], [2, "lab: the lab pair is not up\n"]);
});

await liveTest(
  "lab run runs a command in the host asked for, and removes the lab",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const address = async (...options: string[]) => {
      const command = ["ip", "-br", "address", "show", "eth0"];
      const args = ["run", "pair", ...options, "--", ...command];
      const { stdout } = await run(machine.inside(script("lab", ...args)));
      return stdout;
    };
    assertMatch(await address(), /UP +1\.1\.1\.100\/24 2001:db8::100\/64/);
    const sender = await address("--host", "sender");
    assertMatch(sender, /UP +1\.1\.1\.100\/24 2001:db8::100\/64/);
    const receiver = await address("--host", "receiver");
    assertMatch(receiver, /UP +1\.1\.1\.1\/24 2001:db8::1\/64/);
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest("lab run in a host of a lab stays in that lab", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const which = ["ip", "netns", "identify"];
  const inside = script(
    ...["lab", "run", "pair", "--host", "receiver", "--", ...which],
  );
  const shell = `${which.join(" ")}; ${shellWords(inside)}`;
  const outside = script("lab", "run", "pair", "--", "sh", "-c", shell);
  const { stdout } = await run(machine.inside(outside));
  assertMatch(stdout, /^(raw4-pair-[\d.]+-)sender\n\1receiver\n$/);
  assertEquals(await machine.namespaces(), []);
});

await liveTest("lab run --stay leaves the lab up", ["lab"], async () => {
  await using machine = await Machine.start();
  const lab = (...args: string[]) =>
    run(machine.inside(script("lab", ...args)));
  assertEquals((await lab("run", "pair", "--stay", "--", "true")).code, 0);
  assertEquals(await machine.namespaces(), BOTH);
  assertEquals((await lab("down")).code, 0);
  assertEquals(await machine.namespaces(), []);
});

/** Commands, and the exit code that the run ends with. */
const EXITS: [command: string[], code: number, said?: string][] = [
  [["true"], 0],
  [["false"], 1],
  [["sh", "-c", "exit 7"], 7],
  [["sh", "-c", "kill -TERM $$"], 143],
  [["/nowhere/program"], 127, "lab: /nowhere/program: not found\n"],
  [["nosuchcmd", "-x"], 127, "lab: nosuchcmd: not found\n"],
];

await liveTest("lab run ends with the command's exit code, the lab removed", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  for (const [command, code, said = ""] of EXITS) {
    const args = ["run", "pair", "--", ...command];
    const finished = await run(machine.inside(script("lab", ...args)));
    assertEquals([finished.code, finished.stderr], [code, said]);
    assertEquals(await machine.namespaces(), []);
  }
});

await liveTest(
  "lab run hands its input and its output on",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const args = ["run", "pair", "--", "sh", "-c", "cat; echo no >&2"];
    const command = machine.inside(script("lab", ...args));
    const { stdout, stderr } = await run(command, { input: "yes\n" });
    assertEquals([stdout, stderr], ["yes\n", "no\n"]);
  },
);

/** Mistakes, the exit code, and what is said first. */
const MISTAKES: [args: string[], sentence: string][] = [
  [[], "lab: missing required argument 'action'"],
  [
    ["raise"],
    "lab: command-argument value 'raise' is invalid for argument 'action'.\n" +
    "Allowed choices are up, down, status, run.",
  ],
  [
    ["up", "trio"],
    'lab: there is no lab "trio", but pair, lan, chain, star; a command to run stands ' +
    "after --",
  ],
  [["run", "pair"], "lab: run needs a command, after --"],
  [
    ["run", "pair", "--host", "router", "--", "true"],
    "lab: pair has no host router, but receiver, sender",
  ],
  [["up", "pair", "--", "true"], "lab: up takes no command: run does"],
  [
    ["up", "pair", "--host", "sender"],
    "lab: --host, --new and --stay go with run",
  ],
  [["status", "--stay"], "lab: --host, --new and --stay go with run"],
  [["status", "--new"], "lab: --host, --new and --stay go with run"],
  [
    ["run", "pair", "--new", "--stay", "--", "true"],
    "lab: --new and --stay exclude one another",
  ],
  [["run", "--"], "lab: run needs a command, after --"],
  [
    ["run", "pair", "true"],
    'lab: pair takes no "true"; a command to run stands after --',
  ],
  [
    ["run", "chain", "x", "--", "true"],
    'lab: a chain\'s number of routers must be a whole number, but is "x"',
  ],
  [
    ["up", "chain", "31"],
    "lab: a chain's number of routers must be a whole number from 1 to 30, " +
    "but is 31",
  ],
  [
    ["up", "lan", "--silent", "2"],
    "lab: lan has no routers that could be silent",
  ],
  [
    ["up", "chain", "3", "--silent", "two"],
    "lab: option '--silent <k,…>' argument 'two' is invalid.\n" +
    "Wanted: numbers such as 2,4.",
  ],
  [
    ["up", "chain", "3", "--lossy", "2"],
    "lab: option '--lossy <k=percent,…>' argument '2' is invalid.\n" +
    "Wanted: numbers, each with its value, such as 3=30,5=10.",
  ],
];

await liveTest(
  "lab answers mistakes in a sentence, exit 2, and builds nothing",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    for (const [args, sentence] of MISTAKES) {
      const { code, stdout, stderr } = await run(
        machine.inside(script("lab", ...args)),
      );
      const said = unwrapped(stderr);
      assert(
        `${said} `.startsWith(`${sentence.replaceAll("\n", " ")} `),
        stderr,
      );
      assertEquals([code, stdout], [2, ""], sentence);
      assertEquals(await machine.namespaces(), []);
    }
  },
);

await liveTest(
  "the pair needs no /proc/sys that can be written, others say which line",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const readOnly = "mount --bind /proc/sys /proc/sys && " +
      "mount -o remount,ro,bind /proc/sys && exec ";
    const lab = (...args: string[]) => {
      const call = shellWords(script("lab", "run", ...args, "--", "true"));
      return run(machine.inside(["sh", "-c", readOnly + call]));
    };
    // A machine that forwards, as for containers, has hosts do so, too.
    const inherited = await Deno.readTextFile("/proc/sys/net/ipv4/ip_forward");
    const isThere = inherited.trim() === "0";
    assertEquals((await lab("pair")).code, isThere ? 0 : 4);
    const { code, stderr } = await lab("lan");
    assertEquals(code, 4);
    const said = unwrapped(stderr);
    assertMatch(said, /^lab: `nsenter --net=\S+ \/bin\/sh -e` failed: /);
    assertMatch(said, /failed: .*\/conf\/\S+: Read-only file system$/);
    assertEquals(said.includes("forward"), !isThere);
  },
);

await liveTest("the pair's cable carries both families both ways", [
  "lab",
  "ping",
], async () => {
  await using machine = await Machine.start();
  const args = ["run", "pair", "--stay", "--", "true"];
  await run(machine.inside(script("lab", ...args)));
  const PINGS = [
    ["sender", "1.1.1.1"],
    ["sender", "2001:db8::1"],
    ["receiver", "1.1.1.100"],
    ["receiver", "2001:db8::100"],
  ];
  await Promise.all(PINGS.map(async ([host, address]) => {
    const ping = ["ping", "-c", "1", "-W", "10", address];
    const args = ["run", "pair", "--host", host, "--", ...ping];
    const { code, stdout } = await run(machine.inside(script("lab", ...args)));
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /1 packets transmitted, 1 received, 0% packet loss/);
  }));
});

await liveTest("the pair's cards leave checksums to the kernel", [
  "lab",
  "ethtool",
], async () => {
  await using machine = await Machine.start();
  for (const host of ["sender", "receiver"]) {
    const show = ["ethtool", "-k", "eth0"];
    const args = ["run", "pair", "--host", host, "--", ...show];
    const { stdout } = await run(machine.inside(script("lab", ...args)));
    assertMatch(stdout, /^tx-checksumming: off$/m);
  }
});

await liveTest("labs of two runs at once have nothing to do with each other", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const start = () =>
    new Process(
      machine.inside(script("lab", "run", "pair", "--new", "--", "sh")),
    );
  await using first = start();
  await using second = start();
  for (const shell of [first, second]) {
    await shell.type("echo ready\n");
    await shell.until("ready");
  }
  const names = await machine.namespaces();
  assertEquals(new Set(names).size, 4);
  for (const name of names) {
    assertMatch(name, /^raw4-pair-\d+\.\d+-(sender|receiver)$/);
  }
  const status = await run(machine.inside(script("lab", "status")));
  assertEquals(lines(status.stdout).length, 4);
  assertMatch(
    status.stdout,
    /^(raw4-pair-((\d+)\.\d+)-\w+ {2}until process \3 ends\n)+$/,
  );

  await first.type("exit 3\n");
  assertEquals((await first.end()).code, 3);
  const left = await machine.namespaces();
  assert(left.length === 2 && left.every((name) => names.includes(name)));
  await second.type("ip -br address show eth0; exit 4\n");
  const { code, stdout } = await second.end();
  assertMatch(stdout, /1\.1\.1\.100/);
  assertEquals(code, 4);
  assertEquals(await machine.namespaces(), []);
});
