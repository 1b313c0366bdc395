import { assert, assertEquals } from "@std/assert";
import {
  diagnose,
  type Diagnosis,
} from "../../../lib/tools/doctor/diagnosis.ts";
import type {
  MachineFacts,
  SocketKind,
  SocketTest,
} from "../../../lib/tools/doctor/machine_facts.ts";
import type { Finding } from "../../../lib/tools/doctor/system_findings.ts";
import { MUSL, other, REFUSED, ROOT, sockets, STUDENT } from "./machines.ts";

function line({ sections }: Diagnosis, what: string): Finding {
  const all = sections.flatMap(({ findings }) => findings);
  const found = all.filter((finding) => finding.what === what);
  assertEquals(found.length, 1, `${what} among ${all.map((its) => its.what)}`);
  return found[0];
}

/** The scripts, by whether they work. */
function scripts({ scripts }: Diagnosis): Record<string, string> {
  const by: Record<string, string[]> = {};
  for (const { works, script } of scripts) (by[works] ??= []).push(script);
  return Object.fromEntries(
    Object.entries(by).map(([works, names]) => [works, names.join(" ")]),
  );
}

const ALL = "send receive ping sweep traceroute sniff spoof dissect craft " +
  "lab demo";

Deno.test("diagnose() finds nothing wrong where nothing is", () => {
  const diagnosis = diagnose(ROOT);
  for (
    const { what, mark, remedy } of diagnosis.sections.flatMap((section) =>
      section.findings
    )
  ) {
    assertEquals([what, mark, remedy], [what, "yes", undefined]);
  }
  assertEquals(scripts(diagnosis), { yes: ALL });
  assertEquals(diagnosis.pairRuns, true);
});

