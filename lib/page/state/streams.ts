/**
 * Streams, piece by piece or line by line: not every browser's can be iterated.
 *
 * @module
 */

/** What a browser's responses and files hand out. */
export type Octets = ReadableStream<Uint8Array<ArrayBuffer>>;

/** The pieces of a stream. */
export async function* piecesOf<Piece>(
  stream: ReadableStream<Piece>,
): AsyncGenerator<Piece, void> {
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** The lines of a stream of octets. */
export async function* linesOf(stream: Octets): AsyncGenerator<string, void> {
  let rest = "";
  for await (
    const text of piecesOf(stream.pipeThrough(new TextDecoderStream()))
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
