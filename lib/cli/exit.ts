/**
 * How a script ends: exit codes, and what is said when it fails.
 *
 * @module
 */

import {
  NameLookupError,
  SocketBroadcastError,
  SocketError,
  SocketPermissionError,
  TimeoutExceeded,
} from "../socket/errors.ts";
import { escapeQuoted } from "../render/text.ts";
import {
  wordsOf,
  wrapCommand,
  wrapSentences,
  wrapWords,
} from "../render/wrap.ts";

/** Exit codes, the same in every script. */
export const EXIT = {
  /** Done. */
  DONE: 0,
  /** The network's answer was no: no reply, unreachable, timed out. */
  NO: 1,
  /** Bad input or usage; nothing was sent. */
  USAGE: 2,
  /** Not permitted, by Deno or by the system. */
  NOT_PERMITTED: 3,
  /** The system refused. */
  SYSTEM: 4,
} as const;

/** A failure that a script states itself, with its exit code. */
export class ScriptError extends Error {
  override name = "ScriptError";

  constructor(
    message: string,
    readonly exitCode: number,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/** What is wrong with what a script was given. */
export function usageError(message: string, remedy?: string): ScriptError {
  return new ScriptError(message, EXIT.USAGE, remedy);
}

/** What is not permitted, and what to do. */
export function notPermitted(message: string, remedy: string): ScriptError {
  return new ScriptError(message, EXIT.NOT_PERMITTED, remedy);
}

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ScriptError) return error.exitCode;
  if (error instanceof RangeError) return EXIT.USAGE;
  if (error instanceof TimeoutExceeded) return EXIT.NO;
  if (
    error instanceof SocketPermissionError ||
    error instanceof Deno.errors.NotCapable
  ) return EXIT.NOT_PERMITTED;
  return EXIT.SYSTEM;
}

/**
 * The exit code of listening: silence before all that was wanted came is the
 * network's no.
 *
 * @param reason why it ended
 * @param count packets that were wanted; `Infinity` for any
 */
export function exitCodeOfListening(
  reason: string,
  received: number,
  count: number,
): number {
  const wanted = count === Infinity ? 1 : count;
  return reason === "timeout" && received < wanted ? EXIT.NO : EXIT.DONE;
}

/**
 * What is said on standard error: a sentence, and below it what to do. Nothing
 * in it can harm a terminal, and what is expected keeps to 80 columns.
 */
export function describeFailure(script: string, error: unknown): string {
  if (!(error instanceof Error)) return escapeQuoted(`${script}: ${error}`);
  const isExpected = error instanceof ScriptError ||
    error instanceof RangeError || error instanceof SocketError ||
    error instanceof NameLookupError || error instanceof TimeoutExceeded ||
    error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.NotSupported ||
    "remedy" in error;
  // Anything else is a fault of ours, and its stack is what helps to mend it.
  if (!isExpected) {
    return escapeQuoted(`${script}: unexpected ${error.stack}`);
  }
  const remedy = error instanceof SocketBroadcastError
    ? "If it is a broadcast address that is meant, add --broadcast; if it is " +
      "none, a route prohibits it: `ip route get ADDRESS` tells."
    : "remedy" in error
    ? error.remedy
    : undefined;
  const sentence = wrapSentences(escapeQuoted(`${script}: ${error.message}`));
  const help = typeof remedy === "string"
    ? escapeQuoted(remedy).split("\n").flatMap(wrapRemedy)
    : [];
  return [...sentence, ...help].join("\n");
}

/** One line of a remedy, at most 80 columns wide; an indented one is a command. */
function wrapRemedy(line: string): string[] {
  const [, indent, text] = /^( *)(.*)$/.exec(line)!;
  return indent === "" ? wrapWords(wordsOf(text)) : wrapCommand(text, indent);
}
