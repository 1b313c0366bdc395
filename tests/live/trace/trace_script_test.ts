/** The script, beside the program whose lines it writes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { parseTimestamp } from "../../../lib/render/timestamp.ts";
import { inHost, routedUp } from "../hosts.ts";
import { Machine } from "../lab/lab_machine.ts";
import { type Finished, liveTest, run, script, unwrapped } from "../live.ts";
import { PATIENT_MS, SILENT_MS, waiting } from "./trace_support.ts";

const NEEDS = ["lab", "traceroute"];
const PATIENT = ["-w", `${PATIENT_MS / 1000}`];

function trace(lab: Lab, ...args: string[]): Promise<Finished> {
  const [host] = lab.hosts;
  return run(lab.inside(host, script("traceroute", ...args)));
}

/** A screen without its times, and without the first line. */
function timeless(screen: string): string[] {
  return screen.trim().split("\n").slice(1)
    .map((line) => line.replaceAll(/\d+\.\d+ ms/g, "T ms"));
}

/** @param timeoutMs how long both wait for each answer */
async function assertSame(
  lab: Lab,
  ours: readonly string[],
  theirs: readonly string[] = ours,
  timeoutMs = PATIENT_MS,
): Promise<Finished> {
  const wait = ["-n", "-w", `${timeoutMs / 1000}`];
  const finished = await trace(lab, ...wait, ...ours);
  const [host] = lab.hosts;
  const command = ["traceroute", "-n", ...waiting(timeoutMs), ...theirs];
  const screen = await inHost(lab, host, ...command);
  assertEquals(timeless(finished.stdout), timeless(screen), ours.join(" "));
  assertEquals(finished.stderr, "");
  return finished;
}

await liveTest(
  "traceroute.ts shows what traceroute shows",
  [...NEEDS, "nft"],
  async () => {
    await using lab = await Lab.up(chain(5, { silent: [2, 4] }));
    for (const target of ["10.9.6.2", "2001:db8:9:6::2"]) {
      const table: [ours: string[], theirs: string[]][] = [
        [[], ["-I"]],
        [["-I"], ["-I"]],
        [["-U", "-p", "53"], ["-U"]],
        [["-T", "-p", "81"], ["-T", "-p", "81"]],
        [["-f", "3", "-q", "1"], ["-I", "-f", "3", "-q", "1"]],
        [["-m", "4"], ["-I", "-m", "4"]],
        [["-N", "1", "-i", "eth0"], ["-I", "-N", "1", "-i", "eth0"]],
      ];
      for (const [ours, theirs] of table) {
        await assertSame(
          lab,
          [...ours, target],
          [...theirs, target],
          SILENT_MS,
        );
      }
    }
    const { stdout } = await trace(lab, "-n", "10.9.6.2");
    assertEquals(
      stdout.split("\n")[0],
      "traceroute to 10.9.6.2 (10.9.6.2), 30 hops max, 60 byte packets",
    );
  },
);

await liveTest("traceroute.ts -s: from another address", [
  ...NEEDS,
  "nft",
], async () => {
  await using lab = await Lab.up(chain(2));
  for (
    const [source, target] of [
      ["10.9.1.77", "10.9.3.2"],
      ["2001:db8:9:1::77", "2001:db8:9:3::2"],
    ]
  ) {
    const address = `${source}/${source.includes(":") ? "64" : "24"}`;
    const add = [
      "ip",
      "address",
      "add",
      address,
      "dev",
      "eth0",
      "noprefixroute",
    ];
    await inHost(
      lab,
      "host",
      ...add,
      ...(source.includes(":") ? ["nodad"] : []),
    );
    // With any other source, nothing gets beyond the first router.
    await inHost(lab, "router1", "nft", seenFrom(source));
    await assertSame(lab, ["-s", source, target], ["-I", "-s", source, target]);
    const { stdout } = await trace(lab, "--json", "-s", source, target);
    assertEquals(JSON.parse(stdout.split("\n")[0]).source, source);
  }
});

/** Rules that let nothing else through than what comes from an address. */
function seenFrom(address: string): string {
  const table = address.includes(":") ? "ip6" : "ip";
  return `table ${table} source {
    chain only {
      type filter hook forward priority 0
      iifname "eth0" ${table} saddr != ${address} drop
    }
  }`;
}

