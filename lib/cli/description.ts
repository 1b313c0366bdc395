/**
 * Packets that are described on the command line.
 *
 * @module
 */

import { parseTimestamp } from "../render/timestamp.ts";
import { escapeText } from "../render/text.ts";
import {
  linkTypeFromJSON,
  packetFromJSON,
} from "../wire/json/packet_from_json.ts";
import { wrongType } from "../wire/json/read_object.ts";
import { checkBits } from "../wire/errors.ts";
import { usageError } from "./exit.ts";
import { inputName, openInput } from "./input.ts";

/**
 * The descriptions in `what`: JSON itself, or a file of it, or `-` for standard
 * input; one value, or one a line. What the sniffer says besides packets is
 * left out. None once `signal` is aborted.
 *
 * @throws {ScriptError} if it cannot be read, or is no JSON
 */
export async function readDescriptions(
  what: string,
  signal: AbortSignal,
): Promise<unknown[]> {
  const isItself = /^\s*[{[]/.test(what);
  const text = isItself ? what : await readAll(what, signal);
  if (signal.aborted) return [];
  const name = isItself ? "the description" : inputName(what);
  return parse(text, name).filter((value) => !isRemark(value));
}

function parse(text: string, name: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (whole) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    try {
      if (lines.length > 1) return lines.map((line) => JSON.parse(line));
    } catch {
      // Then it is one value, and its own fault the one to be told.
    }
    throw usageError(
      `${name} is no JSON: ${escapeText((whole as Error).message)}`,
    );
  }
}

/**
 * The packet of a description.
 *
 * @throws {ScriptError} if it is not described as a packet is
 * @throws {RangeError} if a value does not fit its field, or its time is none
 */
export function describedPacket(description: unknown) {
  try {
    const bytes = packetFromJSON(description);
    return {
      bytes,
      linkType: linkTypeFromJSON(description),
      timestampNs: describedTime(description),
      originalLength: describedLength(description, bytes),
      fcsLength: describedNumber(description, "fcsLength"),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(error.message);
  }
}

/** When it was seen, in nanoseconds since 1970, if it says so. */
function describedTime(description: unknown): bigint | undefined {
  const { timestamp } = description as { timestamp?: unknown };
  if (timestamp === undefined || timestamp === null) return undefined;
  return parseTimestamp(`${timestamp}`);
}

/**
 * How long it was on the wire: as much longer than what was captured as the
 * description says, whatever has become of that.
 */
function describedLength(
  description: unknown,
  { length: built }: Uint8Array,
): number {
  const length = describedNumber(description, "length") ?? built;
  const captured = describedNumber(description, "captured") ?? built;
  return Math.max(0, built + length - captured);
}

function describedNumber(
  description: unknown,
  name: "length" | "captured" | "fcsLength",
): number | undefined {
  const value = (description as Readonly<Record<string, unknown>>)[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  return checkBits(name, value, 32);
}

/**
 * What is told besides packets: that listening began, what was lost, or never
 * became whole.
 */
const REMARKS: readonly unknown[] = [
  "opened",
  "incomplete",
  "discarded",
  "dropped",
  "summary",
];

function isRemark(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value &&
    REMARKS.includes(value.type);
}

async function readAll(path: string, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of openInput(path, signal)) parts.push(part);
  return await new Blob(parts).text();
}
