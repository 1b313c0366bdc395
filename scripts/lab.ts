#!/usr/bin/env -S deno run --allow-ffi --allow-run=ip,unshare,nsenter
/** Virtual hosts on this machine. */

import { EXIT, notPermitted } from "../lib/cli/exit.ts";
import {
  checkAction,
  commandIn,
  labOptions,
  ownArguments,
} from "../lib/cli/options/lab_options.ts";
import { complain, print } from "../lib/cli/output.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { ALLOW_RUN } from "../lib/lab/command.ts";
import { LABS, planLab } from "../lib/lab/topology/catalogue.ts";
import { describeNamespaces, listNamespaces } from "../lib/lab/names.ts";
import { ownRuns } from "../lib/lab/own_labs.ts";
import { restartInUserNamespace } from "../lib/lab/restart.ts";
import { findRung, NO_LAB_REMEDY } from "../lib/lab/rung.ts";
import { wrap } from "../lib/render/wrap.ts";
import {
  type LabPlace,
  processOfLab,
  putUp,
  runInLab,
  standInCables,
  takeDown,
} from "../lib/lab/use.ts";
import { endedBy } from "../lib/socket/process.ts";
import { requireSupport } from "../lib/socket/system/support.ts";

const described = script({
  url: import.meta.url,
  flags: `--allow-ffi ${ALLOW_RUN}`,
  description: "Virtual hosts on this machine, in network namespaces:\n" +
    Object.entries(LABS).map((lab) => lab.join(": ")).join("\n"),
  examples: [
    [
      "run pair -- bash",
      "a shell in the sender, root or not; exit removes it all",
    ],
    [
      "run pair --host receiver -- bash",
      "in another terminal: one in the receiver of the same lab",
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
  requireSupport("labs");
  requirePermission(
    { name: "run", command: "nsenter" },
    ALLOW_RUN,
    "to build labs with `ip`",
  );
  const command = commandIn(Deno.args);
  const [action, name = "pair", ...size] = program.args
    .slice(0, program.args.length - command.length);
  const { host, stay, new: isNew = false, anew, standIn, ...options } = program
    .opts();
  const plan = planLab(name, size, options);
  if (standIn) {
    await standInCables(plan, signal);
    return signal.aborted ? endedBy(signal.reason) : EXIT.DONE;
  }
  checkAction(action, command, program.opts());
  const { url } = import.meta;
  const rung = await findRung();
  if (rung === "none") {
    throw notPermitted("no lab is possible here", NO_LAB_REMEDY);
  }
  const wanted = {
    ...{ isNew, isSpecial: Object.keys(options).length > 0 },
    isSized: size.length > 0,
  };
  if (rung === "user-namespace") {
    if (action === "up" || stay) {
      throw notPermitted(
        "without root a lab lives only as long as a command in it",
        "Start a shell in it: `scripts/lab.ts run pair -- bash`. Or be root.",
      );
    }
    if (action === "status") {
      const namespaces = ownRuns().flatMap(({ namespaces }) => namespaces);
      await print(`${describeNamespaces(namespaces)}\n`);
      return EXIT.DONE;
    }
    const beside = processOfLab(plan, wanted);
    if (action === "down" && beside === undefined) {
      throw new RangeError(`the lab ${name} is not up`);
    }
    const args = ["--anew", ...Deno.args];
    return restartInUserNamespace(url, args, signal, beside);
  }
  const call = { url, args: ownArguments(Deno.args) };
  if (action === "run") {
    return await runInLab(plan, call, {
      ...{ command, host, ...wanted },
      stays: stay ?? false,
      isGuarded: anew ?? false,
      onReady: (place) => tell(name, place),
      onEnded: () => complain(`The lab ${name} has ended.`),
    }, signal);
  }
  if (action === "down") await takeDown(name);
  if (action === "up") {
    await putUp(plan, call);
    if (signal.aborted) {
      await takeDown(name);
      return endedBy(signal.reason);
    }
    const text = `The lab ${name} is up: ${plan.description}.`;
    await print(`${wrap("", text).join("\n")}\n`);
  }
  if (action === "status") {
    await print(`${describeNamespaces(await listNamespaces())}\n`);
  }
  return EXIT.DONE;
}, { leavesInterrupts: true });

/** Says where a command runs: at a terminal, and where that may be unexpected. */
async function tell(
  lab: string,
  { host, isNew, joined }: LabPlace,
): Promise<void> {
  if (joined !== undefined) {
    const where = `In ${host} of the lab ${lab} of process ${joined}, ` +
      "which ends with that process.";
    await complain([...wrap("", where), "--new makes another."].join("\n"));
  } else if (Deno.stderr.isTerminal()) {
    await complain(`In ${host} of ${isNew ? "a new" : "the"} lab ${lab}.`);
  }
}
