/**
 * What `--help` shows, laid out as commander does it, who could do much more.
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