await liveTest("traceroute.ts shows what routers refuse", NEEDS, async () => {
  await using lab = await routedUp();
  const table = [
    ["!H", "1.1.3.1"],
    ["!X", "1.1.4.1"],
    ["!N", "2001:db8:3::1"],
    ["!X", "2001:db8:4::1"],
  ];
  for (const [mark, target] of table) {
    // One probe, and none at the same time: of these errors a host is sent no
    // more than five in a row, which here are for two targets and two programs.
    const probes = ["-q", "1", "-N", "1", target];
    const { stdout, code } = await assertSame(lab, probes, ["-I", ...probes]);
    assert(stdout.trimEnd().endsWith(` ms ${mark}`), stdout);
    assertEquals(code, 1);
  }
  const raw = ["-q", "1", "-M", "raw", "-P", "253"];
  const theirs = ["-q", "1", "-P", "253", "1.1.2.2"];
  const refused = await assertSame(lab, [...raw, "1.1.2.2"], theirs);
  // In IPv6 it is a parameter problem, for which traceroute has no letter.
  const options = ["-n", ...PATIENT, ...raw];
  const { stdout } = await trace(lab, ...options, "2001:db8:2::2");
  for (const screen of [refused.stdout, stdout]) {
    assert(screen.trimEnd().endsWith(" ms !P"), screen);
  }
});

await liveTest(
  "traceroute.ts shows what is too long for a link",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(3, { mtu: { 3: 1300 } }));
    const target = "2001:db8:9:4::2";
    const { stdout } = await assertSame(
      lab,
      ["-q", "1", "-l", "1400", target],
      ["-q", "1", "-I", "-F", target, "1400"],
    );
    assert(stdout.trimEnd().endsWith(" ms !F-1300"), stdout);
  },
);

await liveTest(
  "traceroute.ts --mtu shows where it shrinks",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(3, { mtu: { 3: 1300 } }));
    const options = ["-n", ...PATIENT, "--mtu"];
    const { stdout, code } = await trace(lab, ...options, "10.9.4.2");
    const theirs = await inHost(
      lab,
      "host",
      "traceroute",
      "-n",
      ...waiting(PATIENT_MS),
      "--mtu",
      "10.9.4.2",
    );
    const lines = timeless(stdout);
    const last = "path MTU 1300, 1300 behind hop 2 (10.9.2.2)";
    assertEquals(
      lines,
      // The first size is told in the first line.
      [...timeless(theirs).map((line) => line.replace(" F=1500", "")), last],
    );
    assertStringIncludes(stdout, "30 hops max, 1500 byte packets\n");
    assertStringIncludes(stdout, "F=1300");
    assertEquals(code, 0);
  },
);

await liveTest("traceroute.ts --seed-format", [...NEEDS, "nft"], async () => {
  await using lab = await Lab.up(chain(3, { silent: [2] }));
  const options = ["--seed-format", "-w", `${SILENT_MS / 1000}`];
  const { stdout, code } = await trace(lab, ...options, "10.9.4.2");
  assertEquals(
    stdout,
    "Scanning to 10.9.4.2 ...\n" +
      "- time to live 1 from 10.9.1.2\n" +
      "- time to live 3 from 10.9.3.2\n" +
      "- Reach time to live 4 from 10.9.4.2\n",
  );
  assertEquals(code, 0);
  const short = await trace(lab, "--seed-format", "-m", "1", "10.9.4.2");
  assertEquals(short.stdout.split("\n").length, 3);
  assertEquals(short.code, 1);
});

await liveTest("traceroute.ts --json", [...NEEDS, "nft"], async () => {
  await using lab = await Lab.up(chain(2, { tos: { 1: 32 } }));
  const options = ["--json", "-n", ...PATIENT];
  const { stdout, code } = await trace(lab, ...options, "10.9.3.2");
  assertEquals(code, 0);
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
  for (const { timestamp } of events) assert(parseTimestamp(timestamp) > 0n);
  const { timestamp: _, ...start } = events[0];
  assertEquals(start, {
    type: "start",
    name: "10.9.3.2",
    address: "10.9.3.2",
    source: "10.9.1.1",
    maxHops: 30,
    packetSize: 60,
    discoverMTU: false,
  });
  const count = (type: string) =>
    events.filter((event) => event.type === type).length;
  assertEquals([count("answer"), count("hop"), count("trace")], [9, 3, 1]);
  const [, second] = events.filter((event) => event.type === "hop");
  const { roundTripMs, timestamp, ...answer } = second.answers[0];
  assert(/^\d+(\.\d{1,3})?$/.test(`${roundTripMs}`), `${roundTripMs}`);
  const told = events.filter(({ type }) => type === "answer");
  assert(told.some((event) => event.timestamp === timestamp), timestamp);
  assertEquals(answer, {
    from: "10.9.2.2",
    type: 11,
    code: 0,
    description: "time exceeded: TTL exceeded in transit",
    isFinal: false,
    isReached: false,
    replyTTL: 63,
    nextHopMTU: 0,
    quotedTTL: 1,
    changes: [{ field: "trafficClass", sent: 0, quoted: 32 }],
    extensions: [],
  });
  const { durationMs, timestamp: __, ...last } = events.at(-1);
  assert(durationMs > 0);
  assertEquals(last, {
    type: "trace",
    name: "10.9.3.2",
    address: "10.9.3.2",
    isReached: true,
    pathMTU: null,
    hops: 3,
  });
});