/** A machine with one fault, the line that tells it, and what to do. */
const FAULTS: [
  fault: Partial<MachineFacts>,
  what: string,
  mark: Finding["mark"],
  says: string,
  remedy?: string,
][] = [
  [{ deno: "2.4.5" }, "Deno", "no", "2.4.5, but 2.5", "`deno upgrade`"],
  [{ deno: "1.46.3" }, "Deno", "no", "1.46.3, but", "`deno upgrade`"],
  [{ deno: "3.0.0-rc.1" }, "Deno", "yes", "3.0.0-rc.1"],
  [{ deno: "2.10.0" }, "Deno", "yes", "2.10.0"],
  [
    { libc: { name: "glibc", version: "2.17" } },
    "libc",
    "no",
    "glibc 2.17, but Deno needs 2.27",
    "Ubuntu 18.04, Debian 10, RHEL 8",
  ],
  [
    { libc: { name: "musl" } },
    "libc",
    "no",
    "musl",
    "Debian, Ubuntu or Fedora",
  ],
  [
    { mayBuildLabs: false, labs: undefined },
    "--allow-run",
    "unknown",
    "not given",
    "--allow-run=ip,unshare,nsenter,nft to",
  ],
  [
    { mayBuildLabs: false, labs: undefined },
    "labs",
    "unknown",
    "not tried: see --allow-run",
  ],
  [
    { capabilities: { netRaw: false, netAdmin: true, sysAdmin: true } },
    "CAP_NET_RAW",
    "no",
    "not permitted",
    "scripts/lab.ts run pair -- bash",
  ],
  [
    { capabilities: { netRaw: true, netAdmin: false, sysAdmin: true } },
    "CAP_NET_ADMIN",
    "unknown",
    "not had",
  ],
  // Root needs no user namespace.
  [
    { maxUserNamespaces: 0 },
    "user namespaces",
    "unknown",
    "none may be made",
    "sysctl -w user.max_user_namespaces=",
  ],
  [
    { appArmorRestricts: true },
    "AppArmor",
    "unknown",
    "takes the rights",
    "kernel.apparmor_restrict_unprivileged_userns=0",
  ],
  [{ appArmorRestricts: false }, "AppArmor", "yes", "lets user namespaces be"],
  [
    { programs: { ...ROOT.programs, ip: undefined } },
    "ip",
    "no",
    "not installed",
    "Install iproute2.",
  ],
  [
    { programs: { ...ROOT.programs, nsenter: undefined } },
    "unshare, nsenter",
    "no",
    "not installed",
    "Install util-linux.",
  ],
  [{ hasLibpcap: false }, "libpcap", "no", "not installed", "Install libpcap"],
  [{ labs: "none" }, "labs", "no", "neither", "mend what is wrong above"],
  [
    { pingGroups: [1, 0] },
    "ping_group_range",
    "no",
    "1 0",
    "ping_group_range=",
  ],
  [
    // It begins with a group that this user is not in.
    {
      pingGroups: [5, 9],
      sockets: sockets({ ping: { outcome: "refused", code: "EACCES" } }),
    },
    "ping_group_range",
    "no",
    "5 9",
    "0 2147483647",
  ],
  [
    {
      interfaces: [
        { name: "eth0", reversePathFilter: 1, offloads: [] },
        { name: "wlan0", reversePathFilter: 0, offloads: [] },
      ],
    },
    "rp_filter",
    "unknown",
    "strict on eth0:",
    "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0",
  ],
  [
    {
      interfaces: [
        { name: "eth0", reversePathFilter: 0, offloads: ["tx", "gro"] },
        { name: "wlan0", reversePathFilter: 0, offloads: [] },
      ],
    },
    "offloads",
    "unknown",
    "eth0: tx gro",
    "`ethtool -K eth0 tx off gro off`",
  ],
  [
    {
      interfaces: ["eth0", "eth1"].map((name) => ({
        name,
        reversePathFilter: 0,
        offloads: ["gro"],
      })),
    },
    "offloads",
    "unknown",
    "eth0: gro; eth1: gro",
    "`for i in eth0 eth1; do ethtool -K $i gro off; done`",
  ],
  [{ firewall: { state: "missing" } }, "firewall", "unknown", "neither"],
  [{ firewall: { state: "notAsked" } }, "firewall", "unknown", "--allow-run"],
  [
    { firewall: { state: "refused" } },
    "firewall",
    "unknown",
    "root alone",
    "As root: `nft list ruleset`",
  ],
  [
    { sockets: sockets({ filter: { outcome: "silent" } }) },
    "kernel's filter",
    "no",
    "never received",
    "nft list ruleset",
  ],
  [
    { isLoopbackUp: false, sockets: [] },
    "loopback",
    "no",
    "down",
    "`ip link set lo up`",
  ],
  [
    { isLoopbackUp: false, sockets: [] },
    "raw, IPv6",
    "unknown",
    "not tried: see loopback",
  ],
  [
    {
      sockets: sockets({
        packet: { outcome: "refused", reason: "cannot do it", remedy: "Do." },
      }),
    },
    "packet socket",
    "no",
    "cannot do it",
    "Do.",
  ],
  [
    {
      hasIPv6: false,
      sockets: sockets().filter(({ kind }) => !kind.endsWith("v6")),
    },
    "ping socket, IPv6",
    "unknown",
    "IPv6 is off",
    "disable_ipv6=0",
  ],
];

Deno.test("diagnose() tells each fault in its line, and what to do", () => {
  for (const [fault, what, mark, says, remedy] of FAULTS) {
    const finding = line(diagnose({ ...ROOT, ...fault }), what);
    assertEquals(finding.mark, mark, JSON.stringify(finding));
    assert(finding.text.includes(says), `${finding.text}: ${says}`);
    if (remedy === undefined) assertEquals(finding.remedy, undefined);
    else assert(finding.remedy?.includes(remedy), finding.remedy);
  }
});

