/**
 * Labs as people use them: one of a kind that stays, or one for a command.
 *
 * @module
 */

import { Middlebox } from "../tools/middlebox.ts";
import { Lab } from "./lab.ts";
import { runHere, startInBackground } from "./restart.ts";
import { MIDDLEBOXES, type Topology } from "./topology.ts";

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
  /** How long a lab lives that is not up yet. */
  readonly life: "command" | "process" | "stays";
  /** Told when all is ready, with the host. */
  readonly onReady: (host: string) => void;
}

/**
 * Puts a lab up to stay. The script is started again in the background, with
 * `--stand-in`, to stand in its cables where that is needed.
 *
 * @throws {RangeError} if one of its name is up
 * @throws {LabError} if it cannot be built
 */
export async function putUp(plan: Topology, call: LabCall): Promise<Lab> {
  if (await Lab.find(plan.name) !== undefined) {
    throw new RangeError(`the lab ${plan.name} is up already`);
  }
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
 * @throws {SocketError} when the cables are gone
 */
export async function standInCables(
  { middleboxes = [] }: Topology,
): Promise<void> {
  const boxes = middleboxes.map((options) => Middlebox.open(options));
  Deno.stdout.writeSync(new TextEncoder().encode("standing in\n"));
  await Promise.race(boxes.map(({ finished }) => finished));
}

/**
 * Removes a lab that stays.
 *
 * @throws {RangeError} if it is not up
 */
export async function takeDown(name: string): Promise<void> {
  const lab = await Lab.find(name);
  if (lab === undefined) throw new RangeError(`the lab ${name} is not up`);
  await lab.down();
}

/**
 * Runs a command in a host of the lab around us, or of the one that stays, or
 * of one made for the command.
 *
 * @returns the command's exit code
 * @throws {RangeError} if there is no such host, or another lab of that name
 */
export async function runInLab(
  plan: Topology,
  call: LabCall,
  { command, host = plan.hosts[0], onReady, ...wanted }: LabCommand,
  signal: AbortSignal,
): Promise<number> {
  const existing = await Lab.around(plan.name) ?? await Lab.find(plan.name);
  if (existing !== undefined) checkSame(existing, plan, wanted);
  const { hosts } = existing ?? plan;
  if (!hosts.includes(host)) {
    // Namespaces are listed in no order, and with the one for the cables.
    const names = hosts.filter((name) => name !== MIDDLEBOXES)
      .toSorted(new Intl.Collator("en", { numeric: true }).compare);
    throw new RangeError(
      `${plan.name} has no host ${host}, but ${names.join(", ")}`,
    );
  }
  const { life } = wanted;
  const lab = existing ??
    (life === "stays"
      ? await putUp(plan, call)
      : await Lab.up(plan, { stays: life === "process" }));
  onReady(host);
  try {
    return await runHere(lab.inside(host, command), signal);
  } finally {
    if (existing === undefined && life !== "stays") {
      // What a shell left in the background would keep its host alive.
      await lab.endProcesses();
      if (life === "command") await lab.down();
    }
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
