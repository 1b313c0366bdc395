/**
 * Asking a machine: its kernel's files by libc, which takes `--allow-ffi` alone;
 * its programs, where Deno permits them.
 *
 * @module
 */

import { supports } from "../../ffi/supports.ts";
import {
  compileFilter,
  FilterUnavailableError,
} from "../../socket/filter/capture_filter.ts";
import { inquire } from "../../socket/kernel/inquiry.ts";
import { isUp } from "../../socket/kernel/interface.ts";
import { reversePathFilter } from "../../socket/kernel/ip_settings.ts";
import { isReadable, readKernelFile } from "../../socket/kernel/kernel_file.ts";
import { offloadsOf } from "../../socket/kernel/offload.ts";
import { libcVersion } from "../../socket/process.ts";
import { findSwallowed, type FirewallFacts } from "./firewall.ts";
import { readIptablesRules } from "./iptables_rules.ts";
import {
  type InterfaceFacts,
  type MachineFacts,
  type Programs,
  REQUIRED,
  SOCKET_KINDS,
} from "./machine_facts.ts";
import { readNftRules } from "./nft_rules.ts";
import { testSockets } from "./self_test.ts";

/** Bits of a set of capabilities (capabilities(7)). */
const CAPABILITY = { netAdmin: 12n, netRaw: 13n, sysAdmin: 21n } as const;
/** What labs are built with. */
const LAB_PROGRAMS = ["ip", "unshare", "nsenter"];

/**
 * Finds out what can be found out. Packets go to this host's own loopback
 * addresses alone.
 */
export async function askMachine(programs: Programs): Promise<MachineFacts> {
  const mayCall = isGranted({ name: "ffi" });
  const mayBuildLabs = LAB_PROGRAMS.every((name) => programs.mayRun(name));
  const { os, arch } = Deno.build;
  const facts: MachineFacts = {
    os,
    arch,
    cpus: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    libc: askLibc(mayCall),
    mayCall,
    mayBuildLabs,
    sockets: [],
  };
  if (!mayCall) return facts;
  const known = facts.libc?.name === "glibc"
    ? await askLinux(programs, mayBuildLabs)
    : {};
  if (known.isLoopbackUp === false) return { ...facts, ...known };
  const kinds = SOCKET_KINDS.filter((kind) => {
    const capability = REQUIRED[kind];
    return (capability === undefined || supports[capability]) &&
      (known.hasIPv6 !== false || !kind.endsWith("v6"));
  });
  return { ...facts, ...known, sockets: await testSockets(kinds) };
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

function askLibc(mayCall: boolean): MachineFacts["libc"] {
  const { env } = Deno.build;
  if (!supports.labs || env === undefined) return undefined;
  if (env === "musl") return { name: "musl" };
  if (!mayCall) return { name: "glibc" };
  try {
    return { name: "glibc", version: libcVersion() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // There is no libc.so.6, or not all of it.
    return { name: "musl" };
  }
}

async function askLinux(
  programs: Programs,
  mayBuildLabs: boolean,
): Promise<Partial<MachineFacts>> {
  const where = (name: string) =>
    programs.pathsOf(name).find((path) => isReadable(path));
  const release = readKernelFile("/etc/os-release") ?? "";
  const groups = readKernelFile("/proc/sys/net/ipv4/ping_group_range");
  const [least, most] = groups?.trim().split(/\s+/).map(Number) ?? [];
  return {
    distribution: /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1],
    kernel: readKernelFile("/proc/sys/kernel/osrelease")?.trim(),
    capabilities: askCapabilities(),
    maxUserNamespaces: numberIn("/proc/sys/user/max_user_namespaces"),
    unprivilegedUserNamespaces: switchIn(
      "/proc/sys/kernel/unprivileged_userns_clone",
    ),
    appArmorRestricts: switchIn(
      "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    ),
    programs: Object.fromEntries(
      [...LAB_PROGRAMS, "nft", "iptables"].map((name) => [name, where(name)]),
    ),
    ipVersion: mayBuildLabs ? await askIpVersion(programs) : undefined,
    labs: mayBuildLabs ? await programs.findRung() : undefined,
    pingGroups: most === undefined ? undefined : [least, most],
    isLoopbackUp: inquire(
      4,
      undefined,
      "ask for loopback's state",
      (fd) => isUp("lo", fd),
    ),
    interfaces: askInterfaces(),
    firewall: await askFirewall(programs, where),
    hasIPv6: readKernelFile("/proc/thread-self/net/if_inet6")?.includes(
      "00000000000000000000000000000001",
    ) ?? false,
    hasLibpcap: hasLibpcap(),
  };
}

function numberIn(path: string): number | undefined {
  const text = readKernelFile(path);
  return text === undefined ? undefined : Number(text);
}

function switchIn(path: string): boolean | undefined {
  const value = numberIn(path);
  return value === undefined ? undefined : value !== 0;
}

function askCapabilities(): MachineFacts["capabilities"] {
  const status = readKernelFile("/proc/thread-self/status") ?? "";
  const [, digits] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  if (digits === undefined) return undefined;
  const has = (bit: bigint) => (BigInt(`0x${digits}`) >> bit & 1n) === 1n;
  const { netRaw, netAdmin, sysAdmin } = CAPABILITY;
  return {
    netRaw: has(netRaw),
    netAdmin: has(netAdmin),
    sysAdmin: has(sysAdmin),
  };
}

async function askIpVersion(programs: Programs): Promise<string | undefined> {
  const said = await programs.run("ip", "-V");
  return /iproute2-\S*\d/.exec(said ?? "")?.[0] ?? said?.trim();
}

function askInterfaces(): InterfaceFacts[] {
  const text = readKernelFile("/proc/thread-self/net/dev") ?? "";
  return [...text.matchAll(/^ *([^\s:]+):/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "lo")
    .map((name) => ({
      name,
      reversePathFilter: reversePathFilter(name),
      offloads: offloadsOf(name),
    }));
}

async function askFirewall(
  programs: Programs,
  where: (program: string) => string | undefined,
): Promise<FirewallFacts> {
  const ways = [
    ["nft", ["-j", "list", "ruleset"], readNftRules],
    ["iptables", ["-S"], readIptablesRules],
  ] as const;
  const there = ways.filter(([program]) => where(program) !== undefined);
  if (there.length === 0) return { state: "missing" };
  const permitted = there.filter(([program]) => programs.mayRun(program));
  if (permitted.length === 0) return { state: "notAsked" };
  const read = [];
  for (const [program, args, parse] of permitted) {
    const text = await programs.run(program, ...args);
    const chains = text === undefined ? undefined : parse(text);
    if (chains === undefined) continue;
    read.push({ program, swallowed: findSwallowed(chains) });
  }
  // Of rules that both tell of, iptables may know more: it made them.
  const told =
    read.find(({ swallowed }) => swallowed.some(({ isSure }) => isSure)) ??
      read.find(({ swallowed }) => swallowed.length > 0) ?? read[0];
  return told === undefined ? { state: "refused" } : { state: "read", ...told };
}

function hasLibpcap(): boolean {
  try {
    compileFilter("icmp");
    return true;
  } catch (error) {
    if (error instanceof FilterUnavailableError) return false;
    throw error;
  }
}
