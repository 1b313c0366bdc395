import { assert, assertEquals } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import { dissect, LINK_TYPE_ETHERNET } from "../../../mod.ts";
import {
  addLinkLocals,
  inHost,
  pairUp,
  ROOTS_GROUP,
  routedUp,
  setKernel,
} from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { allAsked, reply, Responder } from "../responder.ts";
import { packetSocketIn } from "../sniff/sniff_support.ts";

const NEEDS = ["lab", "nsenter", "sysctl", "ping"];

/** A screen without its times, which are never the same twice. */
function timeless(screen: string): string[] {
  return screen.trim().split("\n").map((line) =>
    line
      .replace(/^\[\d{10}\.\d{6}\] /, "[now] ")
      .replace(/time=[\d.]+ ms/, "time=T ms")
      .replace(/time \d+ms/, "time Tms")
      .replace(/= [\d.]+(\/[\d.]+){3} ms/, "= T/T/T/T ms")
      // How many were on their way at once.
      .replace(/, pipe \d+$|^pipe \d+$/, "")
  ).filter((line, i, lines) => line !== "" || i < lines.length - 1);
}

/** Runs both inside a host, one beside the other, or one after the other. */
async function both(
  lab: Lab,
  args: readonly string[],
  theirs: readonly string[] = args,
  inTurn = false,
) {
  const ours = run(lab.inside(lab.hosts[0], script("ping", ...args)));
  if (inTurn) await ours;
  const iputils = run(lab.inside(lab.hosts[0], ["ping", ...theirs]));
  return { ours: await ours, iputils: await iputils };
}

async function assertSame(
  lab: Lab,
  args: readonly string[],
  theirs?: readonly string[],
  inTurn?: boolean,
): Promise<string[]> {
  const { ours, iputils } = await both(lab, args, theirs, inTurn);
  const screen = timeless(ours.stdout);
  const shown = args.join(" ");
  assertEquals(screen, timeless(iputils.stdout), shown);
  assertEquals([ours.code, ours.stderr], [iputils.code, ""], shown);
  return screen;
}

await liveTest("ping.ts -D, -f and -w are iputils'", NEEDS, async () => {
  await using lab = await pairUp();
  const dated = await assertSame(lab, [
    "-D",
    "-c",
    "2",
    "-i",
    "0.05",
    "1.1.1.1",
  ]);
  assertEquals(dated[1].split(" ")[0], "[now]");
  const quick = await run(
    lab.inside("sender", script("ping", "-f", "-c", "500", "1.1.1.1")),
  );
  assertEquals([quick.code, quick.stderr], [0, ""]);
  assert(quick.stdout.includes("500 packets transmitted, 500 received, 0%"));
  // Whoever asked for more than there was time for has not got it.
  for (const [count, code] of [[[], 0], [["-c", "1"], 0], [["-c", "99"], 1]]) {
    const args = ["-w", "2", "-i", "0.3", ...count as string[], "1.1.1.1"];
    const { ours, iputils } = await both(lab, args);
    assertEquals([ours.code, iputils.code], [code, code], args.join(" "));
  }
});

await liveTest("ping.ts shows what iputils' ping shows", NEEDS, async () => {
  await using lab = await pairUp();
  await addLinkLocals(lab);
  const fast = ["-c", "3", "-i", "0.05", "-W", "1"];
  const table: string[][] = [
    ["1.1.1.1"],
    ["2001:db8::1"],
    ["-n", "1.1.1.1"],
    ["-4", "localhost"],
    ["-6", "2001:db8::1"],
    ["-s", "1000", "1.1.1.1"],
    ["-s", "65507", "1.1.1.1"],
    ["-s", "1452", "2001:db8::1"],
    ["-s", "65527", "2001:db8::1"],
    ["-s", "16", "1.1.1.1"],
    ["-t", "1", "1.1.1.1"],
    ["-Q", "0x20", "1.1.1.1"],
    ["-q", "1.1.1.1"],
    ["-q", "2001:db8::1"],
    ["-c", "1", "1.1.1.1"],
    ["-I", "eth0", "1.1.1.1"],
    ["-I", "1.1.1.100", "1.1.1.1"],
    ["-I", "eth0", "2001:db8::1"],
    ["-I", "2001:db8::100", "2001:db8::1"],
    ["fe80::1%eth0"],
  ];
  for (const args of table) await assertSame(lab, [...fast, ...args]);
});

await liveTest(
  "ping.ts shows nothing that iputils does not, where nobody answers",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using _ = await Responder.start(lab, 4, () => []);
    const screen = await assertSame(
      lab,
      ["-c", "3", "-i", "0.05", "-W", "0.2", "1.1.1.1"],
    );
    assertEquals(
      screen.at(-1),
      "3 packets transmitted, 0 received, 100% packet loss, time Tms",
    );
  },
);

await liveTest("ping.ts: a dead neighbour", NEEDS, async () => {
  await using lab = await pairUp();
  // Given up sooner than in three seconds.
  await setKernel(lab, "sender", {
    "net.ipv4.neigh.eth0.retrans_time_ms": 20,
    "net.ipv6.neigh.eth0.retrans_time_ms": 20,
  });
  const args = ["-c", "2", "-i", "0.3", "-W", "2"];
  // A request that the kernel is given while it gives up on another program's
  // may be dropped without a word.
  const same = (host: string) =>
    assertSame(lab, [...args, host], undefined, true);
  const screen = await same("1.1.1.200");
  assertEquals(screen.slice(0, 3), [
    "PING 1.1.1.200 (1.1.1.200) 56(84) bytes of data.",
    "From 1.1.1.100 icmp_seq=1 Destination Host Unreachable",
    "From 1.1.1.100 icmp_seq=2 Destination Host Unreachable",
  ]);
  const screen6 = await same("2001:db8::200");
  assertEquals(
    screen6[1],
    "From 2001:db8::100 icmp_seq=1 Destination unreachable: Address unreachable",
  );
});