Deno.test("diagnose() of somebody without capabilities", () => {
  const diagnosis = diagnose(STUDENT);
  assertEquals(line(diagnosis, "CAP_NET_RAW").mark, "no");
  assertEquals(
    line(diagnosis, "raw, protocol 253").text,
    "refused (EPERM): see CAP_NET_RAW",
  );
  assertEquals(scripts(diagnosis), {
    no: "send receive sweep traceroute sniff spoof",
    yes: "ping dissect craft lab demo",
  });
  assertEquals(
    diagnosis.scripts.filter(({ because }) => because !== undefined)
      .map(({ script, because }) => `${script} ${because}`),
    [
      "send needs CAP_NET_RAW; in a lab it does",
      "receive needs CAP_NET_RAW; in a lab it does",
      "ping as `ping --unprivileged` alone",
      "sweep needs CAP_NET_RAW; in a lab it does",
      "traceroute needs CAP_NET_RAW; in a lab it does",
      "sniff needs CAP_NET_RAW; in a lab it does",
      "spoof needs CAP_NET_RAW; in a lab it does",
      "craft but for `craft --send`",
    ],
  );
  assertEquals(diagnosis.pairRuns, false);
});

Deno.test("diagnose() of a student on Ubuntu, whose AppArmor allows no lab", () => {
  const diagnosis = diagnose({
    ...STUDENT,
    appArmorRestricts: true,
    labs: "none",
  });
  const { mark, remedy } = line(diagnosis, "AppArmor");
  assertEquals(mark, "no");
  assert(remedy!.includes("kernel.apparmor_restrict_unprivileged_userns=0"));
  const { no } = scripts(diagnosis);
  assert(no.endsWith("lab demo"), no);
  for (
    const [fault, name] of [
      [{ maxUserNamespaces: 0 }, "user.max_user_namespaces"],
      [{ unprivilegedUserNamespaces: false }, "unprivileged_userns_clone=1"],
    ] as const
  ) {
    const finding = line(diagnose({ ...STUDENT, ...fault }), "user namespaces");
    assertEquals(finding.mark, "no");
    assert(finding.remedy!.includes(name), finding.remedy);
  }
});

Deno.test("diagnose() goes by the firewall's rules, not by loopback alone", () => {
  const rule = {
    chain: "inet filter input",
    place: "the policy of inet filter input",
  };
  for (const hook of ["in", "out"] as const) {
    for (const isSure of [true, false]) {
      const diagnosis = diagnose({
        ...ROOT,
        firewall: {
          state: "read",
          program: "nft",
          swallowed: [{ hook, isSure, ...rule }],
        },
      });
      const { mark, remedy } = line(diagnosis, "firewall");
      assertEquals(mark, isSure ? "no" : "unknown");
      assertEquals(
        remedy,
        "As root: `nft insert rule inet filter input ip protocol 253 accept`",
      );
      const { no } = scripts(diagnosis);
      const its = hook === "in" ? "receive" : "send";
      assertEquals(no, isSure ? its : undefined);
      assertEquals(diagnosis.pairRuns, !isSure);
    }
  }
});

Deno.test("diagnose() without --allow-ffi knows little, and says so", () => {
  const { sections, ...diagnosis } = diagnose({
    ...MUSL,
    libc: { name: "glibc" },
    mayCall: false,
    sockets: [],
  });
  assertEquals(
    sections.flatMap(({ findings }) => findings)
      .filter(({ mark }) => mark === "no").map(({ what }) => what),
    ["--allow-ffi"],
  );
  assertEquals(scripts({ sections, ...diagnosis }), {
    unknown: "send receive ping sweep traceroute sniff spoof lab demo",
    yes: "dissect craft",
  });
  assertEquals(diagnosis.pairRuns, false);
});

Deno.test("diagnose() goes by Deno's version, whatever the sockets do", () => {
  const { pairRuns, scripts } = diagnose({ ...ROOT, deno: "2.4.5" });
  assertEquals(pairRuns, false);
  for (const { script, works, because } of scripts) {
    assertEquals([works, because], ["no", 'see "Deno"'], script);
  }
});

Deno.test("diagnose() where there is no GNU C library", () => {
  const diagnosis = diagnose(MUSL);
  assertEquals(line(diagnosis, "libc").mark, "no");
  assertEquals(diagnosis.pairRuns, false);
});

