/**
 * What shells complete: options, and their values where these are known, of a
 * script that is started as `ping.js`, or installed as `raw4-ping`.
 *
 * @module
 */

import type {
  ArgumentDefinition,
  OptionDefinition,
  ScriptDefinition,
} from "./definition.ts";

type Scripts = readonly ScriptDefinition[];

/** The names that a script is started by. */
const namesOf = ({ name }: ScriptDefinition) => [`${name}.js`, `raw4-${name}`];

/** Whether what is wanted is a file. */
function isFile(name: string, description: string): boolean {
  return /^(file|folder|description)\b/.test(name) ||
    /^a file\b/.test(description);
}

/** Whether any of a script's arguments is one. */
function takesFiles({ arguments: given }: ScriptDefinition): boolean {
  return given.some(({ name, description }) => isFile(name, description));
}

/** A text in single quotes, for bash and zsh. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** For bash: to be sourced, as from /etc/bash_completion.d. */
export function bashCompletions(scripts: Scripts): string {
  const commands = scripts.flatMap(namesOf);
  return `# Completions of raw4's scripts for bash.
_raw4() {
  local script=\${1##*/} word=$2 options= choices= files=
  script=\${script#raw4-}
  case \${script%.js}:$3 in
${scripts.flatMap(bashValues).join("\n")}
    *) case \${script%.js} in
${scripts.map(bashWords).join("\n")}
      esac ;;
  esac
  [[ $word == -* ]] && choices=$options
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
  if [[ $files && $word != -* ]]; then
    mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F _raw4 ${commands.join(" ")}
`;
}

/** What follows options that have a value. */
function bashValues({ name, options }: ScriptDefinition): string[] {
  return options.filter(({ value }) => value !== undefined)
    .map(({ names, value, choices, description }) => {
      const patterns = names.map((option) => `${name}:${option}`).join("|");
      const set = choices.length > 0
        ? ` choices=${quoted(choices.join(" "))}`
        : isFile(value!, description)
        ? " files=1"
        : " :";
      return `    ${patterns})${set} ;;`;
    });
}

/** What may stand anywhere. */
function bashWords(script: ScriptDefinition): string {
  const { name, options, arguments: given } = script;
  const words = options.flatMap(({ names }) => names).join(" ");
  const choices = given.flatMap(({ choices }) => choices).join(" ");
  const set = [
    `options=${quoted(words)}`,
    ...(choices === "" ? [] : [`choices=${quoted(choices)}`]),
    ...(takesFiles(script) ? ["files=1"] : []),
  ];
  return `        ${name}) ${set.join(" ")} ;;`;
}

/** For zsh: a file \`_raw4\` in a folder of \`fpath\`. */
export function zshCompletions(scripts: Scripts): string {
  const commands = scripts.flatMap(namesOf);
  return `#compdef ${commands.join(" ")}
# Completions of raw4's scripts for zsh.
local script=\${\${service:t}#raw4-}
case \${script%.js} in
${scripts.map(zshScript).join("\n")}
esac
`;
}

function zshScript({ name, options, ...rest }: ScriptDefinition): string {
  const specs = [
    ...options.map(zshOption),
    ...rest.arguments.map(zshArgument),
  ];
  return `  ${name}) _arguments -s \\\n    ${specs.join(" \\\n    ")} ;;`;
}

function zshOption(option: OptionDefinition): string {
  const { names, value, description } = option;
  const text = description.replace(/[[\]\\]/g, "\\$&");
  const wanted = value === undefined ? "" : zshWanted(value, option);
  const rest = quoted(`[${text}]${wanted}`);
  return names.length === 1
    ? names[0] + rest
    : `${quoted(`(${names.join(" ")})`)}{${names.join(",")}}${rest}`;
}

function zshArgument(argument: ArgumentDefinition): string {
  const many = argument.usage.includes("...") ? "*" : "";
  const optional = argument.usage.startsWith("[") && many === "" ? ":" : "";
  return quoted(many + optional + zshWanted(argument.name, argument));
}

function zshWanted(
  name: string,
  { choices, description }: Pick<OptionDefinition, "choices" | "description">,
): string {
  const action = choices.length > 0
    ? `(${choices.join(" ")})`
    : isFile(name, description)
    ? "_files"
    : " ";
  return `:${name.replaceAll(":", "\\:")}:${action}`;
}

/** For fish: to be sourced, as from ~/.config/fish/conf.d. */
export function fishCompletions(scripts: Scripts): string {
  const lines = scripts.flatMap((script) =>
    namesOf(script).flatMap((command) => fishScript(command, script))
  );
  return `# Completions of raw4's scripts for fish.\n${lines.join("\n")}\n`;
}

function fishScript(command: string, script: ScriptDefinition): string[] {
  const choices = script.arguments.flatMap(({ choices }) => choices);
  const files = takesFiles(script) ? "" : " -f";
  const words = choices.length > 0 ? ` -a ${fishQuoted(choices)}` : "";
  return [
    `complete -c ${command}${files}${words}`,
    ...script.options.map(({ names, value, description, choices }) => {
      const flags = names.map((name) =>
        name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
      );
      const wanted = value === undefined
        ? ""
        : choices.length > 0
        ? ` -x -a ${fishQuoted(choices)}`
        : isFile(value, description)
        ? " -r -F"
        : " -x";
      const text = fishQuoted([description]);
      return `complete -c ${command} ${flags.join(" ")}${wanted} -d ${text}`;
    }),
  ];
}

function fishQuoted(words: readonly string[]): string {
  return `'${words.join(" ").replace(/['\\]/g, "\\$&")}'`;
}
