#!/usr/bin/env -S deno run --allow-ffi --allow-run
/** Virtual hosts on this machine. */

import { Argument } from "@commander-js/extra-typings";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { Lab } from "../lib/lab/lab.ts";
import { type LabNamespace, listNamespaces } from "../lib/lab/names.ts";
import { restartInUserNamespace, runHere } from "../lib/lab/restart.ts";
import { findRung, NO_LAB_REMEDY, type Rung } from "../lib/lab/rung.ts";
import { TOPOLOGIES } from "../lib/lab/topology.ts";

const program = script({
  url: import.meta.url,
  flags: "--allow-ffi --allow-run",
  description: "Virtual hosts on this machine, in network namespaces. " +
    Object.values(TOPOLOGIES).map(({ name, description }) =>
      `${name}: ${description}.`
    ).join(" "),
  examples: [
    [
      "run pair -- bash",
      "a shell in the sender, root or not; exit removes the lab",
    ],
    ["up pair", "put the pair up, to stay (root)"],
    ["run pair --host receiver -- ip address", "a command in one of its hosts"],
    ["down pair", "remove it"],
  ],
})
  .addArgument(
    new Argument("<action>", "what to do").choices([
      "up",
      "down",
      "status",
      "run",
    ]),
  )
  .addArgument(
    new Argument("[topology]", "which lab").choices(Object.keys(TOPOLOGIES))
      .default("pair"),
  )
  .argument("[command...]", "what to run, after --")
  .option("--host <name>", "the host to run it in; the first, if left out")
  .option("--stay", "leave the lab up after the command");

await run(program, async (signal) => {
  requirePermission({ name: "run" }, "--allow-run", "to build labs with `ip`");
  const [action, topologyName, command] = program.processedArgs;
  const topology = TOPOLOGIES[topologyName];
  const { host = topology.hosts[0], stay = false } = program.opts();
  const rung = await findRung();
  if (rung === "user-namespace" && action === "run") {
    return await restartInUserNamespace(
      import.meta.url,
      ["--stay", ...Deno.args],
      signal,
    );
  }
  if (rung !== "namespaces") throw noLab(rung);
  const existing = await Lab.find(topology);
  switch (action) {
    case "status":
      console.log(renderStatus(await listNamespaces()));
      return EXIT.DONE;
    case "down":
      if (existing === undefined) {
        throw usage(`the lab ${topology.name} is not up`);
      }
      await existing.down();
      return EXIT.DONE;
    case "up":
      if (existing !== undefined) {
        throw usage(`the lab ${topology.name} is up already`);
      }
      await Lab.up(topology, { stays: true });
      console.log(`The lab ${topology.name} is up: ${topology.description}.`);
      return EXIT.DONE;
  }
  if (!topology.hosts.includes(host)) {
    throw usage(
      `${topology.name} has no host ${host}, but ${
        topology.hosts.join(" and ")
      }`,
    );
  }
  if (command.length === 0) throw usage("run needs a command, after --");
  const lab = existing ?? await Lab.up(topology, { stays: stay });
  if (Deno.stderr.isTerminal()) {
    console.error(`In ${host} of the lab ${topology.name}, until it ends.`);
  }
  try {
    return await runHere(lab.inside(host, command), signal);
  } finally {
    if (existing === undefined && !stay) await lab.down();
  }
}, { leavesInterrupts: true });

function noLab(rung: Rung): ScriptError {
  return rung === "none"
    ? new ScriptError(
      "no lab is possible here",
      EXIT.NOT_PERMITTED,
      NO_LAB_REMEDY,
    )
    : new ScriptError(
      "without root a lab lives only as long as a command in it",
      EXIT.NOT_PERMITTED,
      "Start a shell in it: lab.ts run pair -- bash. Or be root.",
    );
}

function renderStatus(namespaces: readonly LabNamespace[]): string {
  if (namespaces.length === 0) return "No lab is up.";
  return namespaces.map(({ name, owner }) => {
    const [pid] = owner?.split(".") ?? [];
    return `${name}  ${pid ? `until process ${pid} ends` : "stays"}`;
  }).join("\n");
}

function usage(message: string): ScriptError {
  return new ScriptError(message, EXIT.USAGE);
}
