/**
 * What a script's command is like, read from commander's own definition, for
 * manuals and completions. Loaded before a script, by `deno run --preload`, this
 * has it print that as JSON, instead of doing its work.
 *
 * @module
 */

import {
  type Argument,
  Command,
  type Option,
} from "@commander-js/extra-typings";
import type { AnyCommand } from "../script.ts";

/** What is given by its place. */
export interface ArgumentDefinition {
  /** As the usage has it: `<host...>`. */
  readonly usage: string;
  readonly name: string;
  readonly description: string;
  readonly choices: readonly string[];
}

/** What is given by its name. */
export interface OptionDefinition {
  /** As the help has it: `-c, --count <requests>`. */
  readonly flags: string;
  /** `-c` and `--count`. */
  readonly names: readonly string[];
  /** What its value is called; `undefined` if it has none. */
  readonly value: string | undefined;
  readonly description: string;
  readonly choices: readonly string[];
}

/** A script's command. */
export interface ScriptDefinition {
  /** `ping`. */
  readonly name: string;
  /** Deno's flags that it needs. */
  readonly flags: string;
  readonly description: string;
  readonly arguments: readonly ArgumentDefinition[];
  /** Those that the help shows. */
  readonly options: readonly OptionDefinition[];
  /** Arguments of useful calls, each with what it does. */
  readonly examples: readonly (readonly [args: string, what: string])[];
}

/** Reads the definition of a command that is ready to be parsed. */
export function definitionOf(command: AnyCommand): ScriptDefinition {
  const call = command.name();
  const [, flags, name] = /^deno run (.*) \S*?(\w+)\.\w+$/.exec(call)!;
  const help = command.createHelp();
  return {
    name,
    flags,
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      usage: usageOf(argument),
      name: argument.name(),
      description: help.argumentDescription(argument),
      choices: argument.argChoices ?? [],
    })),
    options: help.visibleOptions(command).map((option) => ({
      flags: option.flags,
      names: [option.short, option.long].filter((name) => name !== undefined),
      value: valueOf(option),
      description: help.optionDescription(option),
      choices: option.argChoices ?? [],
    })),
    examples: examplesOf(command, call),
  };
}

function usageOf(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function valueOf({ flags }: Option): string | undefined {
  return /[<[](.+)[\]>]$/.exec(flags)?.[1];
}

/** The examples, which stand behind the help as `script()` puts them there. */
function examplesOf(
  command: AnyCommand,
  call: string,
): (readonly [string, string])[] {
  let text = "";
  // What commander does once the help is shown.
  (command as unknown as { emit(name: string, context: unknown): void })
    .emit("afterHelp", { write: (part: string) => text += part });
  const lines = text.replaceAll(/ \\\n +/g, " ").trim().split("\n").slice(1);
  return lines.flatMap((line, i) =>
    i % 2 === 0
      ? [[lines[i + 1].slice(`  ${call} `.length), line.slice("  # ".length)]]
      : []
  );
}

// What a script does as soon as its command is defined.
Command.prototype.parse = function () {
  console.log(JSON.stringify(definitionOf(this)));
  Deno.exit();
};
