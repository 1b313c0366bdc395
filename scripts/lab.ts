#!/usr/bin/env -S deno run --allow-ffi --allow-run
/** Virtual hosts on this machine. */

import { Argument } from "@commander-js/extra-typings";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { commandIn, labOptions } from "../lib/cli/lab_options.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { LABS, planLab } from "../lib/lab/catalogue.ts";
import { Lab } from "../lib/lab/lab.ts";
import { describeNamespaces, listNamespaces } from "../lib/lab/names.ts";
import { restartInUserNamespace, runHere } from "../lib/lab/restart.ts";
import { findRung, NO_LAB_REMEDY, type Rung } from "../lib/lab/rung.ts";

const program = labOptions(script({
  url: import.meta.url,
  flags: "--allow-ffi --allow-run",
  description: "Virtual hosts on this machine, in network namespaces:\n" +
    Object.entries(LABS).map(([name, what]) => `${name}: ${what}`).join("\n"),
  examples: [
    [
      "run pair -- bash",
      "a shell in the sender, root or not; exit removes it all",
    ],
    ["run chain 5 --silent 2,4 -- traceroute -n 10.9.6.2", "a path with holes"],
    ["run lan --host user -- ping 10.9.0.6", "a command in another host"],
    ["up chain 15", "put a lab up, to stay (root)"],
    ["down chain", "remove it"],
  ],
}))
  .addArgument(
    new Argument("<action>", "what to do")
      .choices(["up", "down", "status", "run"]),
  )
  .argument("[lab]", `which lab: ${Object.keys(LABS).join(", ")}`, "pair")
  .argument("[size]", "of a chain, its number of routers, 1–30")
  .argument("[command...]", "after --, what to run");

await run(program, async (signal) => {
  requirePermission({ name: "run" }, "--allow-run", "to build labs with `ip`");
  const command = commandIn(Deno.args);
  const own = program.args.slice(0, program.args.length - command.length);
  const [action, name = "pair", ...size] = own;
  const { host, stay = false, ...options } = program.opts();
  const plan = planLab(name, size, options);
  const isRun = action === "run";
  if (isRun && command.length === 0) {
    throw usage("run needs a command, after --");
  }
  const rung = await findRung();
  if (rung === "user-namespace" && isRun) {
    const args = ["--stay", ...Deno.args];
    return await restartInUserNamespace(import.meta.url, args, signal);
  }
  if (rung !== "namespaces") throw noLab(rung);
  const existing = await Lab.find(name);
  if (action === "status") {
    console.log(describeNamespaces(await listNamespaces()));
  } else if (action === "down") {
    if (existing === undefined) throw usage(`the lab ${name} is not up`);
    await existing.down();
  } else if (action === "up") {
    if (existing !== undefined) throw usage(`the lab ${name} is up already`);
    await Lab.up(plan, { stays: true });
    console.log(`The lab ${name} is up: ${plan.description}.`);
  } else {
    const isOther = existing !== undefined &&
      (Object.keys(options).length > 0 ||
        size.length > 0 && plan.hosts.length !== existing.hosts.length);
    if (isOther) {
      throw usage(`another lab ${name} is up: take it down, or run ${name} --`);
    }
    const { hosts } = existing ?? plan;
    const where = host ?? plan.hosts[0];
    if (!hosts.includes(where)) {
      throw usage(`${name} has no host ${where}, but ${hosts.join(", ")}`);
    }
    const lab = existing ?? await Lab.up(plan, { stays: stay });
    if (Deno.stderr.isTerminal()) {
      console.error(`In ${where} of the lab ${name}, until it ends.`);
    }
    try {
      return await runHere(lab.inside(where, command), signal);
    } finally {
      if (existing === undefined && !stay) await lab.down();
    }
  }
  return EXIT.DONE;
}, { leavesInterrupts: true });

function noLab(rung: Rung): ScriptError {
  const [what, remedy] = rung === "none"
    ? ["no lab is possible here", NO_LAB_REMEDY]
    : [
      "without root a lab lives only as long as a command in it",
      "Start a shell in it: lab.ts run pair -- bash. Or be root.",
    ];
  return new ScriptError(what, EXIT.NOT_PERMITTED, remedy);
}

function usage(message: string): ScriptError {
  return new ScriptError(message, EXIT.USAGE);
}
