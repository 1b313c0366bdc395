/**
 * The page's server, as the page asks it.
 *
 * @module
 */

import type { Answer, SendRequest } from "../../agent/messages.ts";
import type { Lesson } from "../../lesson/lesson.ts";
import { readLesson } from "../../lesson/read_lesson.ts";
import { renderSpoof } from "../../render/tools/forged.ts";

/** A packet, and who sends it. */
export interface Sent {
  readonly host: string | undefined;
  readonly bytes: Uint8Array;
  readonly isFrame?: boolean;
}

/** Asks with the token of the server's start. */
export class Server {
  readonly #headers: Readonly<Record<string, string>>;

  constructor(token: string | undefined) {
    this.#headers = { authorization: `Bearer ${token}` };
  }

  /** What is at a path. */
  get(path: string): Promise<Response> {
    return fetch(path, { headers: this.#headers, cache: "no-store" });
  }

  /** The lessons that it has. */
  async lessons(): Promise<Lesson[]> {
    const response = await this.get("lessons");
    return response.ok ? (await response.json()).map(readLesson) : [];
  }

  /**
   * Has packets sent, one after the other.
   *
   * @returns what came of them: as they were sent, left and arrived, and why no
   * reply came; or why they were not sent
   */
  async sendAll(packets: readonly Sent[]): Promise<string> {
    const outcomes: string[] = [];
    for (const { host, bytes, isFrame } of packets) {
      outcomes.push(await this.#send({ host, packet: bytes.toHex(), isFrame }));
    }
    return outcomes.join("\n");
  }

  async #send(request: Omit<SendRequest, "type" | "id">): Promise<string> {
    try {
      const response = await fetch("send", {
        method: "POST",
        headers: { ...this.#headers, "content-type": "application/json" },
        body: JSON.stringify(request),
      });
      if (!response.ok) return await response.text();
      const { events = [], error, remedy }: Answer = await response.json();
      return error === undefined
        ? events.map((event) => renderSpoof(event, {})).join("\n")
          // A field of the packet here, and no option.
          .replaceAll("--ttl", "TTL")
        : [error, remedy].filter((text) => text !== undefined).join("\n");
    } catch (error) {
      return (error as Error).message;
    }
  }
}
