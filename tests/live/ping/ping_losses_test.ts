/** Requests that cannot leave are sent and lost, as iputils counts them. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { inHost, pairUp } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { Process } from "../pair/pair_process.ts";

const COUNT = 30;

/** What keeps packets from leaving the sender, and what lets them again. */
interface Cut {
  readonly name: string;
  readonly cut: string;
  readonly mend: string;
  readonly args?: readonly string[];
  readonly needs?: string;
  readonly code: string;
}

const CUTS: readonly Cut[] = [
  {
    name: "the cable is out",
    cut: "ip link set eth0 down",
    mend: "ip link set eth0 up",
    code: "ENETUNREACH",
  },
  {
    name: "the cable of the interface that was given is out",
    args: ["-I", "eth0"],
    cut: "ip link set eth0 down",
    mend: "ip link set eth0 up",
    code: "ENETUNREACH",
  },
  {
    name: "the address is gone",
    args: ["-I", "1.1.1.100"],
    cut: "ip address del 1.1.1.100/24 dev eth0",
    mend: "ip address add 1.1.1.100/24 dev eth0",
    code: "ENETUNREACH",
  },
  {
    name: "a firewall drops them",
    needs: "nft",
    cut: "nft add table ip raw4; nft add chain ip raw4 out " +
      "'{ type filter hook output priority 0 ; }'; " +
      "nft add rule ip raw4 out icmp type echo-request drop",
    mend: "nft delete table ip raw4",
    code: "EPERM",
  },
  {
    name: "a route prohibits it",
    cut: "ip route add prohibit 1.1.1.1",
    mend: "ip route del prohibit 1.1.1.1",
    code: "EACCES",
  },
  {
    name: "a route swallows it",
    cut: "ip route add blackhole 1.1.1.1",
    mend: "ip route del blackhole 1.1.1.1",
    code: "EINVAL",
  },
];

for (const { name, needs, cut, mend, args = [], code } of CUTS) {
  await liveTest(`ping.ts counts what could not leave: ${name}`, [
    ...["lab", "nsenter", "sysctl", "ping"],
    ...(needs === undefined ? [] : [needs]),
  ], async () => {
    await using lab = await pairUp();
    const inSender = (...command: string[]) => lab.inside("sender", command);
    const to = ["-c", `${COUNT}`, "-i", "0.2", "-W", "1", ...args, "1.1.1.1"];
    await using ours = new Process(
      inSender(...script("ping", "--json", ...to)),
    );
    await ours.until('"type":"reply"');
    await using iputils = new Process(inSender("ping", ...to));
    await iputils.until("bytes from", 2);
    await inHost(lab, "sender", "sh", "-c", cut);
    await ours.until('"type":"failed"', 3);
    await inHost(lab, "sender", "sh", "-c", mend);

    const theirs = await iputils.end();
    const [, sent, received, loss] =
      /(\d+) packets transmitted, (\d+) received.* ([\d.]+)% packet loss/
        .exec(theirs.stdout)!.map(Number);
    assertEquals([theirs.code, sent], [0, COUNT], theirs.stdout);
    assert(received < COUNT, theirs.stdout);
    assertAlmostEquals(loss, 100 * (1 - received / COUNT), 1e-4);

    const screen = await ours.end();
    const events = screen.stdout.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    const of = (type: string) => events.filter((event) => event.type === type);
    const numbers = (type: string) => of(type).map(({ sequence }) => sequence);
    const [host] = of("host");
    assertEquals([screen.code, host.packetsSent], [0, COUNT]);
    assertEquals(host.packetsReceived, of("reply").length);
    assertEquals(host.packetLoss, 1 - host.packetsReceived / COUNT);
    // Each request is told of, once, by its number.
    assertEquals(
      ["reply", "failed", "timeout"].flatMap(numbers)
        .toSorted((a, b) => a - b),
      Array.from({ length: COUNT }, (_, i) => i + 1),
    );
    const reasons = of("failed").map(({ reason }) => reason);
    assert(reasons.length >= 3);
    assert(
      reasons.some((reason) => reason.includes(`: ${code})`)),
      reasons.join("\n"),
    );
  });
}

