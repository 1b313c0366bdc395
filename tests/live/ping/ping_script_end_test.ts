import { assert, assertEquals } from "@std/assert";
import { renderTree } from "../../../lib/render/packet/tree.ts";
import {
  formatSeconds,
  parseTimestamp,
} from "../../../lib/render/timestamp.ts";
import {
  dissect,
  LINK_TYPE_ETHERNET,
  type PacketSocket,
} from "../../../mod.ts";
import { pairUp, ROOTS_GROUP, routedUp, setKernel } from "../hosts.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { reply, Responder } from "../responder.ts";
import { packetSocketIn } from "../sniff/sniff_support.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];

await liveTest(
  "ping.ts: several hosts, and a table of them",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await setKernel(lab, "sender", {
      "net.ipv4.neigh.eth0.retrans_time_ms": 20,
    });
    const args = ["-c", "2", "-i", "0.05", "-W", "0.5"];
    const hosts = ["1.1.1.1", "2001:db8::1", "1.1.1.200"];
    const { stdout, code } = await run(
      lab.inside("sender", script("ping", ...args, ...hosts)),
    );
    assertEquals(code, 1);
    for (const host of hosts) {
      assert(stdout.includes(`PING ${host}`), stdout);
      assert(stdout.includes(`--- ${host} ping statistics ---`), stdout);
    }
    const table = stdout.trim().split("\n").slice(-4);
    const rows = table.map((line) =>
      line.trim().split(/\s{2,}/).map((cell) =>
        /^\d+\.\d{3}$/.test(cell) ? "T" : cell
      )
    );
    assertEquals(rows, [
      ["host", "sent", "recv", "loss", "min ms", "avg ms", "max ms", "ttl"]
        .flatMap((title) => title),
      ["1.1.1.1", "2", "2", "0%", "T", "T", "T", "64"],
      ["2001:db8::1", "2", "2", "0%", "T", "T", "T", "64"],
      ["1.1.1.200", "2", "0", "100%", "-", "-", "-", "-"],
    ]);
    const [width] = table.map((line) => line.length).toSorted((a, b) => b - a);
    assert(width <= 80, stdout);
  },
);

await liveTest(
  "ping.ts --json: one object a line, with stable keys",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using _ = await Responder.start(
      lab,
      4,
      (request) =>
        request.sequence === 1 ? [reply(request), reply(request)] : [],
    );
    using wire = packetSocketIn(lab, "sender");
    const args = ["--json", "-c", "2", "-i", "0.1", "-W", "3", "1.1.1.1"];
    const { stdout, code } = await run(
      lab.inside("sender", script("ping", ...args)),
    );
    assertEquals(code, 0);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      lines.map((
        { type, sequence, isDuplicate },
      ) => [type, sequence, isDuplicate]),
      [
        ["start", undefined, undefined],
        ["reply", 1, false],
        ["reply", 1, true],
        ["timeout", 2, undefined],
        ["host", undefined, undefined],
      ],
    );
    assertEquals(
      Object.keys(lines[1]).join(" "),
      "type name address from sequence wireSequence roundTripMs ttl length " +
        "icmpType icmpCode description isDuplicate isLate timestamp",
    );
    const { timestampNs } = await replyOn(wire);
    const time = Number(timestampNs) / 1e9;
    assertEquals(lines[1].timestamp, formatSeconds(time));
    for (const { type, timestamp, roundTripMs } of lines) {
      assert(parseTimestamp(timestamp) > 0n, type);
      assert(/^\d+(\.\d{1,3})?$/.test(`${roundTripMs ?? 0}`), type);
    }
    const { isAlive, packetsSent, packetsReceived, packetLoss, duplicates } =
      lines[4];
    assertEquals(
      [isAlive, packetsSent, packetsReceived, packetLoss, duplicates],
      [true, 2, 1, 0.5, 1],
    );
  },
);

