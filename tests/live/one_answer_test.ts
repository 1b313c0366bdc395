/** The same address, and the same failure, has the same answer in all scripts. */

import { assert, assertEquals } from "@std/assert";
import type { Lab } from "../../lib/lab/lab.ts";
import { RawSocket } from "../../mod.ts";
import { addLinkLocals, inHost, pairUp } from "./hosts.ts";
import { liveTest, run, script, unwrapped } from "./live.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];

/** How each of them is told where to send to. */
const TO: Readonly<Record<string, (host: string) => string[]>> = {
  ping: (host) => ["-c", "1", "-W", "1", host],
  sweep: (host) => ["-w", "1", host],
  traceroute: (host) => ["-n", "-q", "1", "-m", "2", "-w", "1", host],
  send: (host) => [host, "Hi"],
  spoof: (host) => [host, "-s", "1.1.1.100"],
  craft: (host) => ["--send", "-d", host],
};
const ALL = Object.keys(TO);
/** Those of both families. */
const BOTH = ["ping", "sweep", "traceroute"];

/** IPv4 echo requests that the sender's host has sent. */
async function echoesSent(lab: Lab): Promise<number> {
  const text = await inHost(lab, "sender", "cat", "/proc/net/snmp");
  const [names, values] = text.split("\n")
    .filter((line) => line.startsWith("Icmp: "))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf("OutEchos")]);
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function answerOf(
  lab: Lab,
  name: string,
  args: readonly string[],
): Promise<Answer> {
  return run(lab.inside("sender", script(name, ...args)));
}

/** A host, who is asked about it, the exit code, and what each says. */
const HOSTS: readonly [
  host: string,
  scripts: readonly string[],
  code: number,
  says: RegExp,
][] = [
  // No way leads there, or one that refuses.
  ["192.0.2.1", ALL, 4, /: Network is unreachable .*`ip route get ADDRESS`/],
  ["10.9.1.1", ALL, 3, /: Permission denied .*A route prohibits it/],
  ["10.9.2.1", ALL, 4, /: No route to host .*`ip route get ADDRESS`/],
  ["10.9.3.1", ALL, 4, /: Invalid argument .*A blackhole route leads there/],
  ["2001:db9::1", BOTH, 4, /: Network is unreachable .*`ip route get ADDRESS`/],
  ["2001:db8:9::1", BOTH, 3, /: Permission denied .*A route prohibits it/],
  // Of many hosts.
  ["1.1.1.255", ALL, 2, /many hosts, not of one/],
  ["224.0.0.9", ["ping", "send", "spoof", "craft"], 4, /unreachable/],
  // Of none.
  [
    "no-such-name.invalid",
    ["ping", "traceroute", "send", "spoof"],
    4,
    /resolve/,
  ],
  [
    "1.1.1.1%eth0",
    [...BOTH, "send", "spoof"],
    2,
    /has no zone: leave out "%eth0"/,
  ],
  ["2001:db8::1%eth0", BOTH, 2, /has no zone: leave out "%eth0"/],
  ["fe80::1%eth9", BOTH, 2, /the zone "eth9" is no interface/],
  [
    "fe80::1",
    BOTH,
    2,
    /can be on eth0 or v0: say which, such as fe80::1%eth0/,
  ],
];

await liveTest(
  "all scripts answer alike where nothing can be sent",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await addLinkLocals(lab);
    const setUp = [
      "route add prohibit 10.9.1.0/24",
      "route add unreachable 10.9.2.0/24",
      "route add blackhole 10.9.3.0/24",
      "route add prohibit 2001:db8:9::/64",
      "link add v0 type veth peer name v1",
      "link set v0 addrgenmode none",
      "link set v0 up",
      "link set v1 addrgenmode none",
      "link set v1 up",
      "address add fe80::5/64 dev v0 nodad",
    ];
    for (const command of setUp) {
      await inHost(lab, "sender", "ip", ...command.split(" "));
    }
    for (const [host, scripts, code, says] of HOSTS) {
      const answers = await Promise.all(
        scripts.map((name) => answerOf(lab, name, TO[name](host))),
      );
      for (const [i, { stderr, ...answer }] of answers.entries()) {
        const shown = `${scripts[i]} ${host}\n${stderr}`;
        assertEquals(answer.code, code, shown);
        assert(new RegExp(`^${scripts[i]}: `, "m").test(stderr), shown);
        assert(says.test(unwrapped(stderr)), shown);
        // The way out is shown where there is one, and nowhere else.
        const hasFlag = ["ping", "send", "spoof", "craft"].includes(scripts[i]);
        const wants = host === "1.1.1.255" && hasFlag;
        assertEquals(stderr.includes("--broadcast"), wants, shown);
      }
    }
  },
);

await liveTest(
  "exit 2 means that nothing was sent, wherever the bad one stands",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const namespace = lab.namespace("receiver");
    using ear = RawSocket.open({ protocol: 253, namespace });
    const before = await echoesSent(lab);
    const layers = (destination: string) =>
      JSON.stringify({
        layers: [{ ipv4: { source: "1.1.1.100", destination, protocol: 253 } }],
      });
    const bad: [string, ...string[]][] = [
      ["ping", "-c", "1", "1.1.1.1", "1.1.1.255"],
      ["ping", "-c", "1", "1.1.1.1", "fe80::1%eth9"],
      ["ping", "-c", "1", "-s", "65527", "2001:db8::1", "1.1.1.1"],
      ["sweep", "1.1.1.1", "1.1.1"],
      [
        "craft",
        "--send",
        "--json",
        `${layers("1.1.1.1")}\n${layers("1.1.1.255")}`,
      ],
    ];
    for (const [name, ...args] of bad) {
      const { code, stderr } = await answerOf(lab, name, args);
      assertEquals(code, 2, `${name} ${args.join(" ")}\n${stderr}`);
    }
    assertEquals(await echoesSent(lab), before);
    // Which proves something, if packets are counted, and heard.
    await answerOf(lab, "ping", ["-c", "1", "1.1.1.1"]);
    assertEquals(await echoesSent(lab), before + 1);
    await answerOf(lab, "send", ["1.1.1.1", "first"]);
    const { bytes } = await ear.receive({ timeoutMs: 10_000 });
    assertEquals(new TextDecoder().decode(bytes.subarray(20)), "first");
  },
);

