/**
 * The rules of iptables, as `iptables -S` tells them, seen by a packet of the
 * pair: a new one, that came from a neighbour, or goes to one.
 *
 * @module
 */

import { type Chain, PAIR_PROTOCOL, type Rule } from "./firewall.ts";

const HOOKS: Readonly<Record<string, "in" | "out">> = {
  INPUT: "in",
  OUTPUT: "out",
};

/** Options with a value that say nothing of a packet. */
const PLAIN = ["-m", "--comment", "-c", "--reject-with"];

/** Reads the rules of the table `filter`. */
export function readIptablesRules(text: string): Chain[] {
  const chains = new Map<string, Chain & { rules: Rule[] }>();
  for (const line of text.split("\n")) {
    const [command, name, ...words] = line.match(/"(?:\\.|[^"\\])*"|\S+/g) ??
      [];
    if (command === "-P" || command === "-N") {
      const policy = words[0] === "DROP" ? "drop" : "accept";
      chains.set(name, { name, hook: HOOKS[name], policy, rules: [] });
    } else if (command === "-A") {
      chains.get(name)?.rules.push(readRule(words, line));
    }
  }
  return [...chains.values()];
}

function readRule(words: readonly string[], place: string): Rule {
  let matches: boolean | undefined = true;
  let verdict: Rule["verdict"];
  let isNot = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "!") {
      isNot = true;
      continue;
    }
    if (word === "-j" || word === "-g") {
      verdict = verdictOf(word, words[++i]);
      continue;
    }
    if (word.startsWith("-") && !PLAIN.includes(word)) {
      const holds = holdsFor(word, words[i + 1] ?? "");
      const isMet = holds === undefined ? undefined : holds !== isNot;
      if (matches !== false && isMet !== true) matches = isMet;
    }
    isNot = false;
  }
  return { matches, verdict, place };
}

function verdictOf(kind: "-j" | "-g", target: string): Rule["verdict"] {
  switch (target) {
    case "ACCEPT":
      return { type: "accept" };
    case "DROP":
    case "REJECT":
      return { type: "drop" };
    case "RETURN":
      return { type: "return" };
  }
  return { type: kind === "-g" ? "goto" : "jump", chain: target };
}

/** Whether it is so of the packet; `undefined` if that depends. */
function holdsFor(option: string, value: string): boolean | undefined {
  switch (option) {
    case "-p":
      return value === "all" || value === `${PAIR_PROTOCOL}`;
    case "-i":
    case "-o":
      return value === "lo" ? false : undefined;
    case "--ctstate":
    case "--state":
      return value.split(",").includes("NEW");
  }
  return undefined;
}
