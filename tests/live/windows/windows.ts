/**
 * Bundles on Windows' Deno, under Wine, as hosts of a lab.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import { ROOT, run } from "../live.ts";

/** What a test of Windows needs. */
export const NEEDS = ["lab", "windows"];

/** The folder with the bundles, made when it is first asked for. */
let made: Promise<string> | undefined;

/** Windows has it as Z:\\dist. */
export function bundles(): Promise<string> {
  return made ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "raw4-windows-" });
    globalThis.addEventListener("unload", () => {
      Deno.removeSync(folder, { recursive: true });
    });
    const bundle = `${ROOT}scripts/bundle.ts`;
    const { code, stderr } = await run(
      [Deno.execPath(), "run", "--allow-all", bundle, folder],
    );
    assertEquals([code, stderr], [0, ""]);
    return folder;
  })();
}

/** The command that runs a bundle on a Windows host. */
export async function onWindows(
  lab: Lab,
  host: string,
  name: string,
  ...args: string[]
): Promise<string[]> {
  const file = name.includes(".") ? name : `${name}.js`;
  const runner = `${ROOT}tests/windows/run.sh`;
  const folder = `${await bundles()}/windows`;
  return lab.inside(host, [runner, folder, file, ...args]);
}

/** The command that runs the same bundle on a Linux host. */
export async function onLinux(
  lab: Lab,
  host: string,
  name: string,
  ...args: string[]
): Promise<string[]> {
  const file = `${await bundles()}/${name}.js`;
  const deno = [Deno.execPath(), "run", "--allow-ffi", file];
  return lab.inside(host, [...deno, ...args]);
}

/** What a call wrote, standard error last, and its exit code. */
export interface Call {
  readonly code: number;
  readonly text: string;
}

/**
 * Runs calls one after the other on a Windows host, which is started once:
 * each by the command that stands beside its bundle.
 */
export async function callsOnWindows(
  lab: Lab,
  host: string,
  calls: readonly (readonly string[])[],
  { isAdministrator = true } = {},
): Promise<Call[]> {
  const batch = await Deno.makeTempFile({
    dir: `${await bundles()}/windows`,
    suffix: ".cmd",
  });
  const lines = calls.flatMap(([name, ...args]) => [
    `call "%~dp0${name}.cmd" ${args.map(quoted).join(" ")} 2>&1`,
    `echo ${END}%errorlevel%`,
  ]);
  await Deno.writeTextFile(
    batch,
    ["@echo off", ...lines, ""].join("\r\n"),
  );
  const name = batch.replace(/^.*\//, "");
  const command = await onWindows(lab, host, name);
  const who = isAdministrator ? [] : ["env", "RAW4_ORDINARY=1"];
  const { stdout } = await run([...who, ...command]);
  const ended = stdout.replaceAll("\r", "")
    .matchAll(new RegExp(`([^]*?)${END}(\\d+)\n`, "g"));
  const finished = [...ended]
    .map(([, text, code]) => ({ code: Number(code), text }));
  assertEquals(finished.length, calls.length, stdout);
  return finished;
}

function quoted(word: string): string {
  return word.includes(" ") ? `"${word}"` : word;
}

/** Ends what a call wrote, and no script writes. */
const END = "== ended ";

/** Runs a call on a Linux host. */
export async function callOnLinux(
  lab: Lab,
  host: string,
  [name, ...args]: readonly string[],
): Promise<Call> {
  const finished = await run(await onLinux(lab, host, name, ...args));
  const { code, stdout, stderr } = finished;
  return { code, text: stdout + stderr };
}