await liveTest("all scripts answer alike where a firewall lets nothing out", [
  ...NEEDS,
  "nft",
], async () => {
  await using lab = await pairUp();
  const rules = "nft add table ip raw4; nft add chain ip raw4 out " +
    "'{ type filter hook output priority 0 ; }'; " +
    "nft add rule ip raw4 out ip daddr 1.1.1.1 drop";
  await inHost(lab, "sender", "sh", "-c", rules);
  const answers = await Promise.all(
    ALL.map((name) => answerOf(lab, name, TO[name]("1.1.1.1"))),
  );
  for (const [i, { code, stdout, stderr }] of answers.entries()) {
    const shown = `${ALL[i]}\n${stdout}${stderr}`;
    assertEquals(code, 3, shown);
    assert(
      unwrapped(stderr).includes("(sendto: EPERM)") ||
        unwrapped(stderr).includes("(sendmmsg: EPERM)"),
      shown,
    );
    assert(stderr.includes("`nft list ruleset` shows them"), shown);
  }
});

await liveTest(
  "this host is what 0.0.0.0 and :: are in all scripts",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const table: [name: string, host: string, shows: string][] = [
      ["ping", "0.0.0.0", "64 bytes from 127.0.0.1: icmp_seq=1"],
      ["ping", "::", "64 bytes from ::1: icmp_seq=1"],
      ["sweep", "0.0.0.0", "127.0.0.1 is alive"],
      ["sweep", "::", "::1 is alive"],
      ["traceroute", "0.0.0.0", " 1  127.0.0.1  "],
      ["traceroute", "::", " 1  ::1  "],
      ["send", "0.0.0.0", "127.0.0.1"],
      ["spoof", "0.0.0.0", "127.0.0.1"],
    ];
    const answers = await Promise.all(
      table.map(([name, host]) => answerOf(lab, name, TO[name](host))),
    );
    for (const [i, [name, host, shows]] of table.entries()) {
      const { code, stdout, stderr } = answers[i];
      assert(stdout.includes(shows), `${name} ${host}\n${stdout}${stderr}`);
      // A sweep's figures stand there.
      const said = name === "sweep" ? "" : stderr;
      assertEquals([code, said], [0, ""], `${name} ${host}`);
    }
  },
);

await liveTest(
  "all scripts answer alike where they cannot send from",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const table: [code: number, says: RegExp, [string, ...string[]][]][] = [
      [4, /There is no such interface; `ip link` lists them/, [
        ["ping", "-I", "eth9", "1.1.1.1"],
        ["sweep", "-I", "eth9", "1.1.1.1"],
        ["traceroute", "-i", "eth9", "1.1.1.1"],
        ["sniff", "-I", "eth9"],
      ]],
      [4, /No interface of this host has that address/, [
        ["ping", "-I", "192.0.2.9", "1.1.1.1"],
        ["sweep", "-I", "192.0.2.9", "1.1.1.1"],
        ["traceroute", "-s", "192.0.2.9", "1.1.1.1"],
        ["send", "-s", "192.0.2.9", "1.1.1.1", "Hi"],
        ["receive", "-b", "192.0.2.9"],
      ]],
      [4, /A link-local address is one only with the interface that it is on/, [
        ["ping", "-I", "fe80::99", "2001:db8::1"],
        ["sweep", "-I", "fe80::99", "2001:db8::1"],
        ["traceroute", "-s", "fe80::99", "2001:db8::1"],
      ]],
      // Of one family only.
      [2, /over IPv4|IPv6/, [
        ["ping", "-4", "-I", "2001:db8::100", "localhost"],
        ["ping", "-6", "1.1.1.1"],
        ["traceroute", "-6", "1.1.1.1"],
      ]],
    ];
    for (const [code, says, commands] of table) {
      const answers = await Promise.all(
        commands.map(([name, ...args]) => answerOf(lab, name, args)),
      );
      for (const [i, { stderr, ...answer }] of answers.entries()) {
        const shown = `${commands[i].join(" ")}\n${stderr}`;
        assertEquals(answer.code, code, shown);
        assert(says.test(unwrapped(stderr)), shown);
      }
    }
  },
);

await liveTest("all scripts say alike that raw sockets are not permitted", [
  ...NEEDS,
  "setpriv",
], async () => {
  await using lab = await pairUp();
  const commands = [
    ...ALL.map((name) => [name, ...TO[name]("1.1.1.1")]),
    ["receive"],
    ["sniff", "-c", "1"],
  ];
  const answers = await Promise.all(
    commands.map(([name, ...args]) =>
      run(lab.inside("sender", [
        ...["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"],
        ...script(name, ...args),
      ]))
    ),
  );
  for (const [i, { code, stderr }] of answers.entries()) {
    const shown = `${commands[i].join(" ")}\n${stderr}`;
    assertEquals(code, 3, shown);
    assert(stderr.includes("CAP_NET_RAW"), shown);
  }
});
