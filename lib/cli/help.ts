/**
 * What `--help` shows, laid out as commander does it, who could do much more; and
 * what an unknown option may have meant.
 *
 * @module
 */

import type { Command, Help } from "@commander-js/extra-typings";
import { wrapCommand, wrapWords } from "../render/wrap.ts";

/** As wide as what stands before the usage. */
const USAGE = " ".repeat("Usage: ".length);

type Item = readonly [term: string, text: string];

/** The help of a command without commands within it, up to its examples. */
export function formatHelp(
  command: Command<unknown[], Record<string, unknown>>,
  help: Help,
): string {
  const given = command.registeredArguments.map((argument): Item => [
    argument.name(),
    help.argumentDescription(argument),
  ]);
  const options = help.visibleOptions(command).map((option): Item => [
    option.flags,
    help.optionDescription(option),
  ]);
  const width = Math.max(
    ...[...given, ...options].map(([{ length }]) => length),
  );
  const section = (title: string, items: readonly Item[]) =>
    items.length === 0 ? [] : [
      title,
      ...items.flatMap(([term, text]) =>
        wrapWords(
          text.split(" "),
          `  ${term.padEnd(width)}  `,
          " ".repeat(width + 4),
        )
      ),
      "",
    ];
  const usage = wrapCommand(`${command.name()} ${command.usage()}`, USAGE);
  return [
    `Usage: ${usage.join("\n").trimStart()}`,
    "",
    ...command.description().split("\n")
      .flatMap((line) => wrapWords(line.split(" "))),
    "",
    ...section("Arguments:", given),
    ...section("Options:", options),
  ].join("\n");
}

/**
 * What commander says, with the name that an option has here: what is `--wait`
 * in some scripts is `--timeout` in others.
 */
export function withHint(
  { options }: { readonly options: readonly { readonly long?: string }[] },
  text: string,
): string {
  const unknown = /unknown option '--(wait|timeout)\b.*'$/m;
  return text.replace(unknown, (said, name) => {
    const here = name === "wait" ? "--timeout" : "--wait";
    const isThere = options.some(({ long }) => long === here);
    return isThere ? `${said}\n(Did you mean ${here}?)` : said;
  });
}
