#!/usr/bin/env -S deno run --allow-ffi --allow-run=ip,unshare,nsenter
/** The pair at work, in a lab of two hosts: what a newcomer runs first. */

import { EXIT, notPermitted, ScriptError } from "../lib/cli/exit.ts";
import { print } from "../lib/cli/output.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { type Sibling, sibling } from "../lib/cli/sibling.ts";
import { ALLOW_RUN } from "../lib/lab/command.ts";
import { converse } from "../lib/lab/conversation.ts";
import { Lab } from "../lib/lab/lab.ts";
import { restartInUserNamespace } from "../lib/lab/restart.ts";
import { findRung, NO_LAB_REMEDY } from "../lib/lab/rung.ts";
import { TOPOLOGIES } from "../lib/lab/topology/catalogue.ts";
import { renderExplanation } from "../lib/render/packet/explain.ts";
import { SocketPermissionError } from "../lib/socket/errors.ts";
import { endedBy } from "../lib/socket/process.ts";
import { RawSocket } from "../lib/socket/raw_socket.ts";
import { requireSupport } from "../lib/socket/system/support.ts";

const CONVERSATION = ["Hello World!", "Hi", "How are you ?", "Quit"];

const SEND = sibling(import.meta.url, "send");
const RECEIVE = sibling(import.meta.url, "receive");

const TWO_MACHINES = `\
the one with the address A:  ${RECEIVE.call} -b A
the other one:               ${SEND.call} A`;

const program = script({
  url: import.meta.url,
  flags: `--allow-ffi ${ALLOW_RUN}`,
  description:
    "Shows the pair at work: two hosts that speak IP protocol 253 to each other.",
  examples: [["", "root or not; where no lab is possible, on 127.0.0.1"]],
});

await run(program, async (signal) => {
  requireSupport("labs");
  requirePermission(
    { name: "run", command: "nsenter" },
    ALLOW_RUN,
    "to build labs with `ip`",
  );
  const rung = await findRung();
  if (rung === "user-namespace") {
    await print("Not root here, so as root of a user namespace of our own:\n");
    return restartInUserNamespace(import.meta.url, Deno.args, signal);
  }
  const hasLab = rung === "namespaces";
  await using lab = hasLab ? await Lab.up(TOPOLOGIES.pair) : undefined;
  if (!hasLab) requireRawSockets();
  const from = hasLab ? "1.1.1.100" : "127.0.0.1";
  const to = hasLab ? "1.1.1.1" : "127.0.0.1";
  await print(
    hasLab
      ? `Two hosts in network namespaces, ${from} and ${to}, on one cable.\n`
      : "No network namespaces here, so the pair meets on 127.0.0.1.\n",
  );

  const command = (host: string, { path }: Sibling, ...args: string[]) => {
    const call = [Deno.execPath(), "run", "--allow-ffi", path, ...args];
    return lab?.inside(host, call) ?? ["nsenter", ...call];
  };
  const screens = await converse(
    command("sender", SEND, to),
    command("receiver", RECEIVE, "-b", to, "-w", "30"),
    CONVERSATION,
    signal,
  );
  if (screens === undefined) return endedBy(signal.reason);
  await show(`Sender, ${from}: ${SEND.file} ${to}`, screens.sender);
  await show(`Receiver, ${to}: ${RECEIVE.file} -b ${to}`, screens.receiver);

  const packet = /^45[0-9a-f]+$/m.exec(screens.receiver)?.[0];
  if (packet === undefined) throw new ScriptError("nothing arrived", EXIT.NO);
  const explanation = renderExplanation(Uint8Array.fromHex(packet));
  await show("The first packet, bit by bit", explanation.join("\n"));
  await show("On two real machines, as root", TWO_MACHINES);
  return EXIT.DONE;
});

/** What the pair needs where it can have no lab. */
function requireRawSockets(): void {
  try {
    RawSocket.open({ protocol: 253 }).close();
  } catch (error) {
    if (!(error instanceof SocketPermissionError)) throw error;
    throw notPermitted(
      "neither a lab nor a raw socket is possible here",
      NO_LAB_REMEDY,
    );
  }
}

async function show(title: string, text: string): Promise<void> {
  const rule = "=".repeat(76 - title.length);
  await print(`\n== ${title} ${rule}\n${text.trim()}\n`);
}
