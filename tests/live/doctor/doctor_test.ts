/** The doctor on machines with one thing wrong, and after what it advises. */

import { assert, assertEquals } from "@std/assert";
import { ALLOW_RUN } from "../../../lib/lab/command.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { FreshHost } from "../fresh_host.ts";
import { OrdinaryUser, USER_NEEDS } from "../lab/lab_user.ts";
import { liveTest, ROOT, run } from "../live.ts";

const FLAGS = ["--allow-ffi", `${ALLOW_RUN},nft`];

/** The command that asks the doctor. */
function doctor(...args: string[]): string[] {
  const path = `${ROOT}scripts/doctor.ts`;
  return [Deno.execPath(), "run", ...FLAGS, path, ...args];
}

/** What the doctor says. */
class Report {
  private constructor(
    readonly code: number,
    readonly lines: readonly Record<string, string>[],
  ) {}

  static async of(command: readonly string[]): Promise<Report> {
    const { code, stdout, stderr } = await run([...command, "--json"]);
    assertEquals(stderr, "");
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    return new Report(code, lines);
  }

  /** The line about something. */
  about(what: string): Record<string, string> {
    const found = this.lines.filter((line) => line.what === what);
    assertEquals(found.length, 1, `${what}: ${JSON.stringify(found)}`);
    return found[0];
  }

  /** Lines, by their marks. */
  marks(whats: readonly string[]): string[] {
    return whats.map((what) => this.about(what).mark);
  }

  /** The scripts that do not work. */
  get failing(): string[] {
    return this.lines.filter(({ type, works }) =>
      type === "script" && works === "no"
    ).map(({ script }) => script);
  }
}

const SOCKETS = [
  "raw, protocol 253",
  "raw, own header",
  "raw, IPv6",
  "raw, ICMP",
  "raw, ICMPv6",
  "packet socket",
  "kernel's filter",
  "time stamps",
];
const PING_SOCKETS = ["ping socket", "ping socket, IPv6"];
const ALL_OF = (mark: string, { length }: readonly string[]) =>
  Array<string>(length).fill(mark);

await liveTest("doctor finds all sockets at work in a lab", [
  "lab",
  "nft",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const report = await Report.of(lab.inside("sender", doctor()));
  assertEquals(report.marks(SOCKETS), ALL_OF("yes", SOCKETS));
  // New namespaces give them to nobody.
  assertEquals(report.marks(PING_SOCKETS), ALL_OF("no", PING_SOCKETS));
  assertEquals(
    report.marks(["Deno", "libc", "CAP_NET_RAW", "labs", "firewall"]),
    ["yes", "yes", "yes", "yes", "yes"],
  );
  assertEquals([report.code, report.failing], [0, []]);
  const ip = await run(["ip", "-V"]);
  assert(ip.stdout.includes(report.about("ip").text.split(", ")[1]));
  const libc = await run(["getconf", "GNU_LIBC_VERSION"]);
  assert(report.about("libc").text.startsWith(`${libc.stdout.trim()} `));
});

/** What is spoilt, and what the doctor says of it. */
const FAULTS: {
  needs?: string[];
  spoil: string;
  /** The line with what to do. */
  what: string;
  mark?: string;
  /** Further lines that are wrong by it. */
  wrong?: string[];
  /** Lines that are not known by it. */
  untried?: string[];
  /** Scripts that do not work. */
  failing?: string[];
}[] = [
  {
    // In a user namespace there is no second group.
    needs: ["sysctl", "init-root"],
    spoil: 'sysctl -qw net.ipv4.ping_group_range="1 0"',
    what: "ping_group_range",
    wrong: PING_SOCKETS,
  },
  {
    spoil: "nft add table inet f; nft add chain inet f in " +
      "'{ type filter hook input priority 0; }'; " +
      "nft add rule inet f in ip protocol 253 drop",
    what: "firewall",
    wrong: ["raw, protocol 253", "raw, own header", "time stamps"],
    failing: ["send", "receive", "spoof"],
  },
  {
    spoil: "nft add table ip f; nft add chain ip f out " +
      "'{ type filter hook output priority 0; policy drop; }'; " +
      "nft add rule ip f out oif lo accept",
    what: "firewall",
    failing: ["send"],
  },
  {
    spoil: "nft add table inet f; nft add chain inet f in " +
      "'{ type filter hook input priority 0; policy drop; }'; " +
      "nft add rule inet f in iif lo accept",
    what: "firewall",
    failing: ["receive"],
  },
  {
    spoil: "ip link set lo down",
    what: "loopback",
    untried: SOCKETS,
  },
  {
    needs: ["sysctl"],
    spoil: "sysctl -qw net.ipv6.conf.all.disable_ipv6=1",
    what: "raw, IPv6",
    mark: "unknown",
    wrong: ["raw, ICMPv6"],
  },
  {
    needs: ["sysctl"],
    spoil: "ip link add v0.1 type veth peer v1; " +
      "sysctl -qw net.ipv4.conf.v0/1.rp_filter=1",
    what: "rp_filter",
    mark: "unknown",
  },
  {
    needs: ["ethtool"],
    spoil: "ip link add v0 type veth peer v1",
    what: "offloads",
    mark: "unknown",
  },
];

