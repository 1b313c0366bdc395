/**
 * The sender's messages, as somebody types them.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { escapeText } from "../render/text.ts";
import { encodeMessage } from "./messages.ts";
import { print } from "./script.ts";

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
  while (!signal.aborted) {
    if (transcript && isTyped) print(PROMPT);
    const { value: line, done } = await lines.read();
    if (done) {
      // What comes next shall not stand behind the prompt.
      if (transcript && isTyped) print("\n");
      return;
    }
    const message = encodeMessage(line);
    if (transcript && !isTyped) print(`${PROMPT}${escapeText(line)}\n`);
    yield message;
  }
}
