/** scripts/examples/: SEED's tasks at work in the lab `lan`. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chain } from "../../lib/lab/topology/chain.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { lan } from "../../lib/lab/topology/lan.ts";
import { liveTest, ROOT, run, unwrapped } from "./live.ts";
import { eventually, lines, Process } from "./pair/pair_process.ts";

const FOLDER = `${ROOT}scripts/examples/`;
const MAX_LINES = 20;

/** The command that runs an example, with the one permission it needs. */
function example(name: string, ...args: string[]): string[] {
  const path = `${FOLDER}${name}.ts`;
  return [Deno.execPath(), "run", "--quiet", "--allow-ffi", path, ...args];
}

/** Runs a command as the user of the lab, come of it what may. */
async function asUser(lab: Lab, ...command: string[]): Promise<string> {
  return (await run(lab.inside("user", command))).stdout;
}

/** Does something again and again until a program has printed `text` twice. */
async function untilTwice(
  program: Process,
  text: string,
  act: () => Promise<unknown>,
): Promise<string[]> {
  let isDone = false;
  const seen = program.until(text, 2).finally(() => isDone = true);
  while (!isDone) await act();
  return lines(await seen);
}

/** What ends an example as scripts end; all else is of mod.ts. */
const ENDING = 'import "../../lib/cli/example.ts";\n';

Deno.test(`each example has ${MAX_LINES} lines, and mod.ts alone`, () => {
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const [, shebang, comment, code] = /^(#!.*\n)?(\/\*\*[^]*?\*\/\n)([^]*)$/
      .exec(Deno.readTextFileSync(FOLDER + name)) ?? [];
    assert(comment !== undefined, `${name} says what it is`);
    // As it is, it runs too, by the one flag that its comment names.
    assertEquals(shebang, "#!/usr/bin/env -S deno run --allow-ffi\n", name);
    assertEquals(Deno.statSync(FOLDER + name).mode! & 0o111, 0o111, name);
    const call = `deno run --allow-ffi scripts/examples/${name}`;
    assert(comment.includes(call), comment);
    assert(code.includes(ENDING), `${name} lacks ${ENDING}`);
    const count = lines(code.replaceAll(/^import [^;]*;\n/gm, ""))
      .filter((line) => line !== "").length;
    assert(count <= MAX_LINES, `${name} has ${count} lines`);
    for (const [, from] of code.matchAll(/from "(.*)"/g)) {
      assertEquals(from, "../../mod.ts", name);
    }
  }
});

Deno.test("an example says in a sentence that it may not, exit 3", async () => {
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const { code, stdout, stderr } = await run(
      [Deno.execPath(), "run", FOLDER + name],
    );
    const sentence = `${name.slice(0, -3)}: Requires ffi access to `;
    assert(unwrapped(stderr).startsWith(sentence), stderr);
    assert(!stderr.includes("    at "), stderr);
    assertEquals([code, stdout], [3, ""]);
  }
});

await liveTest(
  "an example says what is wrong, and what to do",
  [
    "lab",
  ],
  async () => {
    await using lab = await Lab.up(lan);
    const tried = (name: string, ...args: string[]) =>
      run(lab.inside("attacker", example(name, ...args)));
    assertEquals(await tried("sniff_icmp", "eth7"), {
      code: 4,
      stdout: "",
      stderr: 'sniff_icmp: cannot use the interface "eth7": No such device ' +
        "(ioctl: ENODEV)\nThere is no such interface; `ip link` lists them.\n",
    });
  },
);

await liveTest("sniff_icmp sees what others say to each other", [
  "lab",
  "ping",
], async () => {
  await using lab = await Lab.up(lan);
  await using sniffer = new Process(
    lab.inside("attacker", example("sniff_icmp")),
  );
  const found = await untilTwice(
    sniffer,
    "echoReply\n",
    () => asUser(lab, "ping", "-c", "1", "-W", "1", "10.9.0.6"),
  );
  // The switch may deliver an answer sooner than the attacker's copy.
  assertEquals([...new Set(found)].sort(), [
    "10.9.0.5 > 10.9.0.6: echoRequest",
    "10.9.0.6 > 10.9.0.5: echoReply",
  ]);
  sniffer.kill("SIGTERM");
  const { stderr } = await sniffer.end();
  assertEquals(stderr, "listening on eth0 for ICMP\n");
});

/** Asks for a connection; that it is refused does not matter. */
const connect = (host: string, port: number) => [
  "bash",
  "-c",
  `exec 2>&-; echo > /dev/tcp/${host}/${port}`,
];