await liveTest("ping.ts: what routers say", NEEDS, async () => {
  await using lab = await routedUp();
  const table: [string, ...string[]][] = [
    ["Destination Host Unreachable", "1.1.3.1"],
    ["Packet filtered", "1.1.4.1"],
    ["Time to live exceeded", "-t", "1", "1.1.2.2"],
    ["Destination unreachable: No route", "2001:db8:3::1"],
    ["Destination unreachable: Administratively prohibited", "2001:db8:4::1"],
    ["Time exceeded: Hop limit", "-t", "1", "2001:db8:2::2"],
  ];
  for (const [text, ...args] of table) {
    const screen = await assertSame(lab, ["-c", "1", "-W", "1", ...args]);
    assert(screen[1].endsWith(` icmp_seq=1 ${text}`), screen[1]);
  }
});

await liveTest("ping.ts: duplicates, and a broadcast", NEEDS, async () => {
  await using lab = await pairUp();
  const all = allAsked(3);
  await using _ = await Responder.start(lab, 4, (request) => {
    const after = all(request);
    if (request.destination === "1.1.1.255") {
      return ["1.1.1.1", "1.1.1.2"].map((source) => reply(request, { source }));
    }
    return Array.from(
      { length: request.sequence === 1 ? 3 : 1 },
      () => ({ ...reply(request), after }),
    );
  });
  const fast = ["-c", "3", "-i", "0.05", "-W", "3"];
  const screen = await assertSame(lab, [...fast, "1.1.1.1"]);
  assertEquals(screen.filter((line) => line.endsWith("(DUP!)")).length, 2);
  assert(
    screen.includes(
      "3 packets transmitted, 3 received, +2 duplicates, 0% packet loss, time Tms",
    ),
  );

  const { ours } = await both(lab, [...fast, "-b", "1.1.1.255"]);
  const lines = timeless(ours.stdout);
  for (const sequence of [1, 2, 3]) {
    const from = (address: string) =>
      `64 bytes from ${address}: icmp_seq=${sequence} ttl=64 time=T ms`;
    assert(lines.includes(from("1.1.1.1")), ours.stdout);
    assert(lines.includes(`${from("1.1.1.2")} (DUP!)`), ours.stdout);
  }
  const refused = await run(
    lab.inside("sender", script("ping", "-c", "1", "1.1.1.255")),
  );
  assert(refused.stderr.includes("--broadcast"), refused.stderr);
  assertEquals([refused.code, refused.stdout], [2, ""]);
});

await liveTest("ping.ts sends what it was told to", NEEDS, async () => {
  await using lab = await pairUp();
  await using responder = await Responder.start(lab, 4, (it) => [reply(it)]);
  const ping = (...args: string[]) =>
    run(lab.inside("sender", script("ping", "-c", "1", ...args, "1.1.1.1")));
  await ping("--pattern", "c0ffee", "-s", "7");
  await ping("-I", "eth0");
  await ping("-I", "1.1.1.100", "-s", "0");
  await setKernel(lab, "sender", { "net.ipv4.ping_group_range": ROOTS_GROUP });
  const { stdout, code } = await ping("--unprivileged", "-s", "9");
  assertEquals(
    timeless(stdout)[1],
    "17 bytes from 1.1.1.1: icmp_seq=1 ttl=64 time=T ms",
  );
  assertEquals(code, 0);
  const { requests } = responder;
  assertEquals(requests.map(({ payload }) => payload.length), [7, 56, 0, 9]);
  assertEquals(requests[0].payload.toHex(), "c0ffeec0ffeec0");
  assertEquals(
    requests.map(({ source }) => source),
    Array(4).fill("1.1.1.100"),
  );
});

await liveTest(
  "ping.ts sends to many with the TTL that iputils sends with",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await inHost(
      lab,
      "sender",
      "ip",
      "route",
      "add",
      "224.0.0.0/4",
      "dev",
      "eth0",
    );
    using wire = packetSocketIn(lab, "receiver");
    const hopsOf = async (host: string): Promise<number> => {
      for await (const { bytes } of wire) {
        const { layers } = dissect(bytes, { linkType: LINK_TYPE_ETHERNET });
        for (const layer of layers) {
          if (layer.protocol === "ipv4" && layer.header.destination === host) {
            return layer.header.ttl;
          }
          if (layer.protocol === "ipv6" && layer.header.destination === host) {
            return layer.header.hopLimit;
          }
        }
      }
      throw new Error("the socket was closed");
    };
    const table: [args: string[], hops: number][] = [
      [["224.0.0.9"], 1],
      [["-t", "5", "224.0.0.9"], 5],
      [["ff02::9%eth0"], 1],
      [["-t", "5", "ff02::9%eth0"], 5],
    ];
    for (const [args, hops] of table) {
      const all = ["-c", "1", "-W", "0.1", ...args];
      const host = args.at(-1)!.replace("%eth0", "");
      for (const command of [script("ping", ...all), ["ping", ...all]]) {
        const { code } = await run(lab.inside("sender", command));
        assertEquals([await hopsOf(host), code], [hops, 1], command.join(" "));
      }
    }
  },
);
