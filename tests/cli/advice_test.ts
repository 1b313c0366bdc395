/** What a script advises can be done with it: every option it names is its own. */

import { assert, assertEquals } from "@std/assert";
import { ROOT, run } from "../live/live.ts";

const SCRIPTS_URL = new URL("../../scripts/", import.meta.url).href;
const SCRIPTS = [...Deno.readDirSync(`${ROOT}scripts`)]
  .filter(({ name }) => name.endsWith(".ts"))
  .map(({ name }) => name.replace(".ts", ""));

/** Options of other programs that commands are shown of, or that are called. */
const OTHERS = [
  ...["--allow-ffi", "--allow-run", "--allow-read", "--allow-write"],
  ...["--allow-all", "--config", "--quiet", "--minify", "--output"],
  // setpriv, unshare, nsenter
  ...["--reuid", "--regid", "--init-groups", "--inh-caps", "--ambient-caps"],
  ...["--user", "--map-root-user", "--net", "--mount", "--uts"],
  ...["--target", "--preserve-credentials"],
  // Of how a lab calls itself again.
  ...["--anew", "--stand-in"],
];

/**
 * Texts of modules that more scripts import than say them, with those that do:
 * the others use something else of the module.
 */
const SAID_BY: Readonly<Record<string, readonly string[]>> = {
  // The page may broadcast in labs, and forges nothing elsewhere.
  "Add --broadcast, if it is meant.": ["craft", "send", "spoof"],
  ": allowPublic, if that host is ": ["craft", "spoof"],
  "--payload and --hex exclude each other": ["craft", "spoof"],
  ", more than --size ": ["send"],
  "(--protocol, --host, --port)": ["sniff"],
  "--why finds out.": ["craft", "send", "spoof"],
  // The others keep to a person's pace, or to loopback and labs.
  ", or allowPublic, if it is yours": [
    "craft",
    "ping",
    "send",
    "spoof",
    "sweep",
  ],
};

async function flagsOf(script: string): Promise<Set<string>> {
  const path = `${ROOT}scripts/${script}.ts`;
  const { stdout } = await run([Deno.execPath(), "run", path, "--help"]);
  // What stands in the examples may be of other programs.
  const [own] = stdout.split("\nExamples:");
  return new Set(own.match(/--[a-z][a-z-]+/g));
}

/** A script's modules, its own included. */
function modulesOf(url: string, found = new Set<string>()): Set<string> {
  if (found.has(url)) return found;
  found.add(url);
  const code = codeOf(url);
  const imports = code.replace(/(import|export) type [^;]*;/g, "")
    .matchAll(/(?:from |import\()"(\.[^"]+\.tsx?)"/g);
  for (const [, from] of imports) {
    modulesOf(new URL(from, url).href, found);
  }
  return found;
}

/** A module without its comments. */
function codeOf(url: string): string {
  return Deno.readTextFileSync(new URL(url)).replace(
    /\/\*[^]*?\*\/|^\s*\/\/.*$/gm,
    "",
  );
}

/**
 * The texts in a module, those that are put together as one, but for those that
 * begin with an option: they declare it.
 */
function textsIn(code: string): string[] {
  const joined = code.replace(/["`] \+\s*["`]/g, "");
  const texts = joined.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g);
  return texts?.filter((text) => !/^["`]-/.test(text)) ?? [];
}

Deno.test("every option that an error or a remedy names exists in the script that says it", async () => {
  const all = new Map(
    await Promise.all(
      SCRIPTS.map(async (name) => [name, await flagsOf(name)] as const),
    ),
  );
  const wrong: string[] = [];
  let checked = 0;
  for (const script of SCRIPTS) {
    for (const module of modulesOf(`${SCRIPTS_URL}${script}.ts`)) {
      for (const text of textsIn(codeOf(module))) {
        const said = Object.entries(SAID_BY)
          .find(([part]) => text.includes(part))?.[1];
        if (said !== undefined && !said.includes(script)) continue;
        // As scripts translate it.
        const named = text.replace("allowPublic", "--allow-public")
          .replace(script === "page" ? "--ttl" : "", "")
          .matchAll(/(?:\b(\w+) )?(--[a-z][a-z-]+)/g);
        for (const [, before = "", flag] of named) {
          if (OTHERS.includes(flag)) continue;
          checked++;
          // One of another script stands behind its name.
          const whose = all.has(before) ? before : script;
          if (all.get(whose)!.has(flag)) continue;
          wrong.push(
            `${script}: ${flag} in ${
              module.replace(/^.*\/(?=lib|scripts)/, "")
            }`,
          );
        }
      }
    }
  }
  assertEquals([...new Set(wrong)], []);
  assert(checked > 50, `${checked}`);
});
