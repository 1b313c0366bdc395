#!/usr/bin/env -S deno run --allow-ffi --allow-run
/** Virtual hosts on this machine. */

import { EXIT, notPermitted } from "../lib/cli/exit.ts";
import {
  checkAction,
  commandIn,
  labOptions,
  ownArguments,
} from "../lib/cli/lab_options.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { LABS, planLab } from "../lib/lab/catalogue.ts";
import { describeNamespaces, listNamespaces } from "../lib/lab/names.ts";
import { restartInUserNamespace } from "../lib/lab/restart.ts";
import { findRung, NO_LAB_REMEDY } from "../lib/lab/rung.ts";
import { wrap } from "../lib/render/wrap.ts";
import { putUp, runInLab, standInCables, takeDown } from "../lib/lab/use.ts";

const described = script({
  url: import.meta.url,
  flags: "--allow-ffi --allow-run",
  description: "Virtual hosts on this machine, in network namespaces:\n" +
    Object.entries(LABS).map((lab) => lab.join(": ")).join("\n"),
  examples: [
    [
      "run pair -- bash",
      "a shell in the sender, root or not; exit removes it all",
    ],
    [
      "run chain 5 --silent 2,4 -- traceroute -n 10.9.6.2",
      "a path with holes",
    ],
    ["run lan --host user -- ping 10.9.0.6", "a command in another host"],
    ["up chain 15", "put a lab up, to stay (root)"],
    ["down chain", "remove it"],
  ],
});
const program = labOptions(described, Object.keys(LABS));

await run(program, async (signal) => {
  requirePermission({ name: "run" }, "--allow-run", "to build labs with `ip`");
  const command = commandIn(Deno.args);
  const [action, name = "pair", ...size] = program.args
    .slice(0, program.args.length - command.length);
  const { host, stay, anew, standIn, ...options } = program.opts();
  const plan = planLab(name, size, options);
  if (standIn) {
    await standInCables(plan);
    return EXIT.DONE;
  }
  checkAction(action, command, { host, stay });
  const { url } = import.meta;
  const rung = await findRung();
  if (rung === "none") {
    throw notPermitted("no lab is possible here", NO_LAB_REMEDY);
  }
  if (rung === "user-namespace") {
    if (action !== "run") {
      throw notPermitted(
        "without root a lab lives only as long as a command in it",
        "Start a shell in it: `scripts/lab.ts run pair -- bash`. Or be root.",
      );
    }
    return await restartInUserNamespace(url, ["--anew", ...Deno.args], signal);
  }
  const call = { url, args: ownArguments(Deno.args) };
  if (action === "run") {
    return await runInLab(plan, call, {
      command,
      host,
      isSpecial: Object.keys(options).length > 0,
      isSized: size.length > 0,
      life: anew ? "process" : stay ? "stays" : "command",
      onReady: (host) => {
        if (!Deno.stderr.isTerminal()) return;
        console.error(`In ${host} of the lab ${name}, until it ends.`);
      },
    }, signal);
  }
  if (action === "down") await takeDown(name);
  if (action === "up") {
    await putUp(plan, call);
    console.log(
      wrap("", `The lab ${name} is up: ${plan.description}.`).join("\n"),
    );
  }
  if (action === "status") {
    console.log(describeNamespaces(await listNamespaces()));
  }
  return EXIT.DONE;
}, { leavesInterrupts: true });
