/**
 * The pair's two scripts at work, as on two terminals.
 *
 * @module
 */

import { LabError, start } from "./command.ts";

/** What the two terminals showed in the end. */
export interface Screens {
  readonly sender: string;
  readonly receiver: string;
}

/**
 * Starts the receiver, waits until it listens, and types lines into the
 * sender; ends when both have.
 *
 * @param sender a command that reads lines from its standard input
 * @param receiver a command that prints `Socket Info` when it listens
 * @returns `undefined` once `signal` is aborted, which ends both
 * @throws {LabError} if one of them fails, with what it said
 */
export async function converse(
  sender: readonly string[],
  receiver: readonly string[],
  lines: readonly string[],
  signal: AbortSignal,
): Promise<Screens | undefined> {
  const children: Deno.ChildProcess[] = [];
  const open = (
    [program, ...args]: readonly string[],
    stdin: "piped" | "null",
  ) => {
    // A terminal's Ctrl-C is for the script, which ends both.
    const child = start(program, {
      args,
      detached: true,
      stdin,
      stdout: "piped",
      signal,
    });
    children.push(child);
    return child;
  };
  try {
    signal.throwIfAborted();
    const listening = open(receiver, "null");
    const screen = listening.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let received = await readUntil(screen, "Socket Info");
    if (!received.includes("Socket Info")) {
      await finished(listening.status, receiver);
      throw new LabError(`\`${receiver.join(" ")}\` ended before it listened`);
    }
    const typing = open(sender, "piped");
    // A sender that ends before it has read tells why by its exit code.
    await new Blob([`${lines.join("\n")}\n`]).stream().pipeTo(typing.stdin)
      .catch(() => {});
    const { stdout } = await finished(typing.output(), sender);
    received += await readUntil(screen, undefined);
    await finished(listening.status, receiver);
    signal.throwIfAborted();
    return { sender: new TextDecoder().decode(stdout), receiver: received };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    await Promise.all(children.map(end));
  }
}

/** Ends a process, if it has not ended, and waits for it. */
async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended already.
  }
  await child.status;
}

async function readUntil(
  reader: ReadableStreamDefaultReader<string>,
  text: string | undefined,
): Promise<string> {
  let seen = "";
  while (text === undefined || !seen.includes(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    seen += value;
  }
  return seen;
}

async function finished<S extends Deno.CommandStatus>(
  status: Promise<S>,
  command: readonly string[],
): Promise<S> {
  const result = await status;
  if (result.success) return result;
  throw new LabError(
    `\`${command.join(" ")}\` ended with exit code ${result.code}`,
  );
}
