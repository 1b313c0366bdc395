/**
 * The scripts that stand beside a script.
 *
 * @module
 */

/** Another script of the collection. */
export interface Sibling {
  /** Where it is on this machine. */
  readonly path: string;
  /** Its name alone, such as `send.ts`. */
  readonly file: string;
  /** How somebody here would call it. */
  readonly call: string;
}

/**
 * A script beside the one that asks: a source beside sources, a bundle beside
 * bundles.
 *
 * @param url `import.meta.url` of the script that asks
 */
export function sibling(url: string, name: string): Sibling {
  const path = decodeURIComponent(new URL(url).pathname)
    .replace(/[^/]+(\.[jt]s)$/, `${name}$1`);
  // Sources are called from their clone's root, bundles where they are.
  const parts = path.split("/").slice(path.endsWith(".ts") ? -2 : -1);
  const file = parts.at(-1)!;
  return { path, file, call: `deno run --allow-ffi ${parts.join("/")}` };
}