await liveTest("sniff_tcp sees one host's segments to one port", [
  "lab",
  "bash",
], async () => {
  await using lab = await Lab.up(lan);
  await using sniffer = new Process(
    lab.inside("attacker", example("sniff_tcp")),
  );
  const found = await untilTwice(sniffer, "syn\n", async () => {
    await asUser(lab, ...connect("10.9.0.6", 22));
    await run(lab.inside("victim", connect("10.9.0.5", 23)));
    await asUser(lab, ...connect("10.9.0.6", 23));
  });
  for (const line of found) {
    assertMatch(line, /^10\.9\.0\.5:\d+ > 10\.9\.0\.6:23 syn$/);
  }
});

await liveTest("sniff_subnet sees what goes to a subnet", [
  "lab",
  "ping",
], async () => {
  await using lab = await Lab.up(lan);
  await using sniffer = new Process(
    lab.inside("attacker", example("sniff_subnet", "eth0", "128.230.0.0/16")),
  );
  const found = await untilTwice(sniffer, "octets\n", async () => {
    for (const address of ["10.9.0.6", "128.231.0.1", "128.230.77.7"]) {
      await asUser(lab, "ping", "-c", "1", "-W", "0.05", address);
    }
  });
  for (const line of found) {
    assertEquals(line, "10.9.0.5 > 128.230.77.7: ICMP, 84 octets");
  }
});

await liveTest("spoof_echo is answered to somebody else", [
  "lab",
  "init-root",
  "tcpdump",
], async () => {
  await using lab = await Lab.up(lan);
  const sniff = "exec tcpdump -Z root -nlti eth0 -c 2 icmp 2>&1";
  await using sniffer = new Process(lab.inside("user", ["sh", "-c", sniff]));
  await sniffer.until("listening on");
  const spoof = example("spoof_echo", "1.2.3.4", "10.9.0.5");
  const { stdout, stderr } = await run(lab.inside("attacker", spoof));
  assertEquals([stdout, stderr], [
    "1.2.3.4 > 10.9.0.5: echo request sent\n",
    "",
  ]);
  const found = lines((await sniffer.end()).stdout)
    .filter((line) => line.startsWith("IP"));
  assertEquals(found, [
    "IP 1.2.3.4 > 10.9.0.5: ICMP echo request, id 1, seq 1, length 20",
    "IP 10.9.0.5 > 1.2.3.4: ICMP echo reply, id 1, seq 1, length 20",
  ]);
});

await liveTest(
  "spoof_echo forges nothing to public addresses",
  ["lab"],
  async () => {
    await using lab = await Lab.up(lan);
    const spoof = example("spoof_echo", "10.9.0.5", "1.2.3.4");
    const { code, stderr } = await run(lab.inside("attacker", spoof));
    assertEquals(
      [code, stderr],
      [2, "spoof_echo: 1.2.3.4 is public: this is for a lab alone\n"],
    );
  },
);

await liveTest("traceroute_by_hand finds the routers, and the target", [
  "lab",
  "nft",
], async () => {
  await using lab = await Lab.up(chain(3, { silent: [2] }));
  const trace = example("traceroute_by_hand", "10.9.4.2");
  const { stdout, stderr } = await run(lab.inside("host", trace));
  assertEquals([lines(stdout), stderr], [[
    "- time to live 1 from 10.9.1.2",
    "- time to live 2: no answer",
    "- time to live 3 from 10.9.3.2",
    "- Reach time to live 4 from 10.9.4.2",
  ], ""]);
});

await liveTest("sniff_and_spoof lets nobody be there, and elsewhere answer", [
  "lab",
  "ping",
], async () => {
  await using lab = await Lab.up(lan);
  const ping = (address: string, ...args: string[]) =>
    asUser(lab, "ping", "-n", "-c", "2", "-i", "0.2", ...args, address);
  for (const address of ["10.9.0.99", "1.2.3.4"]) {
    assertMatch(await ping(address, "-w", "1"), / 0 received/);
  }
  await using _spoofer = new Process(
    lab.inside("attacker", example("sniff_and_spoof")),
  );
  for (const address of ["10.9.0.99", "1.2.3.4"]) {
    let text = "";
    await eventually(`each request to ${address} is answered`, async () => {
      text = await ping(address, "-w", "2");
      return text.includes(" 2 received, 0% packet loss");
    });
    assertMatch(
      text,
      new RegExp(`64 bytes from ${address}: icmp_seq=2 ttl=64`),
    );
  }
  await eventually(
    "who is there answers, too",
    async () => /from 10\.9\.0\.6: .*\(DUP!\)/.test(await ping("10.9.0.6")),
  );
});
