/**
 * The names of a lab's network namespaces, and whose they are.
 *
 * A lab that belongs to a run carries that run's process in its names, so that
 * no two runs meet, and a run that was killed can be cleaned up after. A lab
 * put up to stay has none, and there is one of each topology.
 *
 * @module
 */

import { runProgram, tryProgram } from "./command.ts";

/** `raw4-pair-sender`, or of a run `raw4-pair-1234.5678-sender`. */
const PATTERN = /^raw4-([a-z]+)-(?:(\d+)\.(\d+)-)?([a-z0-9]+)$/;

/** A network namespace of a lab. */
export interface LabNamespace {
  /** As `ip netns` lists it. */
  readonly name: string;
  readonly topology: string;
  readonly host: string;
  /** The process it belongs to, if it does not stay: its id and start time. */
  readonly owner?: string;
}

/** The namespace of a host. */
export function namespaceName(
  topology: string,
  host: string,
  owner: string | undefined,
): string {
  return owner === undefined
    ? `raw4-${topology}-${host}`
    : `raw4-${topology}-${owner}-${host}`;
}

/** The network namespaces of all labs on this machine. */
export async function listNamespaces(): Promise<LabNamespace[]> {
  const listed = await runProgram("ip", ["netns", "list"]);
  return listed.split("\n").flatMap((line) =>
    parseName(line.split(" ")[0]) ?? []
  );
}

/** The network namespace of a lab that this process runs in, if any. */
export async function thisNamespace(): Promise<LabNamespace | undefined> {
  const name = await tryProgram("ip", ["netns", "identify", `${Deno.pid}`]);
  return parseName(name?.trim() ?? "");
}

function parseName(name: string): LabNamespace | undefined {
  const [, topology, pid, start, host] = PATTERN.exec(name) ?? [];
  if (topology === undefined) return undefined;
  const owner = pid === undefined ? undefined : `${pid}.${start}`;
  return { name, topology, host, owner };
}

/**
 * This process, as namespaces' names carry it. The start time tells it from a
 * later one with the same id.
 */
export async function thisProcess(): Promise<string> {
  return `${Deno.pid}.${await startTime(Deno.pid)}`;
}

/** Whether the process that a namespace belongs to still runs. */
export async function isRunning(owner: string): Promise<boolean> {
  const [pid, start] = owner.split(".");
  return await startTime(Number(pid)) === start;
}

/** In clock ticks since boot, or `undefined` if there is no such process. */
async function startTime(pid: number): Promise<string | undefined> {
  // Through cat, since Deno lets nothing read /proc but with all permissions.
  const stat = await tryProgram("cat", [`/proc/${pid}/stat`]);
  // proc(5): the 22nd field; the second is a name in parentheses.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3];
}

/** Says of each network namespace how long it is there, a line each. */
export function describeNamespaces(
  namespaces: readonly LabNamespace[],
): string {
  if (namespaces.length === 0) return "No lab is up.";
  return namespaces.map(({ name, owner }) => {
    const [pid] = owner?.split(".") ?? [];
    return `${name}  ${pid ? `until process ${pid} ends` : "stays"}`;
  }).sort().join("\n");
}
