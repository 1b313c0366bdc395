/**
 * Where scripts are, and how they are called.
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
  const path = pathOf(url).replace(/[^/]+(\.[jt]s)$/, `${name}$1`);
  const file = path.split("/").at(-1)!;
  return { path, file, call: `deno run --allow-ffi ${calledAs(path)}` };
}

/** The path of a module of this machine, without loading what knows all URLs. */
export function pathOf(url: string): string {
  return decodeURIComponent(url.slice("file://".length));
}

/** Sources are called from their clone's root, bundles where they are. */
export function calledAs(path: string): string {
  return path.split("/").slice(path.endsWith(".ts") ? -2 : -1).join("/");
}
