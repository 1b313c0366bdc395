/**
 * The agent, as the process that holds the sockets: the server has none.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import type { Answer, SendRequest } from "../agent/messages.ts";
import type { EventLog } from "./event_log.ts";

const ANSWER = '{"type":"answer"';
const POINTS = '{"type":"points"';

/** What is asked, without the number that its answer will bear. */
export type Asked = Omit<SendRequest, "id">;

/** A running agent. Its standard error is this process's. */
export class AgentProcess {
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number>;
  /** Fulfilled when all its sockets are open; or with its exit code. */
  readonly ready: Promise<number | undefined>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  /**
   * Starts it.
   *
   * @param command what runs it
   * @param log where all that it tells goes
   */
  constructor([program, ...args]: readonly string[], log: EventLog) {
    const child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = child.stdin.getWriter();
    const isReady = Promise.withResolvers<number | undefined>();
    this.ready = isReady.promise;
    const reading = this.#read(
      child.stdout,
      log,
      () => isReady.resolve(undefined),
    );
    this.ended = (async () => {
      await reading;
      const { code } = await child.status;
      log.tell({ type: "ended" });
      isReady.resolve(code);
      for (const [id, resolve] of this.#waiting) {
        resolve({ type: "answer", id, error: "the agent has ended" });
      }
      return code;
    })();
  }

  async #read(
    output: ReadableStream<Uint8Array<ArrayBuffer>>,
    log: EventLog,
    isReady: () => void,
  ): Promise<void> {
    const lines = output.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      if (line.startsWith(ANSWER)) {
        const answer: Answer = JSON.parse(line);
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
        continue;
      }
      log.add(line);
      if (line.startsWith(POINTS)) isReady();
    }
  }

  /** Asks for something, and waits for what became of it. */
  async ask(asked: Asked): Promise<Answer> {
    const id = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const line = `${JSON.stringify({ ...asked, id })}\n`;
    try {
      await this.#input.write(new TextEncoder().encode(line));
    } catch {
      return { type: "answer", id, error: "the agent has ended" };
    }
    return await promise;
  }

  /** Ends it, and its lab with it. */
  async end(): Promise<void> {
    try {
      await this.#input.close();
    } catch { /* It has ended by itself. */ }
    await this.ended;
  }
}
