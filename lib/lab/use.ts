/**
 * Labs as people use them: one of a kind that stays, or one for a command.
 *
 * @module
 */

import { Middlebox } from "./middlebox/middlebox.ts";
import { beginChange, removeAbandoned } from "./abandoned.ts";
import { guardLabs } from "./guard.ts";
import { onHost } from "./host_folder.ts";
import { Lab } from "./lab.ts";
import { joinable } from "./names.ts";
import { ownRuns } from "./own_labs.ts";
import { runHere, startInBackground } from "./restart.ts";
import { MIDDLEBOXES, type Topology } from "./topology/topology.ts";

/** How a script that uses labs is called. */
export interface LabCall {
  /** `import.meta.url` of the script. */
  readonly url: string;
  /** Its arguments, without those of a command to run in the lab. */
  readonly args: readonly string[];
}

/** What to run, and where. */
export interface LabCommand {
  readonly command: readonly string[];
  /** Default the lab's first host. */
  readonly host?: string;
  /** Whether somebody said what the lab's routers and cables are like. */
  readonly isSpecial: boolean;
  /** Whether somebody said how large it is. */
  readonly isSized: boolean;
  /** Whether it is to be a lab of its own, whichever others there are. */
  readonly isNew: boolean;
  /** Whether a lab stays that is not up yet. */
  readonly stays: boolean;
  /** Whether `/run` is that of an ordinary user's labs alone. */
  readonly isGuarded: boolean;
  /** Told when all is ready. */
  readonly onReady: (place: LabPlace) => Promise<void>;
  /** Told if the lab that was joined has ended before the command. */
  readonly onEnded: () => Promise<void>;
}

/** Where a command runs. */
export interface LabPlace {
  readonly host: string;
  /** Whether the lab was made for the command. */
  readonly isNew: boolean;
  /** The process that another run's lab ends with. */
  readonly joined?: number;
}

/**
 * Puts a lab up to stay. The script is started again in the background, with
 * `--stand-in`, to stand in its cables where that is needed.
 *
 * @throws {RangeError} if one of its name is up
 * @throws {LabError} if it cannot be built
 */
export async function putUp(plan: Topology, call: LabCall): Promise<Lab> {
  await removeAbandoned();
  if (await Lab.find(plan.name) !== undefined) {
    throw new RangeError(`the lab ${plan.name} is up already`);
  }
  await using _ = await beginChange(plan.name);
  return await Lab.up(plan, {
    stays: true,
    standIn: (lab) =>
      startInBackground(
        call.url,
        ["--stand-in", ...call.args],
        (command) => lab.inside(MIDDLEBOXES, command),
      ),
  });
}

/**
 * Stands in the cables of a lab, inside the host that is meant for it, until
 * the lab is taken down; tells {@linkcode putUp} when it does.
 *
 * @param signal ends it before
 * @throws {SocketError} when the cables are gone
 */
export async function standInCables(
  { middleboxes = [] }: Topology,
  signal: AbortSignal,
): Promise<void> {
  const boxes = middleboxes.map((options) => Middlebox.open(options));
  signal.addEventListener("abort", () => boxes.forEach((box) => box.close()));
  Deno.stdout.writeSync(new TextEncoder().encode("standing in\n"));
  await Promise.race(boxes.map(({ finished }) => finished));
}

/**
 * Removes a lab that stays, and what killed processes have left of any.
 *
 * @throws {RangeError} if it is not up, and nothing of it was left either
 */
export async function takeDown(name: string): Promise<void> {
  const removed = await removeAbandoned();
  const lab = await Lab.find(name);
  if (lab === undefined) {
    if (removed.has(name)) return;
    const run = await Lab.joinable(name);
    throw new RangeError(
      run === undefined
        ? `the lab ${name} is not up`
        : `the lab ${name} is that of process ${run.process}, and ends with it`,
    );
  }
  await using _ = await beginChange(name);
  await lab.down();
}

/**
 * The process of an ordinary user's by which the user namespace is entered that
 * has a lab of a name: one to be joined, or one that was left behind.
 */
export function processOfLab(
  { name, hosts }: Topology,
  wanted: Pick<LabCommand, "isNew" | "isSpecial" | "isSized">,
): number | undefined {
  if (wanted.isNew || wanted.isSpecial) return undefined;
  const size = wanted.isSized ? hosts.length : undefined;
  const runs = ownRuns();
  const run =
    runs.find(({ namespaces, folders }) =>
      joinable(namespaces, folders, name, size).length > 0
    ) ?? runs.find(({ namespaces }) =>
      namespaces.some(({ topology }) =>
        topology === name
      ) &&
      namespaces.every(({ life }) => life === "abandoned")
    );
  return run?.pid;
}

/**
 * Runs a command in a host of the lab around us, or of the one that stays, or
 * of another run's, or of one made for the command.
 *
 * @returns the command's exit code
 * @throws {RangeError} if there is no such host, or another lab of that name
 */
export async function runInLab(
  plan: Topology,
  call: LabCall,
  { command, host = plan.hosts[0], onReady, onEnded, ...wanted }: LabCommand,
  signal: AbortSignal,
): Promise<number> {
  const standing = wanted.isNew
    ? undefined
    : await Lab.around(plan.name) ?? await Lab.find(plan.name);
  if (standing !== undefined) checkSame(standing, plan, wanted);
  const other = standing !== undefined || wanted.isNew || wanted.isSpecial
    ? undefined
    : await Lab.joinable(
      plan.name,
      wanted.isSized ? plan.hosts.length : undefined,
    );
  const existing = standing ?? other;
  const { hosts } = existing ?? plan;
  if (!hosts.includes(host)) {
    // Namespaces are listed in no order, and with the one for the cables.
    const names = hosts.filter((name) => name !== MIDDLEBOXES)
      .toSorted(new Intl.Collator("en", { numeric: true }).compare);
    throw new RangeError(
      `${plan.name} has no host ${host}, but ${names.join(", ")}`,
    );
  }
  const lab = existing ??
    (wanted.stays ? await putUp(plan, call) : await Lab.up(plan));
  await using _ = existing === undefined && wanted.isGuarded
    ? guardLabs()
    : undefined;
  const isNew = existing === undefined;
  await onReady({ host, isNew, joined: other?.process });
  try {
    const onTerminal = onHost(host, lab.namespace(host), command);
    return await runHere(lab.inside(host, onTerminal), signal);
  } finally {
    if (isNew && !wanted.stays) {
      // What a shell left in the background would keep its host alive.
      await lab.endProcesses();
      await lab.down();
    }
    if (other?.hasEnded()) await onEnded();
  }
}

function checkSame(
  { hosts }: Lab,
  plan: Topology,
  { isSpecial, isSized }: Pick<LabCommand, "isSpecial" | "isSized">,
): void {
  const isOther = isSized &&
    hosts.filter((host) => host !== MIDDLEBOXES).length !== plan.hosts.length;
  if (!isSpecial && !isOther) return;
  throw new RangeError(
    `another lab ${plan.name} is up: take it down, or leave out all but its ` +
      "name",
  );
}
