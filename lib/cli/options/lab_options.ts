/**
 * The options of labs, above all what their routers are like.
 *
 * @module
 */

import {
  Argument,
  type Command,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import { integer } from "./options.ts";

/** Whole numbers such as `2,4`. */
function numbers(text: string): number[] {
  if (/^\d+(,\d+)*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError("Wanted: numbers such as 2,4.");
}

/** Numbers, each with a value, such as `3=30,5=10`. */
function values(text: string): Record<number, number> {
  if (/^\d+=\d+(,\d+=\d+)*$/.test(text)) {
    const pairs = text.split(",").map((pair) => pair.split("=").map(Number));
    return Object.fromEntries(pairs);
  }
  throw new InvalidArgumentError(
    "Wanted: numbers, each with its value, such as 3=30,5=10.",
  );
}

/** Adds what routers and cables are like; what is not given is left out. */
export function routerOptions(command: Command) {
  return command
    .option("--silent <k,…>", "routers that never send time exceeded", numbers)
    .option(
      "--limited <k,…>",
      "routers with Linux's own limit of ICMP errors",
      numbers,
    )
    .option(
      "--loop <k,…>",
      "routers that send back what is for the target",
      numbers,
    )
    .option("--equal-cost <k,…>", "steps with two routers, a and b", numbers)
    .option("--nat <k,…>", "routers that masquerade what they forward", numbers)
    .option("--lossy <k=percent,…>", "routers that lose packets", values)
    .option("--tos <k=octet,…>", "routers that rewrite the TOS", values)
    .option("--mtu <k=octets,…>", "cables with a smaller MTU", values)
    .option("--slow <k=ms,…>", "cables that take so long, each way", values)
    .option("--dropping <k=percent,…>", "cables that lose packets", values)
    .option("--duplicating <k=percent,…>", "cables that double packets", values)
    .option("--reordering <k=percent,…>", "cables that reorder packets", values)
    .option(
      "--seed <number>",
      "what these three choose packets by",
      integer(0, 0xffff_ffff),
    );
}

/**
 * Adds all of them to a command, and its arguments.
 *
 * @param labs the names of the labs that there are
 */
export function labOptions(command: Command, labs: readonly string[]) {
  return routerOptions(command)
    .addArgument(
      new Argument("<action>", "what to do")
        .choices(["up", "down", "status", "run"]),
    )
    .argument("[lab]", `which lab: ${labs.join(", ")}`, "pair")
    .argument("[size]", "of a chain its routers, of a star its hosts, 1–30")
    .argument("[command...]", "after --, what to run")
    .option("--host <name>", "the host to run it in; the first, if left out")
    .option("--new", "a lab of its own, even where one of the name runs")
    .option("--stay", "leave the lab up after the command")
    // How the script starts itself anew: as root of a user namespace, whose
    // labs end with it; and to stand in the cables of a lab that stays.
    .addOption(new Option("--anew").hideHelp())
    .addOption(new Option("--stand-in").hideHelp());
}

/**
 * Asserts that what is given goes with what is to be done.
 *
 * @throws {ScriptError} if it does not
 */
export function checkAction(
  action: string,
  command: readonly string[],
  { host, stay, new: isNew }: {
    readonly host?: string;
    readonly stay?: true;
    readonly new?: true;
  },
): void {
  if (action === "run") {
    if (command.length === 0) {
      throw usageError("run needs a command, after --");
    }
    if (stay && isNew) {
      throw usageError("--new and --stay exclude one another");
    }
    return;
  }
  if (command.length > 0) {
    throw usageError(`${action} takes no command: run does`);
  }
  if ((host ?? stay ?? isNew) !== undefined) {
    throw usageError("--host, --new and --stay go with run");
  }
}

/** The command that stands after `--`, if there is any. */
export function commandIn(args: readonly string[]): string[] {
  return args.slice(ownArguments(args).length + 1);
}

/** What stands before `--`. */
export function ownArguments(args: readonly string[]): string[] {
  const dashes = args.indexOf("--");
  return args.slice(0, dashes < 0 ? args.length : dashes);
}
