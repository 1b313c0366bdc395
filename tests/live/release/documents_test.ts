/** Manuals and completions, as those who read them read them. */

import { assert, assertEquals } from "@std/assert";
import { documentsOf } from "../../../lib/cli/release/release.ts";
import { flagsOf, liveTest, ROOT, run } from "../live.ts";
import { readDefinitions } from "./definitions.ts";

const RELEASE = { version: "1.2.3", date: "2026-11-29" };

/** Writes the documents to a folder, and removes it. */
async function withDocuments(
  use: (
    folder: string,
    scripts: Awaited<ReturnType<typeof readDefinitions>>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const scripts = await readDefinitions();
    await Deno.mkdir(`${folder}/man/man1`, { recursive: true });
    await Deno.mkdir(`${folder}/completions`);
    const documents = documentsOf(scripts, RELEASE);
    for (const [path, text] of Object.entries(documents)) {
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await use(folder, scripts);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

await liveTest(
  "manuals are sound, and have each option of the script's help",
  ["mandoc"],
  () =>
    withDocuments(async (folder, scripts) => {
      for (const { name } of scripts) {
        const page = `${folder}/man/man1/raw4-${name}.1`;
        const lint = await run(["mandoc", "-T", "lint", "-W", "warning", page]);
        assertEquals([lint.code, lint.stdout + lint.stderr], [0, ""], name);
        const shown = await run([
          ...["mandoc", "-T", "utf8", "-O", "width=200", page],
        ]);
        // Bold is what is struck twice.
        const manual = shown.stdout.split(/.[\b]/).join("");
        const script = [`${ROOT}scripts/${name}.ts`, "--help"];
        const { stdout } = await run([Deno.execPath(), "run", ...script]);
        const flags = stdout.matchAll(/^ {2}(-.*?)(?: {2,}.*)?$/gm)
          .map(([, flags]) => flags.replaceAll("…", "...")).toArray();
        assert(flags.length >= 2, stdout);
        for (const text of [...flags, "1.2.3", RELEASE.date, flagsOf(name)]) {
          assert(manual.includes(text), `${name}'s manual lacks ${text}`);
        }
        const examples = stdout.slice(stdout.indexOf("\nExamples:\n"))
          .matchAll(/^ {2}# (.*)$/gm).map(([, what]) => what).toArray();
        for (const what of examples) assert(manual.includes(`${what}:`), what);
      }
    }),
);

/** What is typed, before the word that a tabulator ends, and what is offered. */
const TYPED: [typed: string, offered: string[]][] = [
  ["ping.js --cou", ["--count"]],
  ["./ping.js --numer", ["--numeric"]],
  ["raw4-lab ", ["up", "down", "status", "run"]],
  ["lab.js sta", ["status"]],
  ["sniff.js --write x", ["x.pcap"]],
  ["dissect.js x", ["x.pcap"]],
  ["ping.js -c ", []],
];

await liveTest(
  "bash completes options, their values, and files",
  ["bash"],
  () =>
    withDocuments(async (folder) => {
      const file = `${folder}/completions/raw4.bash`;
      assertEquals((await run(["bash", "-n", file])).stderr, "");
      await Deno.writeTextFile(`${folder}/x.pcap`, "");
      // As bash calls it: the command, the word to end, and the one before.
      const code = `source "$0"
        words=($2); [[ $2 == *" " ]] && words+=("")
        how=$(complete -p "\${words[0]##*/}")
        read -r _ _ function _ <<<"$how"
        COMP_WORDS=("\${words[@]}") COMP_CWORD=$((\${#words[@]} - 1))
        "$function" "\${words[0]}" "\${words[-1]}" "\${words[-2]}"
        printf "%s\\n" "\${COMPREPLY[@]}"`;
      for (const [typed, offered] of TYPED) {
        const { stdout, stderr } = await run(
          ["bash", "-c", code, file, "", typed],
          { cwd: folder },
        );
        const words = stdout.split("\n").filter((word) => word !== "");
        assertEquals([words, stderr], [offered, ""], typed);
      }
    }),
);

await liveTest(
  "fish completes options with what they do, their values, and files",
  ["fish"],
  () =>
    withDocuments(async (folder) => {
      const file = `${folder}/completions/raw4.fish`;
      await Deno.writeTextFile(`${folder}/x.pcap`, "");
      for (const [typed, offered] of TYPED) {
        const { stdout, stderr } = await run(
          ["fish", "--private", "-c", `source $argv[1]; complete -C $argv[2]`]
            .concat(file, typed),
          { cwd: folder, env: { HOME: folder, XDG_CONFIG_HOME: folder } },
        );
        const words = stdout.split("\n").filter((word) => word !== "")
          .map((line) => line.split("\t")[0]);
        assertEquals(
          [words.sort(), stderr],
          [offered.toSorted(), ""],
          typed,
        );
      }
    }),
);

await liveTest(
  "zsh completes options with what they do",
  ["zsh"],
  () =>
    withDocuments(async (folder) => {
      // A zsh at a terminal of its own, which the first one types into.
      const code = `
        zmodload zsh/zpty
        zpty -b shell zsh -f -i
        until-shown() {
          for i in {1..600}; do
            if zpty -r -t shell part; then
              all+=$part
              [[ $all == *$1* ]] && return
            else
              sleep 0.05
            fi
          done
          print -r "nothing shows $1: $all"
        }
        zpty -w shell "fpath=($1 \\$fpath); autoload -Uz compinit; \\
          compinit -u -D; bindkey '^I' complete-word; echo rea''dy"
        until-shown ready
        zpty -w -n shell $'ping.js --cou\\t'
        until-shown 'end after so many'
        zpty -w -n shell $'\\x15raw4-lab sta\\t'
        until-shown 'raw4-lab status'
        zpty -d shell`;
      const completions = `${folder}/completions`;
      assertEquals(
        (await run(["zsh", "-n", `${completions}/_raw4`])).stderr,
        "",
      );
      const env = { HOME: folder, TERM: "xterm" };
      const { stdout, stderr } = await run(
        ["zsh", "-f", "-c", code, "zsh", completions],
        { env },
      );
      assertEquals([stdout, stderr], ["", ""]);
    }),
);