await liveTest("ping.ts: an interface that is none", ["lab"], async () => {
  const { stdout, stderr, code } = await run(
    script("ping", "-c", "1", "-I", "raw4-none", "127.0.0.1"),
  );
  assertEquals([stdout, code], ["", 4]);
  assertEquals(stderr.split("\n"), [
    'ping: cannot use the interface "raw4-none": No such device ' +
    "(setsockopt: ENODEV)",
    "There is no such interface; `ip link` lists them.",
    "",
  ]);
});

await liveTest(
  "ping.ts --explain explains the ICMP message where it gets no more",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const group = { "net.ipv4.ping_group_range": ROOTS_GROUP };
    await setKernel(lab, "sender", group);
    for (const args of [["2001:db8::1"], ["--unprivileged", "1.1.1.1"]]) {
      using wire = packetSocketIn(lab, "sender");
      const { stdout, stderr } = await run(
        lab.inside("sender", script("ping", "--explain", "-c", "1", ...args)),
      );
      assertEquals(stderr, "");
      const [, , note, ...explained] = stdout.split("\n");
      assertEquals(
        note,
        "The kernel hands out no IP header here, but the ICMP message alone:",
      );
      const { tree: wanted } = await replyOn(wire);
      assertEquals(explained.slice(0, wanted.length), wanted);
    }
  },
);

/** The next echo reply on the wire, and its tree without what is outside of it. */
async function replyOn(wire: PacketSocket) {
  for await (const { bytes, timestampNs } of wire) {
    const dissection = dissect(bytes, { linkType: LINK_TYPE_ETHERNET });
    const layers = dissection.layers.slice(2);
    const [icmp] = layers;
    const isReply = icmp?.protocol === "icmpv4" || icmp?.protocol === "icmpv6"
      ? icmp.header.kind === "echoReply"
      : false;
    const tree = renderTree(bytes, { ...dissection, layers });
    if (isReply) return { tree, timestampNs };
  }
  throw new Error("the socket was closed");
}

await liveTest("ping.ts --explain explains each reply", ["lab"], async () => {
  const { stdout } = await run(
    script("ping", "--explain", "-c", "1", "127.0.0.1"),
  );
  for (
    const text of [
      "Internet Protocol Version 4, Src: 127.0.0.1, Dst: 127.0.0.1",
      "Type: 0 (Echo reply)",
      "Sequence Number (BE): 1 (0x0001)",
      "[correct]",
    ]
  ) assert(stdout.includes(text), stdout);
});

await liveTest("ping.ts --explain explains errors, and what they quote", [
  "lab",
], async () => {
  await using lab = await routedUp();
  const table = [
    ["1.1.2.2", "From 1.1.1.1 icmp_seq=1 Time to live exceeded"],
    ["2001:db8:2::2", "icmp_seq=1 Time exceeded: Hop limit"],
  ];
  for (const [host, line] of table) {
    const args = ["--explain", "-c", "1", "-t", "1", "-s", "5", host];
    const { stdout } = await run(lab.inside("client", script("ping", ...args)));
    const [, said, ...explained] = stdout.split("\n");
    assert(said.endsWith(line), stdout);
    const text = explained.join("\n");
    // What is quoted went there, unlike the error itself.
    assert(text.includes(`Dst: ${host}\n`), stdout);
    assert(/Time to Live: 1\n|Hop Limit: 1\n/.test(text), stdout);
  }
});

await liveTest(
  "ping.ts: Ctrl-C ends it with its summary",
  ["lab"],
  async () => {
    for (
      const [signal, hosts] of [
        ["SIGINT", ["127.0.0.1"]],
        ["SIGTERM", ["127.0.0.1", "127.0.0.2"]],
      ] as const
    ) {
      const [program, ...args] = script("ping", "-i", "0.05", ...hosts);
      const child = new Deno.Command(program, { args, stdout: "piped" })
        .spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream());
      let screen = "";
      let isTold = false;
      for await (const text of reader) {
        screen += text;
        if (isTold || !screen.includes("icmp_seq=3")) continue;
        isTold = true;
        child.kill(signal);
      }
      assertEquals((await child.status).code, 0);
      const summary = screen.slice(screen.indexOf("\n---"));
      assert(
        /^(\d+) packets transmitted, \d+ received, .*packet loss/m.test(
          summary,
        ),
        screen,
      );
      for (const host of hosts) {
        assert(summary.includes(`--- ${host} ping statistics ---`), screen);
      }
      assertEquals(
        screen.includes("host       sent"),
        hosts.length > 1,
        screen,
      );
    }
  },
);

