/**
 * Packets from the command line: a capture file, hexadecimal text, or either of
 * them on standard input.
 *
 * @module
 */

import { parseHex } from "../bytes/hex.ts";
import type { CaptureFilePacket } from "../capture/packet.ts";
import { isCaptureFile, readLentPackets } from "../capture/read_capture.ts";
import { usageError } from "./exit.ts";
import { inputName, openInput } from "./input.ts";

/** What begins with an octet in hexadecimal, and has no dot or slash as paths do. */
const HEX = /^\s*(?:0x|\\x)?[0-9a-f]{2}[^./]*(?:\s|$)/i;
/** Octets of text that make more packet than there can be. */
const MAX_TEXT = 2 ** 22;
const MAGIC_SIZE = 4;

/** How packets are read. */
export interface PacketInputOptions {
  /** What a packet in hexadecimal begins with. */
  readonly linkType: number;
  /** Ends the input when aborted. */
  readonly signal: AbortSignal;
  /** Called before each wait for more. */
  readonly beforeRead: () => Promise<void>;
}

/** Packets, as many at once as have come, to be done with before the next. */
type Batches =
  | AsyncIterable<Iterable<CaptureFilePacket>>
  | Iterable<Iterable<CaptureFilePacket>>;

/**
 * The packets of a path, of hexadecimal text, or of standard input, which is
 * `-`. Text is one packet, without a time, and may be several words.
 *
 * @throws {ScriptError} without `--allow-read`, if the file cannot be read, or
 * hexadecimal text cannot, or there is more than one file
 */
export async function openPackets(
  words: readonly string[],
  { linkType, signal, beforeRead }: PacketInputOptions,
): Promise<Batches> {
  const what = words.join(" ");
  if (HEX.test(what)) {
    const remedy = /\s/.test(what.trim()) || /^[0-9a-f]*$/i.test(what)
      ? undefined
      : `If it is a file, write ./${what}`;
    return [[packetOf(what, linkType, remedy)]];
  }
  if (words.length > 1) {
    throw usageError(
      `only hexadecimal may be several words, ${words[0]} is none`,
      "Give one file at a time.",
    );
  }
  const chunks = openInput(what, signal, beforeRead);
  const start = await take(chunks, MAGIC_SIZE);
  if (start.length < MAGIC_SIZE ? start.length === 0 : isCaptureFile(start)) {
    return readLentPackets(following(start, chunks));
  }
  const rest = await take(chunks, MAX_TEXT);
  const octets = await new Blob([start, rest]).bytes();
  let text: string;
  try {
    // Of more than is read, the last character may be cut.
    const stream = octets.length > MAX_TEXT;
    text = new TextDecoder("utf-8", { fatal: true }).decode(octets, { stream });
  } catch {
    throw usageError(neither(what));
  }
  if (octets.length > MAX_TEXT) {
    throw usageError(
      `${inputName(what)} is no capture file, and more than ${MAX_TEXT} ` +
        "octets of hexadecimal text are no packet",
    );
  }
  return [[packetOf(text, linkType, `${neither(what)}.`)]];
}

function neither(what: string): string {
  return `${inputName(what)} is neither a capture file nor hexadecimal text`;
}

function packetOf(
  text: string,
  linkType: number,
  remedy: string | undefined,
): CaptureFilePacket {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = parseHex(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw usageError(error.message, remedy);
  }
  return {
    number: 1,
    timestampNs: undefined,
    bytes,
    originalLength: bytes.length,
    linkType,
    interfaceIndex: 0,
  };
}

/** At least so many octets, or all there are. */
async function take(
  chunks: AsyncIterator<Uint8Array>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let taken = 0; taken < length;) {
    const { value, done } = await chunks.next();
    if (done) break;
    parts.push(value.slice());
    taken += value.length;
  }
  return await new Blob(parts).bytes();
}

async function* following(
  start: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield start;
  yield* chunks;
}
