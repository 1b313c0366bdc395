/**
 * The options of `page`, and what they mean.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import { routerOptions } from "./lab_options.ts";
import { several, TWO_OCTETS } from "./options.ts";

/** What the page shows. */
export type PageSource =
  | {
    readonly kind: "lab";
    readonly name: string;
    readonly size: readonly string[];
  }
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "file"; readonly path: string };

/**
 * Adds them to a command, and its arguments.
 *
 * @param labs the names of the labs that there are
 */
export function pageOptions(command: Command, labs: readonly string[]) {
  return routerOptions(command)
    .argument("[file]", "a capture file; or `lab` for one of these:")
    .argument("[lab]", `which lab: ${labs.join(", ")}`, "pair")
    .argument("[size]", "of a chain, its number of routers, 1–30")
    .option("-I, --interface <name>", "an interface of this machine")
    .option("--lesson <file>", "have this lesson, too", several(String))
    // How the script starts the process that holds the sockets.
    .addOption(new Option("--agent <port>").argParser(TWO_OCTETS).hideHelp());
}

/**
 * What the command line wants to be shown.
 *
 * @throws {ScriptError} if it wants several things
 */
export function pageSource(
  [first = "lab", ...others]: readonly string[],
  device: string | undefined,
): PageSource {
  if (device !== undefined) {
    if (first === "lab" && others.length === 0) {
      return { kind: "device", device };
    }
    throw usageError("-I goes without a lab, and without a file");
  }
  const [name = "pair", ...size] = others;
  if (first === "lab") return { kind: "lab", name, size };
  if (others.length === 0) return { kind: "file", path: first };
  throw usageError(
    `one file is shown, and nothing else; but there is ${others.join(" ")}`,
    "A lab is shown by: page.ts lab NAME",
  );
}

const OF_THE_PAGE = /^--(agent|lesson)(=|$)/;

/** What was said of a lab: `chain 3 --silent 2`. */
export function labCall(args: readonly string[]): string {
  // How it is looked at makes no other lab of it.
  const ofLab = args.filter((arg, i) =>
    !OF_THE_PAGE.test(arg) && !/^--(agent|lesson)$/.test(args[i - 1] ?? "")
  );
  const said = ofLab.join(" ").replace(/^lab(?: |$)/, "")
    .replace(/(--[a-z-]+)=/g, "$1 ");
  return said === "" ? "pair" : said;
}
