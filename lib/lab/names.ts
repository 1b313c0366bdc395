/**
 * The names of a lab's network namespaces, and whose they are.
 *
 * A lab that belongs to a run carries that run's process in its names, so that
 * no two runs meet, and a run that was killed can be cleaned up after. A lab
 * put up to stay has none, and there is one of each topology. While a process
 * puts such a lab up, or takes it down, there is one namespace more, which
 * carries it: `raw4-pair-1234.5678-changing`. Where that process was killed,
 * the lab is half. A run's lab can be joined while there is a folder of one of
 * its hosts.
 *
 * @module
 */

import { runProgram, tryProgram } from "./command.ts";
import { isRunning } from "./process.ts";
import { MIDDLEBOXES } from "./topology/topology.ts";

/** `raw4-pair-sender`, or of a run `raw4-pair-1234.5678-sender`. */
const PATTERN = /^raw4-([a-z]+)-(?:(\d+)\.(\d+)-)?([a-z0-9]+)$/;

/** What stands for a host's name while a lab that stays is changed. */
export const CHANGING = "changing";

/** How long a network namespace is there: until …. */
export type Life =
  /** … the process that it belongs to ends. */
  | "process"
  /** … a process is done with putting the lab up or taking it down. */
  | "changing"
  /** … somebody takes the lab down. */
  | "stays"
  /** … the next lab is put up: the process that it belongs to is dead. */
  | "abandoned";

/** A network namespace of a lab, by its name. */
export interface LabNamespace {
  /** As `ip netns` lists it. */
  readonly name: string;
  readonly topology: string;
  readonly host: string;
  /** The process it belongs to, if it does not stay: its id and start time. */
  readonly owner?: string;
}

/** One that is there. */
export interface LivingNamespace extends LabNamespace {
  readonly life: Life;
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
export async function listNamespaces(): Promise<LivingNamespace[]> {
  const listed = await runProgram("ip", ["netns", "list"]);
  return livingNamespaces(
    listed.split("\n").map((line) => line.split(" ")[0]),
  );
}

/** Those of labs, among the names of network namespaces. */
export function livingNamespaces(names: readonly string[]): LivingNamespace[] {
  const namespaces = names.flatMap((name) => parseName(name) ?? []);
  const changes = namespaces.filter(({ host }) => host === CHANGING);
  return namespaces.map((namespace) => {
    const { owner, topology } = namespace;
    return {
      ...namespace,
      life: owner !== undefined
        ? lifeWith([namespace]) ?? "process"
        : lifeWith(changes.filter((change) => change.topology === topology)) ??
          "stays",
    };
  });
}

/** How long what belongs to processes, or is changed by them, is there. */
function lifeWith(theirs: readonly LabNamespace[]): Life | undefined {
  const running = theirs.filter(({ owner }) => isRunning(owner!));
  if (running.some(({ host }) => host === CHANGING)) return "changing";
  return theirs.length > running.length ? "abandoned" : undefined;
}

/**
 * The namespaces of the one of several runs' labs that can be joined: the first
 * that there was, of a topology.
 *
 * @param folders the names of the folders of hosts
 * @param size how many hosts it has to have, if that matters
 */
export function joinable(
  namespaces: readonly LivingNamespace[],
  folders: readonly string[],
  topology: string,
  size?: number,
): LivingNamespace[] {
  const theirs = namespaces.filter((namespace) =>
    namespace.topology === topology && namespace.life === "process"
  );
  const open = theirs.filter(({ name }) => folders.includes(name))
    .map(({ owner }) => owner!)
    .sort((one, other) => startOf(one) - startOf(other));
  const owner = open.find((owner) =>
    size === undefined || size === hostsOf(theirs, owner).length
  );
  return theirs.filter((namespace) => namespace.owner === owner);
}

function hostsOf(namespaces: readonly LabNamespace[], owner: string) {
  return namespaces.filter((namespace) =>
    namespace.owner === owner && namespace.host !== MIDDLEBOXES
  );
}

/** When a process started, in clock ticks since boot. */
function startOf(owner: string): number {
  return Number(owner.split(".")[1]);
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

/** Says of each network namespace how long it is there, a line each. */
export function describeNamespaces(
  namespaces: readonly LivingNamespace[],
): string {
  if (namespaces.length === 0) return "No lab is up.";
  return namespaces.map(({ name, owner, life }) => {
    const [pid] = owner?.split(".") ?? [];
    const words = {
      process: `until process ${pid} ends`,
      changing: "being put up or taken down",
      stays: "stays",
      abandoned: "left behind by a process that was killed: down removes it",
    };
    return `${name}  ${words[life]}`;
  }).sort().join("\n");
}
