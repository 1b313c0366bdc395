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
import { MANY_FILES } from "../socket/system/remedies.ts";
import { escapeQuoted, jsonLine } from "../render/text.ts";
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

/**
 * What ended a script that had sent something by then. That is no usage error,
 * whose exit code says that nothing was sent: a flood is not permitted, and what
 * is too long has no room in a packet.
 */
export function afterSending(error: unknown): unknown {
  if (exitCodeOf(error) !== EXIT.USAGE) return error;
  const isFlood = error instanceof RangeError;
  const exitCode = isFlood ? EXIT.NOT_PERMITTED : EXIT.SYSTEM;
  const { message } = error as Error;
  return Object.assign(error as Error, {
    message: `${message}. What was before it is sent`,
    exitCode,
  });
}

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Error && "exitCode" in error) {
    return error.exitCode as number;
  }
  if (error instanceof RangeError || error instanceof SocketBroadcastError) {
    return EXIT.USAGE;
  }
  if (error instanceof TimeoutExceeded || isDeadNeighbour(error)) {
    return EXIT.NO;
  }
  // Also by a route, or a firewall rule, of this host.
  if (
    error instanceof SocketPermissionError ||
    error instanceof Deno.errors.NotCapable
  ) return EXIT.NOT_PERMITTED;
  return EXIT.SYSTEM;
}

/** Whether nobody on the cable has answered ARP, as the kernel tells it. */
function isDeadNeighbour(error: unknown): boolean {
  return error instanceof SocketError && error.syscall === "netlink" &&
    error.code === "EHOSTUNREACH";
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

/** Flags, such as `--max-hops`, by what the library calls them: `maxHops`. */
export type Flags = Readonly<Record<string, string>>;

/**
 * What is said on standard error: a sentence, and below it what to do. Nothing
 * in it can harm a terminal, and what is expected keeps to 80 columns.
 *
 * @param flags the script's own
 */
export function describeFailure(
  script: string,
  error: unknown,
  flags: Flags = {},
): string {
  if (!(error instanceof Error)) return escapeQuoted(`${script}: ${error}`);
  // It is a fault of ours, and its stack is what helps to mend it.
  if (!isExpected(error)) {
    return escapeQuoted(`${script}: unexpected ${error.stack}`);
  }
  const { message, remedy } = inWords(error, flags);
  const sentence = wrapSentences(escapeQuoted(`${script}: ${message}`));
  const help = remedy === undefined
    ? []
    : escapeQuoted(remedy).split("\n").flatMap(wrapRemedy);
  return [...sentence, ...help].join("\n");
}

/** What programs tell failures by: the exit code, in a word. */
const KINDS = ["done", "no", "usage", "not permitted", "system"] as const;

/** The same as one JSON object. */
export function failureToJSON(
  script: string,
  error: unknown,
  flags: Flags = {},
): string {
  const exitCode = exitCodeOf(error);
  const known = error instanceof Error && isExpected(error)
    ? inWords(error, flags)
    : undefined;
  const { syscall = null, code = null } = error instanceof SocketError
    ? error
    : {};
  return jsonLine({
    type: "failure",
    /** Which script says it. */
    script,
    /** The exit code in a word; `unexpected` is a fault of raw4's. */
    kind: known === undefined ? "unexpected" as const : KINDS[exitCode],
    /** What failed, on what, and why. */
    message: known?.message ?? `${error}`,
    /** What to do now, where there is something to do. */
    remedy: known?.remedy ?? null,
    /** The system's call that failed, if it is one. */
    syscall,
    /** The name of its error number, such as `EPERM`. */
    code,
    /** 0 to 4, as README.md has them. */
    exitCode,
    /** Where, if it is unexpected. */
    stack: known === undefined ? (error as Error).stack : undefined,
  });
}

/** Whether it is no fault of ours. */
function isExpected(error: Error): boolean {
  return error instanceof ScriptError ||
    error instanceof RangeError || error instanceof SocketError ||
    error instanceof NameLookupError || error instanceof TimeoutExceeded ||
    error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.NotSupported ||
    "remedy" in error || OF_SYSTEM.test(error.message);
}

/** What went wrong, and what to do, as the command line calls things. */
function inWords(error: Error, flags: Flags) {
  const remedy = remedyOf(error);
  return {
    message: error instanceof RangeError
      ? inFlags(error.message, flags)
      : error.message.replace(OF_SYSTEM, ""),
    remedy: typeof remedy === "string"
      ? remedyInFlags(remedy, flags)
      : undefined,
  };
}

/** What to do, where there is something to do. */
function remedyOf(error: Error): unknown {
  if ("remedy" in error) return error.remedy;
  return "code" in error && error.code === "EMFILE" ? MANY_FILES : undefined;
}

/** How Deno ends a sentence about what the system refused. */
const OF_SYSTEM = / \(os error \d+\)$/;

/** What the library says of its options, in the words of the command line. */
export function inFlags(message: string, flags: Flags): string {
  return message.replace(
    /\b[a-z]+[A-Z]\w*/g,
    (word) => Object.hasOwn(flags, word) ? flags[word] : word,
  );
}

/** A socket's option as remedies name it, such as `broadcast: true`. */
const SOCKET_OPTION = /Open the socket with (?:more )?(\w+)(?:: true)?/;

/** A remedy without what only a program of one's own can do. */
function remedyInFlags(remedy: string, flags: Flags): string {
  return remedy.split(/(?<=\.) /).flatMap((sentence) => {
    const option = SOCKET_OPTION.exec(sentence)?.[1];
    if (option === undefined) return [sentence];
    return Object.hasOwn(flags, option)
      ? [sentence.replace(SOCKET_OPTION, `Add ${flags[option]}`)]
      : [];
  }).join(" ");
}

/** One line of a remedy, at most 80 columns wide; an indented one is a command. */
function wrapRemedy(line: string): string[] {
  const [, indent, text] = /^( *)(.*)$/.exec(line)!;
  return indent === "" ? wrapWords(wordsOf(text)) : wrapCommand(text, indent);
}
