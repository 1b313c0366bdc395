/**
 * What processes that were killed leave of labs, and how it is removed.
 *
 * @module
 */

import { runProgram } from "./command.ts";
import { CHANGING, listNamespaces, namespaceName } from "./names.ts";
import { endProcesses, removeNamespaces } from "./namespaces.ts";
import { thisProcess } from "./process.ts";

/**
 * Lets others know, until it is disposed of, that this process puts a lab that
 * stays up, or takes it down: if it is killed meanwhile, the lab is half.
 *
 * @throws {LabError} if network namespaces cannot be made
 */
export async function beginChange(topology: string): Promise<AsyncDisposable> {
  const name = namespaceName(topology, CHANGING, thisProcess());
  await runProgram("ip", ["netns", "add", name]);
  return { [Symbol.asyncDispose]: () => removeNamespaces([name]) };
}

/**
 * Removes the labs of runs that were killed, and those that stay and were put
 * up or taken down by halves, with what still runs in them.
 *
 * @returns the names of these labs
 */
export async function removeAbandoned(): Promise<Set<string>> {
  const abandoned = (await listNamespaces())
    .filter(({ life }) => life === "abandoned");
  // What tells that a lab is half goes last: this process may be killed, too.
  const isLast = ({ host }: { host: string }) => host === CHANGING;
  for (
    const namespaces of [
      abandoned.filter((one) => !isLast(one)),
      abandoned.filter(isLast),
    ]
  ) {
    const names = namespaces.map(({ name }) => name);
    await endProcesses(names, "KILL");
    await removeNamespaces(names);
  }
  return new Set(abandoned.map(({ topology }) => topology));
}
