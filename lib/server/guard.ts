/**
 * Who may ask the page's server for what. A browser shows this machine's person
 * many pages, and any of them may try to reach a server of 127.0.0.1; so may a
 * foreign name that is made to point there.
 *
 * @module
 */

/** What a request must know. */
export interface Guarded {
  /** The port that is served. */
  readonly port: number;
  /** Of this start alone; the page has it from its address's fragment. */
  readonly token: string;
}

/** The longest body that is read, in octets: a packet in hexadecimal, twice. */
export const MOST_BODY = 512 * 1024;

/** What can be asked for: how, and whether the token is needed. */
const ROUTES: Readonly<Record<string, readonly [string, boolean]>> = {
  "/": ["GET", false],
  "/page.js": ["GET", false],
  "/events": ["GET", true],
  "/file": ["GET", true],
  "/lessons": ["GET", true],
  "/send": ["POST", true],
};

/**
 * What all answers say: nothing is kept, framed, guessed, or loaded from
 * elsewhere, and no text becomes a script.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; " +
    "style-src 'self'; connect-src 'self'; worker-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types raw4",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** An answer in words. */
export function answer(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
}

/** The answer to who may not ask, or asks wrongly; `undefined` to all others. */
export function refusal(
  { method, url, headers }: Pick<Request, "method" | "url" | "headers">,
  { port, token }: Guarded,
): Response | undefined {
  const host = `127.0.0.1:${port}`;
  // A foreign name that points here is another host.
  if (headers.get("host") !== host) {
    return answer(421, "This server is nobody but 127.0.0.1.");
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isOurs = site === null || site === "same-origin" || site === "none";
  if (!isOurs || (origin !== null && origin !== `http://${host}`)) {
    return answer(403, "Only the page itself may ask.");
  }
  const { pathname } = new URL(url);
  const route = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
  if (route === undefined) return answer(404, "There is no such thing here.");
  const [wanted, needsToken] = route;
  if (method !== wanted) return answer(405, `Wanted: ${wanted}.`);
  if (!needsToken) return undefined;
  if (!isSame(headers.get("authorization") ?? "", `Bearer ${token}`)) {
    return answer(401, "Open the address that the script printed.");
  }
  if (method !== "POST") return undefined;
  if (headers.get("content-type") !== "application/json") {
    return answer(415, "Wanted: application/json.");
  }
  // Also of a body without an announced length, which is read no further.
  return Number(headers.get("content-length")) > MOST_BODY
    ? answer(413, "That is too long.")
    : undefined;
}

/** Takes as long wherever the first difference is. */
function isSame(given: string, wanted: string): boolean {
  let difference = given.length ^ wanted.length;
  for (let i = 0; i < wanted.length; i++) {
    difference |= wanted.charCodeAt(i) ^ given.charCodeAt(i);
  }
  return difference === 0;
}