await liveTest("traceroute.ts names who it knows", ["lab"], async () => {
  await using lab = await Lab.up(chain(1));
  const { stdout, code } = await trace(lab, ...PATIENT, "127.0.0.1");
  const [first, second] = stdout.split("\n");
  assertEquals(
    first,
    "traceroute to 127.0.0.1 (127.0.0.1), 30 hops max, 60 byte packets",
  );
  assertEquals(
    second.replaceAll(/\d+\.\d{3} ms/g, "T ms"),
    " 1  localhost (127.0.0.1)  T ms  T ms  T ms",
  );
  assertEquals(code, 0);
});

await liveTest("names of hosts cannot harm a terminal", ["lab"], async () => {
  await using machine = await Machine.start();
  const hosts = "10.9.1.2 ev\\033[2Jil\\015\\342\\200\\256\n";
  const put = `printf '${hosts}' > /run/hosts && ` +
    "mount --bind /run/hosts /etc/hosts";
  assertEquals((await run(machine.inside(["sh", "-c", put]))).stderr, "");
  for (const option of ["-nq1", "-q1", "--json"]) {
    const call = script("traceroute", option, "10.9.2.2");
    const lab = script("lab", "run", "chain", "1", "--", ...call);
    const { code, stdout } = await run(machine.inside(lab));
    assertEquals(code, 0);
    assert(!/[^\P{C}\n]/u.test(stdout), JSON.stringify(stdout));
    if (option === "-q1") assertStringIncludes(stdout, "ev\\x1b[2Jil");
  }
});

/** Mistakes, and what is said of each. */
const BAD: [args: string[], said: string][] = [
  [[], "traceroute: missing required argument 'host'"],
  [["1.1.1"], 'traceroute: "1.1.1" is neither an address nor a host name'],
  [["-6", "10.9.2.2"], "traceroute: 10.9.2.2 is no IPv6 address"],
  [["-f", "0", "10.9.2.2"], "Wanted: a whole number from 1 to 255."],
  [
    ["-f", "9", "-m", "8", "10.9.2.2"],
    "traceroute: --max-hops 8 is less than --first-hop 9",
  ],
  [["-p", "80", "10.9.2.2"], "--port goes with --method udp or tcp"],
  [["-M", "tcp", "-P", "6", "10.9.2.2"], "--protocol goes with --method raw"],
  [["-s", "here", "10.9.2.2"], "Wanted: an IPv4 or IPv6 address"],
  [["-q", "11", "10.9.2.2"], "Wanted: a whole number from 1 to 10."],
  [["-w", "x", "10.9.2.2"], "Wanted: seconds from 0"],
  [["-M", "sctp", "10.9.2.2"], "Allowed choices are icmp, udp, tcp, raw."],
  [["-p", "65536", "10.9.2.2"], "Wanted: a whole number from 0 to 65535."],
  [["-l", "31", "10.9.2.2"], "Wanted: a whole number from 32 to 65535."],
  [["-l", "40", "2001:db8:9:2::2"], "--packet-size in IPv6 must be a whole"],
  [["-M", "tcp", "--mtu", "10.9.2.2"], "traceroute: a SYN carries nothing"],
  [["--mtu", "-l", "60", "10.9.2.2"], "--packet-size and --mtu exclude"],
  [["--mtu", "--seed-format", "10.9.2.2"], "cannot be used with"],
  [["-4", "-6", "10.9.2.2"], "cannot be used with"],
  [["10.9.1.255"], "the address of many hosts"],
];

await liveTest("a mistake is told, and nothing is sent", ["lab"], async () => {
  await using lab = await Lab.up(chain(1));
  for (const [args, said] of BAD) {
    const { code, stdout, stderr } = await trace(lab, ...args);
    assertStringIncludes(unwrapped(stderr), said);
    assertEquals([code, stdout], [2, ""], args.join(" "));
  }
  const foreign = await trace(lab, "-s", "10.9.77.7", "10.9.2.2");
  assertStringIncludes(foreign.stderr, "No interface of this host has that");
  assertEquals(foreign.code, 4);
  const nowhere = await trace(lab, "-i", "eth7", "10.9.2.2");
  assertStringIncludes(nowhere.stderr, "There is no such interface");
  assertEquals(nowhere.code, 4);
  const counters = await inHost(lab, "host", "nstat", "-asz", "IcmpOutMsgs");
  assert(/IcmpOutMsgs +0 /.test(counters), counters);
});
