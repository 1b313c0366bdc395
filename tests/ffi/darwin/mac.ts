/**
 * A Mac of our own: scripts, and the library itself, on a shim that speaks as
 * libSystem does (`shim.c`). The product knows nothing of it: what Deno says of
 * the system, and where it finds libSystem, is changed before a script begins.
 *
 * @module
 */

import { runProgram } from "../../../lib/lab/command.ts";
import { ROOT, script } from "../../live/live.ts";

/** What tests on it need: root in a namespace, and a compiler. */
export const MAC_NEEDS: readonly string[] = [
  "lab",
  "gcc",
  // It gives the buffers that are asked for, whatever Linux grants.
  "init-root",
];

const SOURCE = `${ROOT}tests/ffi/darwin/shim.c`;
const LIBRARY = "/usr/lib/libSystem.B.dylib";
const WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-sign-compare"];

/** A shim, and what makes scripts take it for their system. */
export class Mac implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Compiles the shim, in a second. */
  static async make(): Promise<Mac> {
    const mac = new Mac(await Deno.makeTempDir({ prefix: "raw4-mac-" }));
    await Deno.chmod(mac.#folder, 0o755);
    const flags = ["-O1", "-shared", "-fPIC", ...WARNINGS];
    await runProgram("gcc", [...flags, "-o", mac.library, SOURCE, "-ldl"]);
    await Deno.writeTextFile(
      mac.preload,
      `const { dlopen } = Deno;
      const shims = { "${LIBRARY}": "${mac.library}" };
      Deno.dlopen = (name, symbols) => {
        // What raw4 opens on a Mac may be nothing else.
        if (!(name in shims)) throw new Error(name);
        return dlopen(shims[name], symbols);
      };
      Deno.build = { ...Deno.build, os: "darwin" };\n`,
    );
    return mac;
  }

  /** The shim's path. */
  get library(): string {
    return `${this.#folder}/libSystem.so`;
  }

  /** The file that makes a program run as on a Mac, for `--preload`. */
  get preload(): string {
    return `${this.#folder}/preload.js`;
  }

  /** The command that runs one of the scripts as on a Mac. */
  script(name: string, ...args: string[]): string[] {
    const [deno, verb, ...rest] = script(name, ...args);
    return [deno, verb, `--preload=${this.preload}`, ...rest];
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
