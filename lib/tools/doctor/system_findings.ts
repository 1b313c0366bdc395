/**
 * What follows from the facts about a machine, line by line: its system, and
 * what is permitted there.
 *
 * @module
 */

import {
  type MachineFacts,
  type SocketTest,
  systemOf,
} from "./machine_facts.ts";

/** A line of the doctor's: what holds, and what to do where it does not. */
export interface Finding {
  readonly what: string;
  /** `unknown`: it could not be asked, or does not matter here. */
  readonly mark: "yes" | "no" | "unknown";
  readonly text: string;
  readonly remedy?: string;
}

/** What builds labs, and reads the firewall's rules. */
const PROGRAMS = ["ip", "unshare", "nsenter", "nft", "iptables"];

/** The lowest versions that it was seen to work with. */
const LEAST = { deno: "2.5", glibc: "2.27" } as const;

/** The machine itself. */
export function systemFindings(facts: MachineFacts): Finding[] {
  const { os, arch, cpus, distribution, kernel, deno, libc } = facts;
  const name = systemOf(facts)?.name ?? os;
  const system = [
    distribution,
    kernel === undefined ? name : `${name} ${kernel}`,
  ]
    .filter((part) => part !== undefined).join(", ");
  const findings: Finding[] = [
    {
      what: "system",
      mark: systemOf(facts) === undefined ? "no" : "yes",
      text: `${system}, ${arch}, ${cpus} CPUs`,
    },
    isAtLeast(deno, LEAST.deno)
      ? { what: "Deno", mark: "yes", text: `${deno} (${LEAST.deno} or later)` }
      : {
        what: "Deno",
        mark: "no",
        text: `${deno}, but ${LEAST.deno} or later is needed`,
        remedy: "`deno upgrade`, or `npm install -g deno`",
      },
  ];
  if (libc !== undefined) findings.push(libcFinding(libc));
  return findings;
}

function libcFinding(
  { name, version }: NonNullable<MachineFacts["libc"]>,
): Finding {
  if (name === "musl") {
    return {
      what: "libc",
      mark: "no",
      text: "musl, but raw4 calls the GNU C library (glibc)",
      remedy: "Use a system that has it, such as Debian, Ubuntu or Fedora.",
    };
  }
  if (version === undefined) {
    return { what: "libc", mark: "unknown", text: "not asked" };
  }
  return isAtLeast(version, LEAST.glibc)
    ? {
      what: "libc",
      mark: "yes",
      text: `glibc ${version} (${LEAST.glibc} or later)`,
    }
    : {
      what: "libc",
      mark: "no",
      text: `glibc ${version}, but Deno needs ${LEAST.glibc} or later`,
      remedy: "Use Ubuntu 18.04, Debian 10, RHEL 8, or what came after them.",
    };
}

/** Whether a version, such as `2.9.6`, is another one or follows it. */
function isAtLeast(version: string, least: string): boolean {
  const [wanted, given] = [least, version].map((text) =>
    text.split(".").map((part) => parseInt(part))
  );
  const at = wanted.findIndex((number, i) => number !== given[i]);
  return at < 0 || given[at] > wanted[at];
}

/** What Deno and the system permit. */
export function permissionFindings(facts: MachineFacts): Finding[] {
  const { mayCall, mayBuildLabs, capabilities } = facts;
  const call: Finding = mayCall
    ? { what: "--allow-ffi", mark: "yes", text: "given" }
    : {
      what: "--allow-ffi",
      mark: "no",
      text: "not given: without it no socket can be opened",
      remedy: "Add --allow-ffi to the command.",
    };
  if (systemOf(facts)?.lacks.labs !== undefined) {
    return [call, ...privilegeFindings(facts)];
  }
  return [
    call,
    mayBuildLabs
      ? { what: "--allow-run", mark: "yes", text: "given for what builds labs" }
      : {
        what: "--allow-run",
        mark: "unknown",
        text: "not given: no lab was tried, no firewall read",
        remedy: `Add --allow-run=${runnable(facts)} to ask these, too.`,
      },
    ...(capabilities === undefined ? [] : capabilityFindings(capabilities)),
    ...userNamespaceFindings(facts),
  ];
}

/** What an administrator may, where there are no capabilities to be asked. */
function privilegeFindings({ sockets }: MachineFacts): Finding[] {
  const what = PRIVILEGE;
  return sockets.filter(({ kind }) => kind === "raw").map((test) =>
    isNotPermitted(test)
      ? { what, mark: "no", text: "not permitted", remedy: test.remedy }
      : { what, mark: "yes", text: "permitted" }
  );
}

/** The line that tells of it. */
export const PRIVILEGE = "raw sockets";

/** Whether it is the system that does not let this user have a socket. */
export function isNotPermitted({ code }: SocketTest): boolean {
  return code === "EPERM" || code === "EACCES";
}

/** Those that are there: Deno remarks on others. */
function runnable({ programs }: MachineFacts): string {
  const isThere = (name: string) => programs?.[name] !== undefined;
  return PROGRAMS.filter(isThere).join() || PROGRAMS.join();
}

function capabilityFindings(
  { netRaw, netAdmin }: NonNullable<MachineFacts["capabilities"]>,
): Finding[] {
  return [
    netRaw
      ? { what: "CAP_NET_RAW", mark: "yes", text: "raw sockets are permitted" }
      : {
        what: "CAP_NET_RAW",
        mark: "no",
        text: "raw and packet sockets are not permitted",
        remedy:
          "Be root (sudo), or in a lab: `scripts/lab.ts run pair -- bash`",
      },
    netAdmin
      ? {
        what: "CAP_NET_ADMIN",
        mark: "yes",
        text: "this network may be changed",
      }
      : {
        what: "CAP_NET_ADMIN",
        mark: "unknown",
        text: "not had; needed only to change this network",
      },
  ];
}

/** Without root, labs stand in user namespaces. */
function userNamespaceFindings(facts: MachineFacts): Finding[] {
  const { capabilities, maxUserNamespaces } = facts;
  const isRoot = capabilities?.sysAdmin ?? false;
  // Root needs none of it.
  const lacking = isRoot ? "unknown" : "no";
  const findings: Finding[] = [];
  const what = "user namespaces";
  if (maxUserNamespaces === 0) {
    findings.push({
      what,
      mark: lacking,
      text: "none may be made: no lab without root",
      remedy: "As root: `sysctl -w user.max_user_namespaces=10000`",
    });
  } else if (facts.unprivilegedUserNamespaces === false) {
    findings.push({
      what,
      mark: lacking,
      text: "root alone may make them: no lab without root",
      remedy: "As root: `sysctl -w kernel.unprivileged_userns_clone=1`",
    });
  } else if (maxUserNamespaces !== undefined) {
    const text = `up to ${maxUserNamespaces} may be made`;
    findings.push({ what, mark: "yes", text });
  }
  if (facts.appArmorRestricts !== undefined) {
    findings.push(
      facts.appArmorRestricts
        ? {
          what: "AppArmor",
          mark: lacking,
          text: "takes the rights from user namespaces: no lab without root",
          remedy: "As root: " +
            "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`",
        }
        : { what: "AppArmor", mark: "yes", text: "lets user namespaces be" },
    );
  }
  return findings;
}
