/**
 * The page's server: the page, what the agent tells, and what it is asked.
 *
 * @module
 */

import type { Asked } from "./agent_process.ts";
import type { Answer } from "../agent/messages.ts";
import type { EventLog } from "./event_log.ts";
import { answer, type Guarded, HEADERS, MOST_BODY, refusal } from "./guard.ts";
import { type PackedScript, SERVED_PAGE } from "./page_source.ts";

/** What is served. */
export interface Served {
  /** The page's script, which is made while the rest begins. */
  readonly script: Promise<PackedScript>;
  readonly log: EventLog;
  /** Lessons, a list in JSON. */
  readonly lessons: string;
  /** A capture file, if that is what is shown. */
  readonly file?: Uint8Array<ArrayBuffer>;
  /** Hands on what the page asks. */
  ask?(asked: Asked): Promise<Answer>;
}

/** A server that runs. */
export interface PageServer extends AsyncDisposable {
  /** The address to open, with this start's token. */
  readonly url: string;
  readonly port: number;
}

/** Serves on a free port of 127.0.0.1. */
export function serve(served: Served): PageServer {
  const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const guarded = { port: 0, token };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => respond(request, guarded, served),
  );
  guarded.port = server.addr.port;
  return {
    port: guarded.port,
    url: `http://127.0.0.1:${guarded.port}/#token=${token}`,
    async [Symbol.asyncDispose]() {
      served.log.close();
      await server.shutdown();
    },
  };
}

/** Answers one request. */
export async function respond(
  request: Request,
  guarded: Guarded,
  { script, log, file, lessons, ask }: Served,
): Promise<Response> {
  const refused = refusal(request, guarded);
  if (refused !== undefined) return refused;
  switch (new URL(request.url).pathname) {
    case "/":
      return content(SERVED_PAGE, "text/html; charset=utf-8");
    case "/page.js":
      return content(await script, "text/javascript; charset=utf-8", {
        "content-encoding": "gzip",
      });
    case "/events":
      return content(log.read(), "application/jsonl; charset=utf-8");
    case "/lessons":
      return content(lessons, "application/json");
    case "/file":
      return file === undefined
        ? answer(404, "No file is shown.")
        : content(file, "application/octet-stream");
    default: {
      const asked = ask === undefined ? undefined : await askedBy(request);
      if (asked === undefined) return answer(400, "That cannot be sent.");
      return content(JSON.stringify(await ask!(asked)), "application/json");
    }
  }
}

function content(
  body: BodyInit,
  type: string,
  others: Readonly<Record<string, string>> = {},
): Response {
  const headers = { ...HEADERS, ...others, "content-type": type };
  return new Response(body, { headers });
}

/** Only what is known, and of its type: nothing else reaches the agent. */
async function askedBy(request: Request): Promise<Asked | undefined> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BODY) return undefined;
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== "object" || body === null) return undefined;
  const { host, packet, isFrame = false } = body as Record<string, unknown>;
  if (host !== undefined && typeof host !== "string") return undefined;
  if (typeof isFrame !== "boolean") return undefined;
  return typeof packet === "string" && /^(?:[0-9a-f]{2})+$/i.test(packet)
    ? { type: "send", host, packet, isFrame }
    : undefined;
}