for (const { needs = [], spoil, what, mark = "no", ...others } of FAULTS) {
  await liveTest(
    `doctor tells of \`${spoil}\`, and how to mend it`,
    ["lab", "nft", ...needs],
    async () => {
      const { wrong = [], untried = [], failing = [] } = others;
      await using host = await FreshHost.create();
      const inside = async (command: string) => {
        const { stderr } = await run(host.inside(["sh", "-ec", command]));
        assertEquals(stderr, "");
      };
      await inside(spoil);
      const before = await Report.of(host.inside(doctor()));
      const line = before.about(what);
      assertEquals(line.mark, mark);
      assertEquals(before.marks(wrong), ALL_OF(mark, wrong));
      assertEquals(before.marks(untried), ALL_OF("unknown", untried));
      assertEquals(before.failing, failing);
      const canPair = untried.length === 0 && !failing.includes("send") &&
        !failing.includes("receive");
      assertEquals(before.code, canPair ? 0 : 1);

      const [, command] = /`(.*)`/.exec(line.remedy)!;
      await inside(`${command} >/dev/null`);
      const after = await Report.of(host.inside(doctor()));
      const mended = [what, ...wrong, ...untried];
      assertEquals(after.marks(mended), ALL_OF("yes", mended));
      assertEquals([after.failing, after.code], [[], 0]);
    },
  );
}

await liveTest(
  "doctor tells an ordinary user what is not permitted, and what is",
  USER_NEEDS,
  async () => {
    await using host = await FreshHost.create();
    await using user = await OrdinaryUser.create();
    const ask = [user.deno, "run", "--allow-ffi", ALLOW_RUN];
    const path = `${user.home}/scripts/doctor.ts`;
    const as = (command: string[]) => host.inside(user.command(command));
    const report = await Report.of(as([...ask, path]));
    assertEquals(report.code, 1);
    const refused = ["CAP_NET_RAW", ...SOCKETS];
    assertEquals(report.marks(refused), ALL_OF("no", refused));
    assertEquals(report.about("labs").mark, "yes");
    assertEquals(
      report.failing,
      ["send", "receive", "ping", "sweep", "traceroute", "sniff", "spoof"],
    );

    // With the one capability.
    const capabilities = ["--inh-caps=+net_raw", "--ambient-caps=+net_raw"];
    const capable = await Report.of(
      host.inside(user.command([...ask, path], { capabilities })),
    );
    assertEquals(capable.marks(refused), ALL_OF("yes", refused));
    assertEquals(capable.about("CAP_NET_ADMIN").mark, "unknown");
    assertEquals([capable.code, capable.failing], [0, []]);

    // What is advised: in a lab everybody may.
    const [, advice] = /`scripts\/lab\.ts (.*) bash`/
      .exec(report.about("CAP_NET_RAW").remedy)!;
    const lab = user.script("lab", ...advice.split(" "));
    const inLab = await Report.of(as([...lab, ...ask, path]));
    assertEquals(inLab.marks(refused), ALL_OF("yes", refused));
    assertEquals([inLab.code, inLab.failing], [0, []]);
  },
);

await liveTest(
  "doctor tells whom user namespaces are refused, and how to allow them",
  ["lab", "setpriv", "sysctl", "unshare"],
  async () => {
    // Limits of a user namespace are for what is made in it.
    const within = (max: number) => [
      ...["unshare", "--user", "--map-root-user", "--net", "sh", "-ec"],
      `sysctl -qw user.max_user_namespaces=${max} && ` +
      'exec setpriv --bounding-set=-all --inh-caps=-all "$@"',
      "sh",
    ];
    const refused = await Report.of([...within(0), ...doctor()]);
    const { mark, remedy } = refused.about("user namespaces");
    assertEquals([mark, refused.about("labs").mark], ["no", "no"]);
    const [, max] = /`sysctl -w user\.max_user_namespaces=(\d+)`/.exec(remedy)!;
    const allowed = await Report.of([...within(Number(max)), ...doctor()]);
    assertEquals(allowed.about("user namespaces").mark, "yes");
  },
);

await liveTest("doctor's page has 80 columns, with what to do below", [
  "lab",
], async () => {
  await using host = await FreshHost.create();
  const calls: [flags: string[], wants: string[]][] = [
    [FLAGS, ["  ✓ raw, protocol 253   works", "  ✓ send                yes"]],
    [
      ["--allow-ffi"],
      ["  – labs                not tried: see --allow-run"],
    ],
    [[], [
      "  ✗ --allow-ffi         not given: without it no socket can be opened",
      "    → Add --allow-ffi to the command.",
      "  – send                not known, not tried: see --allow-ffi",
      "  ✓ dissect             yes",
    ]],
  ];
  for (const [flags, wants] of calls) {
    const path = `${ROOT}scripts/doctor.ts`;
    const command = [Deno.execPath(), "run", ...flags, path];
    const { code, stdout, stderr } = await run(host.inside(command));
    assertEquals([code, stderr], [flags.length > 0 ? 0 : 1, ""]);
    const lines = stdout.split("\n");
    for (const line of lines) assert(line.length <= 80, line);
    for (const want of wants) assert(lines.includes(want), stdout);
  }
});
