/**
 * Files that gzip has compressed (RFC 1952), decompressed as they come.
 *
 * @module
 */

import { CaptureFileError } from "./format_reader.ts";

/** The first octets of such a file. */
const MAGIC = [0x1f, 0x8b];
/** How many they are. */
export const GZIP_MAGIC_SIZE = MAGIC.length;

/** Whether octets begin as such a file does. */
export function isGzip(start: Uint8Array): boolean {
  return MAGIC.every((octet, i) => start[i] === octet);
}

/**
 * Octets that are decompressed at once: they become a thousand times as many at
 * most. What is damaged takes those that came with it along.
 */
const PIECE = 2 ** 12;

/**
 * What was compressed, piece by piece. Several such files strung together, which
 * make no capture file anyway, are damage behind the first.
 *
 * @throws {CaptureFileError} if it is damaged, or ends too early; `offset` is
 * that of the compressed octets. Errors of `chunks` are passed on as they are.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let given = 0;
  let failure: { readonly error: unknown } | undefined;
  async function* pieces() {
    try {
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.length; at += PIECE) {
          const piece = chunk.slice(at, at + PIECE);
          yield piece;
          given += piece.length;
        }
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    yield* ReadableStream.from(pieces())
      .pipeThrough(new DecompressionStream("gzip"));
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    if (!(error instanceof TypeError)) throw error;
    throw new CaptureFileError(
      given,
      "what gzip has compressed is damaged or cut short; `gunzip -c` may read " +
        "more of it",
    );
  }
}
