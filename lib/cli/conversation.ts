/**
 * The sender's messages, as somebody types them.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { encodeMessage } from "./messages.ts";

const PROMPT = "Type in the message to send : ";

/**
 * Lines typed at a terminal, each after a prompt, or read from a pipe; until
 * the end of the input, or until `signal` is aborted.
 *
 * @param transcript whether to show prompts, and the lines of a pipe
 * @throws {ScriptError} at a line that is too long to be sent
 */
export async function* conversation(
  signal: AbortSignal,
  transcript: boolean,
): AsyncGenerator<Uint8Array, void> {
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  signal.addEventListener("abort", () => lines.cancel());
  const isTyped = Deno.stdin.isTerminal();
  for (;;) {
    if (transcript && isTyped) write(PROMPT);
    const { value: line, done } = await lines.read();
    if (done) return;
    if (transcript && !isTyped) write(`${PROMPT}${line}\n`);
    yield encodeMessage(line);
  }
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
