/**
 * The sender's messages, as the command line gives them.
 *
 * @module
 */

import { counted } from "../wire/errors.ts";
import { usageError } from "./exit.ts";

/** Octets of payload that fit behind an IPv4 header without options. */
export const MAX_PAYLOAD = 65_515;

/** What the command line says of the message. */
export interface MessageOptions {
  /** The words of the message. */
  readonly words: readonly string[];
  /** The message in one piece, instead of words. */
  readonly payload?: string;
  /** The payload itself, instead of words. */
  readonly hex?: Uint8Array;
  /** Octets that the payload shall have. */
  readonly size?: number;
}

/**
 * The payload that the command line asks for, if it does: words, or octets, or
 * a size. What is short of the size is filled with 00 01 02 …
 *
 * @throws {ScriptError} if it is too long, or two ways contradict each other
 */
export function payloadFrom(
  { words, payload: text, hex, size }: MessageOptions,
): Uint8Array | undefined {
  if (words.length > 0 && text !== undefined) {
    throw usageError("a message and --payload exclude each other");
  }
  const payload = words.length > 0 ? words.join(" ") : text;
  if (words.length > 0 && hex !== undefined) {
    throw usageError("a message and --hex exclude each other");
  }
  const octets = payloadOf({ payload, hex });
  if (octets === undefined && size === undefined) return undefined;
  const given = checkLength(octets ?? new Uint8Array());
  if (size === undefined) return given;
  if (given.length > size) {
    throw usageError(
      `the message has ${counted(given.length, "octet")}, more than --size ` +
        `${size}`,
    );
  }
  const filled = Uint8Array.from({ length: size }, (_, i) => i - given.length);
  filled.set(given);
  return filled;
}

/**
 * The payload of a packet that may have none: text, or octets.
 *
 * @throws {ScriptError} if both are given
 */
export function payloadOf(
  { payload, hex }: { readonly payload?: string; readonly hex?: Uint8Array },
): Uint8Array | undefined {
  if (payload !== undefined && hex !== undefined) {
    throw usageError("--payload and --hex exclude each other");
  }
  return hex ?? (payload === undefined ? undefined : encodeMessage(payload));
}

/** The same payload, so many times. */
export function* repeated(
  payload: Uint8Array,
  count: number,
): Generator<Uint8Array, void> {
  for (let i = 0; i < count; i++) yield payload;
}

/**
 * A message's octets.
 *
 * @throws {ScriptError} if it is too long to be sent
 */
export function encodeMessage(text: string): Uint8Array {
  return checkLength(new TextEncoder().encode(text));
}

function checkLength(octets: Uint8Array): Uint8Array {
  if (octets.length <= MAX_PAYLOAD) return octets;
  throw usageError(
    `the message has ${octets.length} octets, and a packet has room for ` +
      `${MAX_PAYLOAD}`,
  );
}