await liveTest("ping.ts: exit codes, and what to do", NEEDS, async () => {
  // New namespaces give ping sockets to nobody.
  await using lab = await pairUp();
  await using _ = await Responder.start(lab, 4, () => []);
  const ping = (...args: string[]) =>
    lab.inside("sender", script("ping", "-c", "1", "-W", "0.1", ...args));
  const noPermission = [Deno.execPath(), "run", `${ROOT}scripts/ping.ts`];
  const table: [code: number, says: string, command: string[]][] = [
    [0, "", ping("127.0.0.1", "::1")],
    [1, "", ping("1.1.1.1")],
    [1, "", ping("127.0.0.1", "1.1.1.1")],
    [3, "--allow-ffi", [...noPermission, "127.0.0.1"]],
    [3, "ping_group_range", ping("--unprivileged", "127.0.0.1")],
    [4, "ip link", ping("-I", "nodev", "127.0.0.1")],
    [4, "ip address", ping("-I", "192.0.2.1", "127.0.0.1")],
    [4, "ip route", ping("192.0.2.1")],
    [4, "spelling", ping("nosuch.invalid")],
  ];
  for (const [code, says, command] of table) {
    const { stderr, ...finished } = await run(command);
    assertEquals(finished.code, code, `${command.slice(2)}\n${stderr}`);
    assert(stderr.includes(says), stderr);
    assertEquals(stderr.startsWith("ping: "), code > 1, stderr);
    // A sentence, and below it what to do.
    if (code > 1) assert(stderr.trim().split("\n").length >= 2, stderr);
  }
});

await liveTest("ping.ts: bad input sends nothing", NEEDS, async () => {
  await using lab = await pairUp();
  await using responder = await Responder.start(lab, 4, (it) => [reply(it)]);
  const table: string[][] = [
    [],
    ["-c", "0", "1.1.1.1"],
    ["-c", "1.5", "1.1.1.1"],
    ["-c", "many", "1.1.1.1"],
    ["-i", "-1", "1.1.1.1"],
    ["-i", "1e9", "1.1.1.1"],
    ["-W", "soon", "1.1.1.1"],
    ["-s", "65508", "1.1.1.1"],
    ["-t", "0", "1.1.1.1"],
    ["-t", "256", "1.1.1.1"],
    ["-Q", "256", "1.1.1.1"],
    ["--pattern", "abc", "1.1.1.1"],
    ["--pattern", "xx", "1.1.1.1"],
    ["--pattern", "", "1.1.1.1"],
    ["--nonsense", "1.1.1.1"],
    ["-4", "-6", "1.1.1.1"],
    ["-4", "1.1.1.1", "2001:db8::1"],
    ["-6", "1.1.1.1"],
    ["-I", "2001:db8::100", "1.1.1.1"],
    ["-I", "1.1.1.100", "1.1.1.1", "2001:db8::1"],
    ["-4", "-I", "2001:db8::100", "localhost"],
    ["1.1.1.1", "1.1.1"],
    ["1.1.1.1", "1.1.1.1.1"],
    ["1.1.1.1", "0x01.1.1.1"],
    ["1.1.1.1", "1.1.1.1%eth0"],
    ["1.1.1.1", "two words"],
    ["1.1.1.1", ""],
  ];
  const outcomes = await Promise.all(
    table.map((args) => run(lab.inside("sender", script("ping", ...args)))),
  );
  for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
    const shown = `${JSON.stringify(table[i])}\n${stderr}`;
    assertEquals([code, stdout], [2, ""], shown);
    assert(stderr.startsWith("ping: "), shown);
  }
  assertEquals(responder.requests, []);
});