await liveTest("ping.ts: nothing leaves from the first to the last", [
  "lab",
  "nsenter",
  "sysctl",
  "nft",
  "ping",
], async () => {
  await using lab = await pairUp();
  await inHost(lab, "sender", "sh", "-c", CUTS[3].cut);
  const args = ["-c", "3", "-i", "0.05", "-W", "0.2", "1.1.1.1"];
  const [ours, theirs] = await Promise.all([
    run(lab.inside("sender", script("ping", ...args))),
    run(lab.inside("sender", ["ping", ...args])),
  ]);
  const summary = (screen: string) => /.* packet loss/.exec(screen)?.[0];
  assertEquals(
    summary(ours.stdout),
    "3 packets transmitted, 0 received, 100% packet loss",
  );
  assertEquals(summary(theirs.stdout), summary(ours.stdout));
  // The reason once, however often; and no figures where there are none.
  assertEquals(ours.stderr.match(/EPERM/g)?.length, 1, ours.stderr);
  assert(!ours.stdout.includes("rtt min"), ours.stdout);
  assertEquals([ours.code, theirs.code], [3, 1]);

  const json = script("ping", "--json", ...args);
  const { stdout } = await run(lab.inside("sender", json));
  const host = JSON.parse(stdout.trim().split("\n").at(-1)!);
  const { packetLoss, minRttMs, avgRttMs, maxRttMs, stddevMs } = host;
  assertEquals({ packetLoss, minRttMs, avgRttMs, maxRttMs, stddevMs }, {
    packetLoss: 1,
    minRttMs: null,
    avgRttMs: null,
    maxRttMs: null,
    stddevMs: null,
  });
});

await liveTest("ping.ts: of nothing that was sent nothing is lost", [
  "lab",
  "nsenter",
  "sysctl",
], async () => {
  await using lab = await pairUp();
  const hosts = ["192.0.2.1", "1.1.1.1"];
  const ping = (...args: string[]) =>
    run(lab.inside("sender", script("ping", "-c", "1", ...args, ...hosts)));
  const { stdout, code } = await ping();
  const table = stdout.trim().split("\n").slice(-2);
  assertEquals(table[0].split(/\s{2,}/), [
    ...["192.0.2.1", "0", "0", "-", "-", "-", "-", "-"],
  ]);
  // Nothing is said of it but why, on standard error.
  assert(!stdout.includes("192.0.2.1 ping statistics"), stdout);
  assertEquals(code, 4);
  const json = await ping("--json");
  const host = JSON.parse(json.stdout.split("\n")[1]);
  assertEquals([host.name, host.packetsSent, host.packetLoss], [
    "192.0.2.1",
    0,
    null,
  ]);
});

await liveTest(
  "ping counts as lost what the kernel has no room for, ENOBUFS",
  ["lab", "nsenter", "sysctl", "tc"],
  async () => {
    await using lab = await pairUp();
    // A cable that takes minutes for a packet, behind a queue for a few.
    const queue = "tbf rate 100bit burst 1600 limit 5000";
    const tc = `qdisc replace dev eth0 root ${queue}`.split(" ");
    await inHost(lab, "sender", "tc", ...tc);
    const args = ["-c", "20", "-i", "0.01", "-W", "0.5", "-s", "1000"];
    const { code, stdout } = await run(
      lab.inside("sender", script("ping", "--json", ...args, "2001:db8::1")),
    );
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const failed = events.filter(({ type }) => type === "failed");
    // Linux says so of IPv6 alone; of IPv4 it drops them, and says nothing.
    assert(failed.length > 0 && failed.length < 20, stdout);
    assert(failed.every(({ reason }) => reason.includes("ENOBUFS")), stdout);
    const host = events.at(-1);
    assertEquals(host.packetsSent, 20, stdout);
    const dropped = await inHost(
      lab,
      "sender",
      "tc",
      "-s",
      "qdisc",
      "show",
      "dev",
      "eth0",
    );
    const [, count] = /dropped (\d+)/.exec(dropped)!;
    assert(Number(count) >= failed.length, dropped);
    assertEquals(code, host.packetsReceived > 0 ? 0 : 1);
  },
);

await liveTest(
  "ping.ts ends by what became of those who did not answer",
  ["lab", "nft"],
  async () => {
    await using lab = await pairUp();
    // A second host, which is silent, and a first request that cannot leave.
    const silent = "1.1.1.2";
    await inHost(
      ...[lab, "receiver", "ip", "address", "add", `${silent}/24`] as const,
      ...["dev", "eth0"],
    );
    const nft = (host: string, hook: string, rule: string) =>
      inHost(
        ...[
          lab,
          host,
          "nft",
          `table ip raw4 {
          chain c { type filter hook ${hook} priority 0; ${rule} drop; }
        }`,
        ] as const,
      );
    await nft("receiver", "input", `ip daddr ${silent}`);
    await nft("sender", "output", "ip daddr 1.1.1.1 numgen inc mod 2 == 0");
    const call = script("ping", "-c", "2", "-i", "0.1", "-W", "0.5", "--json");
    const { code, stdout } = await run(
      lab.inside("sender", [...call, "1.1.1.1", silent]),
    );
    const hosts = stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ type }) => type === "host");
    assertEquals(
      hosts.map(({ packetsReceived, packetsSent }) =>
        `${packetsReceived} of ${packetsSent}`
      ),
      ["1 of 2", "0 of 2"],
      stdout,
    );
    assertEquals(code, 1);
  },
);
