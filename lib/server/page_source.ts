/**
 * The page's own files. In a bundle they are within it; from sources they are
 * made anew, which takes less than a second.
 *
 * @module
 */

/** The page cannot be made from its sources. */
export class PageSourceError extends Error {
  override name = "PageSourceError";
  /** What to do now. */
  readonly remedy =
    "The first time, `deno bundle` fetches its bundler: be online once. Or " +
    "take page.js, as `deno task bundle` makes it: the page is in it.";
}

/** The page's script, compressed, in base 64, where a bundle has it. */
const EMBEDDED = "";
const PLACE = /^var EMBEDDED = "";$/m;

/** The page's script as it is kept and sent: by gzip, a third as long. */
export type PackedScript = Uint8Array<ArrayBuffer>;

/** Packs the page's script. */
export async function packedScript(script: string): Promise<PackedScript> {
  const packed = new Blob([script]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/**
 * A bundle of `page.ts`, not minified yet, with the page's script in it.
 *
 * @throws {Error} if there is no place for it
 */
export function embedded(code: string, script: PackedScript): string {
  if (!PLACE.test(code)) throw new Error("the bundle has no place for a page");
  return code.replace(PLACE, `var EMBEDDED = "${script.toBase64()}";`);
}

/** The page as the server sends it: no script and no style stands in it. */
export const SERVED_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>raw4</title>
<link rel="icon" href="data:,">
<script src="page.js" defer></script>
<noscript>This page needs JavaScript.</noscript>
</html>
`;

/**
 * Deno's arguments that bundle the page's script to standard output, called from
 * anywhere.
 *
 * @param entry the path of `lib/page/main.tsx`
 */
export function bundlingOf(entry: string): string[] {
  const config = entry.replace(/lib\/page\/[^/]+$/, "deno.json");
  const how = ["--platform", "browser", "--format", "iife", "--minify"];
  return ["bundle", "--quiet", "--config", config, ...how, entry];
}

/**
 * The page's script.
 *
 * @param entry the path of its first source, where it is not embedded
 * @throws {PageSourceError} if it cannot be bundled
 */
export async function pageScript(entry: string): Promise<PackedScript> {
  if (EMBEDDED !== "") return Uint8Array.fromBase64(EMBEDDED);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: bundlingOf(entry),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (code === 0) return await packedScript(decoder.decode(stdout));
  throw new PageSourceError(
    `cannot bundle the page: ${decoder.decode(stderr).trim()}`,
  );
}

/** What unpacks the page's script where it stands in the page's file. */
const UNPACK = `(async () => {
  const packed = document.getElementById("packed").textContent;
  const octets = Uint8Array.fromBase64(packed);
  const whole = new Blob([octets]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const code = await new Response(whole).arrayBuffer();
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const script = document.createElement("script");
  const policy = { createScriptURL: (given) => given };
  script.src = globalThis.trustedTypes?.createPolicy("unpack", policy)
    .createScriptURL(url) ?? url;
  document.body.append(script);
})();`;

/**
 * The page as one file, which needs no server. Its script is packed in it; what
 * unpacks it is the one script that may run, and start others.
 */
export async function staticPage(script: PackedScript): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(UNPACK),
  );
  const hash = new Uint8Array(digest).toBase64();
  const policy = "default-src 'none'; " +
    `script-src 'sha256-${hash}' 'strict-dynamic'; worker-src blob:; ` +
    "img-src data:; base-uri 'none'; form-action 'none'; " +
    "require-trusted-types-for 'script'; trusted-types raw4 unpack";
  return SERVED_PAGE.replace(
    '<meta name="viewport"',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n$&`,
  ).replace(
    '<script src="page.js" defer></script>',
    () =>
      `<body><script type="text/plain" id="packed">${script.toBase64()}` +
      `</script>\n<script>${UNPACK}</script>`,
  );
}
