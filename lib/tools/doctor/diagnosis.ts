/**
 * The doctor's whole page: what holds on a machine, and which scripts work.
 *
 * @module
 */

import type { Capability } from "../../ffi/system.ts";
import {
  type MachineFacts,
  REQUIRED,
  SOCKET_KINDS,
  type SocketKind,
  systemOf,
} from "./machine_facts.ts";
import { networkFindings, programFindings } from "./network_findings.ts";
import {
  NAMES,
  seenAbove,
  socketFindings,
  testOf,
  whyUntried,
} from "./socket_findings.ts";
import {
  type Finding,
  permissionFindings,
  systemFindings,
} from "./system_findings.ts";

/** Lines about one thing. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** Whether a script works here. */
export interface ScriptFinding {
  readonly script: string;
  readonly works: Finding["mark"];
  /** Why not, or with what reserve. */
  readonly because?: string;
}

/** What the doctor has to say. */
export interface Diagnosis {
  readonly sections: readonly Section[];
  readonly scripts: readonly ScriptFinding[];
  /** Whether the pair, `send` and `receive`, runs on this machine. */
  readonly pairRuns: boolean;
}

/** What follows from the facts. */
export function diagnose(facts: MachineFacts): Diagnosis {
  const sections = [
    { title: "System", findings: systemFindings(facts) },
    { title: "Permissions", findings: permissionFindings(facts) },
    { title: "Programs", findings: programFindings(facts) },
    { title: "Network", findings: networkFindings(facts) },
    {
      title: "Sockets: a packet to this host itself, and back",
      findings: SOCKET_KINDS.flatMap((kind) => socketFindings(facts, kind)),
    },
  ];
  // Whatever the sockets do, there the scripts cannot.
  const tooOld = sections[0].findings.find(({ mark }) => mark === "no");
  const scripts = scriptFindings(facts).map((finding): ScriptFinding =>
    tooOld === undefined
      ? finding
      : { ...finding, works: "no", because: `see "${tooOld.what}"` }
  );
  return {
    sections: sections.filter(({ findings }) => findings.length > 0),
    scripts,
    pairRuns: scripts.every(({ script, works }) =>
      works === "yes" || !["send", "receive"].includes(script)
    ),
  };
}

/** The scripts that need a socket of their own. */
const NEEDS: readonly (readonly [script: string, SocketKind])[] = [
  ["send", "raw"],
  ["receive", "raw"],
  ["ping", "icmp"],
  ["sweep", "icmp"],
  ["traceroute", "icmp"],
  ["sniff", "packet"],
  ["spoof", "ownHeader"],
];

function scriptFindings(facts: MachineFacts): ScriptFinding[] {
  const system = systemOf(facts);
  const ofSockets = NEEDS.map(([script, kind]): ScriptFinding => {
    const finding = { script, ...socketVerdict(facts, kind) };
    if (finding.works === "yes") return reserved(facts, finding);
    if (script !== "ping" || testOf(facts, "ping")?.outcome !== "works") {
      return finding;
    }
    const because = system?.everybodyPings
      ? undefined
      : "as `ping --unprivileged` alone";
    return { script, works: "yes", because };
  });
  const sending = socketVerdict(facts, "ownHeader");
  const labs = labVerdict(facts);
  const hasRaw = testOf(facts, "raw")?.outcome === "works";
  return [
    ...ofSockets,
    { script: "dissect", works: "yes" },
    {
      script: "craft",
      works: "yes",
      because: sending.works === "yes" ? undefined : "but for `craft --send`",
    },
    { script: "lab", ...labs },
    {
      script: "demo",
      ...(hasRaw && labs.works !== "yes" && system?.lacks.labs === undefined
        ? { works: "yes", because: "on 127.0.0.1, if there is no lab" }
        : labs),
    },
  ];
}

type ScriptVerdict = Omit<ScriptFinding, "script">;

function socketVerdict(facts: MachineFacts, kind: SocketKind): ScriptVerdict {
  const test = testOf(facts, kind);
  if (test === undefined) {
    const untried = whyUntried(facts);
    return untried === undefined
      ? lacking(facts, REQUIRED[kind])
      : { works: "unknown", because: `not tried: see ${untried}` };
  }
  if (test.outcome === "works") return { works: "yes" };
  const above = seenAbove(facts, test);
  const inLab = facts.labs === "user-namespace" ? "; in a lab it does" : "";
  return {
    works: "no",
    because: above === undefined
      ? `see "${NAMES[kind]}"`
      : `needs ${above}${inLab}`,
  };
}

/** What a system cannot do, in the words of its table. */
function lacking(
  facts: MachineFacts,
  capability: Capability | undefined,
): ScriptVerdict {
  const system = systemOf(facts);
  const lack = capability && system?.lacks[capability];
  return {
    works: "no",
    because: lack ? `${system!.name} ${lack[0]}` : "there is no such socket",
  };
}

/**
 * What works on loopback, and not elsewhere, or not wholly: the pair where a
 * firewall drops its packets, TCP where a system keeps it to itself.
 */
function reserved(facts: MachineFacts, finding: ScriptFinding): ScriptFinding {
  const { firewall } = facts;
  const lacks = systemOf(facts)?.lacks;
  const hasNoTCP = {
    traceroute: lacks?.tcpRaw ?? lacks?.tcpReplies,
    spoof: lacks?.tcpRaw,
  }[finding.script];
  if (hasNoTCP !== undefined) return { ...finding, because: "but for TCP" };
  const hook = { send: "out", receive: "in" }[finding.script];
  if (hook === undefined || firewall?.state !== "read") return finding;
  const rules = firewall.swallowed.filter((rule) => rule.hook === hook);
  if (rules.some(({ isSure }) => isSure)) {
    const because = "the firewall drops its packets";
    return { ...finding, works: "no", because };
  }
  return rules.length > 0
    ? { ...finding, because: "but the firewall may drop its packets" }
    : finding;
}

function labVerdict(facts: MachineFacts): ScriptVerdict {
  const { labs, mayCall } = facts;
  if (systemOf(facts)?.lacks.labs !== undefined) return lacking(facts, "labs");
  if (labs === undefined) {
    const flag = mayCall ? "--allow-run" : "--allow-ffi";
    return { works: "unknown", because: `not tried: see ${flag}` };
  }
  return labs === "none"
    ? { works: "no", because: 'see "labs"' }
    : { works: "yes" };
}
