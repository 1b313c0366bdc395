/**
 * Tests against the real kernel and real programs, and what they share.
 *
 * A test names what it needs. Where that is missing the test is ignored,
 * unless RAW4_REQUIRE_LIVE is set, or of Windows RAW4_REQUIRE_WINDOWS: then it
 * fails.
 *
 * @module
 */

import { assert } from "@std/assert";
import { libc } from "../../lib/ffi/libc.ts";
import { tryProgram } from "../../lib/lab/command.ts";
import { findRung } from "../../lib/lab/rung.ts";

// Opened here, or the first test to need it would seem to leak it.
libc();

// Deno would look for news of itself: packets that nobody asked for, and errors
// about them, of which a router sends but so many.
Deno.env.set("DENO_NO_UPDATE_CHECK", "1");

/** The repository's root, ending in a slash. */
export const ROOT = import.meta.dirname!.replace(/[^/]+\/[^/]+$/, "");

/** The same as a URL, for imports: a folder's name may have a `#`. */
export const ROOT_URL = new URL("../../", import.meta.url).href;

const hasLab = await findRung() === "namespaces";
const isInitRoot = Deno.uid() === 0 &&
  /^\s*0\s+0\s+4294967295$/m.test(
    await Deno.readTextFile("/proc/self/uid_map"),
  );
/** Whether a test that lacks something fails for it. */
function isRequired(missing: readonly string[]): boolean {
  return missing.some((need) =>
    Deno.env.has(`RAW4_REQUIRE_${need === "windows" ? "WINDOWS" : "LIVE"}`)
  );
}

/** Where tests/windows/setup.sh has made a Windows. */
const WINE = Deno.env.get("RAW4_WINE") ?? "/var/cache/raw4-wine";
const hasWindows = await tryProgram("sh", ["-c", `ls ${WINE}/ready-*`]) !==
  undefined;
const found = new Map<string, boolean>();

async function isThere(need: string): Promise<boolean> {
  if (need === "lab") return hasLab;
  if (need === "init-root") return isInitRoot;
  if (need === "windows") return hasWindows && isInitRoot;
  // It gives up its privileges, which in a user namespace nobody can.
  if (need === "tcpdump" && !isInitRoot) return false;
  const known = found.get(need) ??
    await tryProgram("sh", ["-c", `command -v ${need}`]) !== undefined;
  found.set(need, known);
  return known;
}

/**
 * Registers a test.
 *
 * @param needs `lab` (namespaces can be made here), `init-root` (this is the
 * machine's own root, not one of a user namespace), `windows` (Wine, as
 * tests/windows/setup.sh makes it), and names of programs
 */
export async function liveTest(
  name: string,
  needs: readonly string[],
  fn: () => Promise<void> | void,
): Promise<void> {
  const missing: string[] = [];
  for (const need of needs) {
    if (!await isThere(need)) missing.push(need);
  }
  if (missing.length === 0) {
    Deno.test(name, fn);
  } else if (isRequired(missing)) {
    Deno.test(name, () => {
      throw new Error(
        `needs ${missing.join(", ")}, which is not to be had here`,
      );
    });
  } else {
    Deno.test.ignore(`${name} (needs ${missing.join(", ")})`, fn);
  }
}

/** A command as a shell reads it, whatever is in its words. */
export function shellWords(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

/** What a finished program left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, with `input` as its standard input. */
export async function run(
  [program, ...args]: readonly string[],
  { input, ...options }: Deno.CommandOptions & { input?: string } = {},
): Promise<Finished> {
  const child = new Deno.Command(program, {
    ...options,
    args,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/**
 * What a script said at most 80 columns wide, but for words that are longer: in
 * one line, except for what is indented, such as commands.
 */
export function unwrapped(text: string): string {
  for (const line of text.split("\n")) {
    assert(line.length <= 80 || !line.includes(" "), line);
  }
  return text.trimEnd().replaceAll(/\n(?! )/g, " ");
}

/** Deno's flags that a script's first line gives it. */
export function flagsOf(name: string): string {
  const [shebang] = Deno.readTextFileSync(`${ROOT}scripts/${name}.ts`)
    .split("\n");
  return shebang.replace("#!/usr/bin/env -S deno run ", "");
}

/** The command that runs one of the scripts, with the permission it needs. */
export function script(name: string, ...args: string[]): string[] {
  const files = name === "craft" ? ["--allow-read", "--allow-write"] : [];
  return [
    Deno.execPath(),
    "run",
    ...flagsOf(name).split(" "),
    ...files,
    `${ROOT}scripts/${name}.ts`,
    ...args,
  ];
}