/** Systems that have less, and what the doctor says of the scripts there. */
const OTHERS = {
  windows: {
    name: "Windows",
    kinds: ["raw", "ownHeader", "icmp", "ping", "timeStamps"],
    reserves: {
      sniff: "Windows shows no program what crosses an interface",
      traceroute: "but for TCP",
      spoof: "but for TCP",
      lab: "Windows has no network namespaces, which labs are made of",
      demo: "Windows has no network namespaces, which labs are made of",
    },
  },
  darwin: {
    name: "macOS",
    kinds: ["raw", "ownHeader", "rawIPv6", "icmp", "icmpv6", "ping"],
    reserves: {
      sniff:
        "macOS has packet sockets of another kind (BPF), which raw4 does " +
        "not know",
      traceroute: "but for TCP",
      lab: "macOS has no network namespaces, which labs are made of",
      demo: "macOS has no network namespaces, which labs are made of",
    },
  },
} as const;

for (const [os, { name, kinds, reserves }] of Object.entries(OTHERS)) {
  const those: readonly SocketKind[] = kinds;
  const only = (tests: SocketTest[]) =>
    tests.filter(({ kind }) => those.includes(kind));

  Deno.test(`diagnose() of an administrator's ${name} tells what there is`, () => {
    const diagnosis = diagnose(other(os, only(sockets())));
    assertEquals(
      line(diagnosis, "system").text,
      `${name}, aarch64, 8 CPUs`,
    );
    const found = diagnosis.sections.flatMap(({ findings }) => findings);
    assertEquals(
      found.filter(({ mark }) => mark !== "yes").map(({ what }) => what),
      os === "windows" ? ["firewall"] : [],
    );
    assertEquals(line(diagnosis, "raw sockets").text, "permitted");
    assertEquals(found.length, 4 + kinds.length + (os === "windows" ? 1 : 0));
    assertEquals(scripts(diagnosis), {
      yes: "send receive ping sweep traceroute spoof dissect craft",
      no: "sniff lab demo",
    });
    assertEquals(
      Object.fromEntries(
        diagnosis.scripts.filter(({ because }) => because !== undefined)
          .map(({ script, because }) => [script, because]),
      ),
      reserves,
    );
    assertEquals(diagnosis.pairRuns, true);
  });

  Deno.test(`diagnose() of a student's ${name} tells once what to do`, () => {
    const remedy = "Be another.";
    const refused = { ...REFUSED, remedy };
    const tests = sockets({
      raw: refused,
      ownHeader: refused,
      rawIPv6: refused,
      icmp: refused,
      icmpv6: refused,
      timeStamps: refused,
    });
    const diagnosis = diagnose(other(os, only(tests)));
    const found = diagnosis.sections.flatMap(({ findings }) => findings);
    assertEquals(
      found.filter((finding) => finding.remedy === remedy)
        .map(({ what }) => what),
      ["raw sockets"],
    );
    assertEquals(
      line(diagnosis, "raw, ICMP").text,
      "refused (EPERM): see raw sockets",
    );
    // Its system lets everybody ping.
    assertEquals(scripts(diagnosis), {
      no: "send receive sweep traceroute sniff spoof lab demo",
      yes: "ping dissect craft",
    });
    assertEquals(
      diagnosis.scripts.find(({ script }) => script === "ping")!.because,
      undefined,
    );
    assertEquals(diagnosis.pairRuns, false);
  });
}

Deno.test("diagnose() of a system that raw4 does not know", () => {
  const reason = "raw4 knows no sockets of freebsd";
  const diagnosis = diagnose(
    other("freebsd", sockets({ raw: { outcome: "refused", reason } })),
  );
  assertEquals(line(diagnosis, "system").mark, "no");
  assertEquals(line(diagnosis, "raw, protocol 253").text, reason);
  assertEquals(scripts(diagnosis).yes, undefined);
});
