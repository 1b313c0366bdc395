/** Who may ask the page's server for what. */

import { assertEquals, assertMatch } from "@std/assert";
import { EventLog } from "../../lib/server/event_log.ts";
import { HEADERS, MOST_BODY } from "../../lib/server/guard.ts";
import { respond } from "../../lib/server/serve.ts";

const GUARDED = { port: 4253, token: "0123456789abcdef" };
const HOST = "127.0.0.1:4253";
const OURS = { host: HOST, authorization: `Bearer ${GUARDED.token}` };
const JSON_TYPE = { "content-type": "application/json" };

/** Asks as a program that can write any header. */
async function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
) {
  const sent: unknown[] = [];
  const log = new EventLog();
  log.close();
  const request = {
    method,
    url: `http://${headers.host}${path}`,
    headers: new Headers(headers),
    body: body === undefined ? null : new Blob([body]).stream(),
  } as Request;
  const response = await respond(request, GUARDED, {
    ...{ script: Promise.resolve(new Uint8Array()), lessons: "[]", log },
    ask: (asked) => {
      sent.push(asked);
      return Promise.resolve({ type: "answer", id: 1 });
    },
  });
  await response.body?.cancel();
  return { status: response.status, sent, headers: response.headers };
}

const PACKET = '{"host":"sender","packet":"4500"}';

/** Requests, and how they are answered. */
const CASES: [
  why: string,
  status: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
][] = [
  ["the page", 200, "GET", "/", { host: HOST }],
  ["its script", 200, "GET", "/page.js", { host: HOST }],
  ["an address typed in", 200, "GET", "/", {
    host: HOST,
    "sec-fetch-site": "none",
  }],
  ["the page's own fetch", 200, "GET", "/events", {
    ...OURS,
    "sec-fetch-site": "same-origin",
    origin: `http://${HOST}`,
  }],
  ["sending", 200, "POST", "/send", { ...OURS, ...JSON_TYPE }, PACKET],
  ["a name made to point here", 421, "GET", "/events", {
    ...OURS,
    host: "evil.example:4253",
  }],
  ["localhost, too", 421, "GET", "/", { host: "localhost:4253" }],
  ["another port", 421, "GET", "/", { host: "127.0.0.1:80" }],
  ["no host", 421, "GET", "/", {}],
  ["a foreign origin", 403, "GET", "/events", {
    ...OURS,
    origin: "https://evil.example",
  }],
  ["an origin that is hidden", 403, "GET", "/events", {
    ...OURS,
    origin: "null",
  }],
  ["our host under https", 403, "GET", "/events", {
    ...OURS,
    origin: `https://${HOST}`,
  }],
  ["a link, image or frame elsewhere", 403, "GET", "/", {
    host: HOST,
    "sec-fetch-site": "cross-site",
  }],
  ["another port's page", 403, "GET", "/events", {
    ...OURS,
    "sec-fetch-site": "same-site",
  }],
  ["no token", 401, "GET", "/events", { host: HOST }],
  ["a wrong token", 401, "GET", "/events", {
    host: HOST,
    authorization: "Bearer 0123456789abcdee",
  }],
  ["a token's beginning", 401, "GET", "/events", {
    host: HOST,
    authorization: "Bearer 0123",
  }],
  ["a token in the address", 401, "GET", `/events?token=${GUARDED.token}`, {
    host: HOST,
  }],
  ["sending without a token", 401, "POST", "/send", {
    host: HOST,
    ...JSON_TYPE,
  }, PACKET],
  ["a form", 415, "POST", "/send", {
    ...OURS,
    "content-type": "text/plain",
  }, PACKET],
  ["sending by a link", 405, "GET", "/send", OURS],
  ["writing to the page", 405, "POST", "/", { host: HOST }],
  ["what is not there", 404, "GET", "/etc/passwd", OURS],
  ["what every object has", 404, "GET", "/constructor", OURS],
  ["no file", 404, "GET", "/file", OURS],
  ["too much", 413, "POST", "/send", {
    ...OURS,
    ...JSON_TYPE,
    "content-length": `${MOST_BODY + 1}`,
  }, PACKET],
  ["too much, unannounced", 400, "POST", "/send", {
    ...OURS,
    ...JSON_TYPE,
  }, `{"packet":"${"00".repeat(MOST_BODY)}"}`],
  ["no JSON", 400, "POST", "/send", { ...OURS, ...JSON_TYPE }, "{"],
  ["no object", 400, "POST", "/send", { ...OURS, ...JSON_TYPE }, "null"],
  [
    "half an octet",
    400,
    "POST",
    "/send",
    { ...OURS, ...JSON_TYPE },
    '{"packet":"4"}',
  ],
  ["a host that is none", 400, "POST", "/send", {
    ...OURS,
    ...JSON_TYPE,
  }, '{"packet":"45","host":["x"]}'],
];

for (const [why, status, method, path, headers, body] of CASES) {
  Deno.test(`the server answers ${status}: ${why}`, async () => {
    const got = await ask(method, path, headers, body);
    assertEquals(got.status, status);
    // Nothing is handed on that was refused.
    const isSent = method === "POST" && status === 200;
    assertEquals(got.sent.length, isSent ? 1 : 0);
    for (const [name, value] of Object.entries(HEADERS)) {
      assertEquals(got.headers.get(name), value);
    }
    // Nobody else is allowed to read it.
    assertEquals(got.headers.get("access-control-allow-origin"), null);
  });
}

Deno.test("the server hands on a host and a packet, and nothing else", async () => {
  const body = '{"host":"x","packet":"45","id":7,"type":"end","__proto__":{}}';
  const { sent } = await ask("POST", "/send", { ...OURS, ...JSON_TYPE }, body);
  assertEquals(sent, [{
    type: "send",
    host: "x",
    packet: "45",
    isFrame: false,
  }]);
});

Deno.test("the server's policy lets no inline script and no foreign one run", () => {
  const policy = HEADERS["content-security-policy"];
  assertMatch(policy, /default-src 'none'; script-src 'self';/);
  assertMatch(policy, /require-trusted-types-for 'script'/);
  assertMatch(policy, /frame-ancestors 'none'/);
  assertEquals(/unsafe|\*|https?:/.test(policy), false);
});
