/**
 * The single files, as `bundle.ts` makes them, for the tests of them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ROOT, run } from "./live.ts";

/** `deno bundle` has to download its bundler the first time. */
export const BUNDLER = await canBundle() ? [] : ["deno-bundle"];

async function canBundle(): Promise<boolean> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const bundle = [Deno.execPath(), "bundle", "--quiet", file];
    return (await run(bundle)).code === 0;
  } finally {
    await Deno.remove(file);
  }
}

/** What `bundle.ts` made in `dist`, of a folder elsewhere. */
interface Bundles {
  readonly folder: string;
  /** The scripts' bundles. */
  readonly names: string[];
  readonly stdout: string;
}

let bundles: Promise<Bundles> | undefined;

/** Hands the bundles to a test; those of a file are made once. */
export async function withBundles(
  use: (folder: string, names: string[], stdout: string) => Promise<void>,
): Promise<void> {
  const { folder, names, stdout } = await (bundles ??= build());
  await use(folder, names, stdout);
}

async function build(): Promise<Bundles> {
  const folder = await Deno.makeTempDir({ prefix: "raw4-bundle-" });
  globalThis.addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  const flags = "--allow-ffi --allow-run --allow-read --allow-write";
  const { code, stdout, stderr } = await run([
    ...["env", "-C", folder],
    ...[Deno.execPath(), "run", ...flags.split(" ")],
    ...[`${ROOT}scripts/bundle.ts`, "dist"],
  ]);
  assertEquals([code, stderr], [0, ""]);
  const names = [...Deno.readDirSync(`${folder}/dist`)]
    .filter(({ name }) => name.endsWith(".js"))
    .map(({ name }) => name).sort();
  return { folder, names, stdout };
}

/** A folder with one bundle, nothing else, and the command that starts it. */
export async function alone(
  folder: string,
  name: string,
  deno = Deno.execPath(),
): Promise<(...args: string[]) => string[]> {
  const home = await Deno.makeTempDir({ dir: folder });
  await Deno.copyFile(`${folder}/dist/${name}`, `${home}/${name}`);
  await Deno.mkdir(`${home}/empty`);
  // A first line finds Deno by its name.
  await Deno.mkdir(`${home}/bin`);
  await Deno.symlink(deno, `${home}/bin/deno`);
  await run(["chmod", "-R", "a+rwX", folder]);
  const environment = [
    `PATH=${home}/bin:${Deno.env.get("PATH")}`,
    `HOME=${home}/empty`,
    `DENO_DIR=${home}/empty`,
    "NO_COLOR=1",
  ];
  return (...args) => [
    "env",
    "-i",
    `--chdir=${home}`,
    ...environment,
    ...args,
  ];
}
