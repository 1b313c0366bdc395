/**
 * The sender's messages, as somebody types them.
 *
 * @module
 */

import { escapeText } from "../render/text.ts";
import { inputLines } from "./input.ts";
import { encodeMessage } from "./messages.ts";
import type { Outbox } from "./output.ts";

const PROMPT = "Type in the message to send : ";

/**
 * Lines typed at a terminal, each after a prompt, or read from a pipe; until
 * the end of the input, or until `signal` is aborted. What was shown before is
 * written by the time that more is waited for.
 *
 * @param output where prompts are shown, and the lines of a pipe
 * @param transcript whether they are
 * @throws {ScriptError} at a line that is too long to be sent
 */
export async function* conversation(
  signal: AbortSignal,
  output: Outbox,
  transcript: boolean,
): AsyncGenerator<Uint8Array, void> {
  const isTyped = Deno.stdin.isTerminal();
  let isAsked = false;
  const ask = async () => {
    if (transcript && isTyped && !isAsked) await output.add(PROMPT);
    isAsked = true;
  };
  const beforeRead = async () => {
    await ask();
    await output.flush();
  };
  for await (const lines of inputLines("-", signal, beforeRead)) {
    for (const ended of lines) {
      const line = ended.replace(/\r$/, "");
      const message = encodeMessage(line);
      await ask();
      if (transcript && !isTyped) {
        await output.add(`${PROMPT}${escapeText(line)}\n`);
      }
      yield message;
      isAsked = false;
    }
  }
  // What comes next shall not stand behind the prompt.
  if (transcript && isTyped) await output.add("\n");
}
