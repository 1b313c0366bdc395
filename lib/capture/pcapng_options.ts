/**
 * The options at the end of a pcapng block.
 *
 * @module
 */

import { CaptureFileError } from "./format_reader.ts";
import { OPTION, OPTION_HEADER, padded } from "./pcapng_layout.ts";

/** One option of a block. */
export interface PcapngOption {
  readonly code: number;
  /** Where its value begins in the view. */
  readonly at: number;
  /** Octets of its value. */
  readonly length: number;
  /** Where it is in the file, for errors. */
  readonly fileOffset: number;
}

/**
 * Reads a block's options one after the other, as far as they go.
 *
 * @param start where they begin in the view
 * @param end where they end at the latest
 * @param fileOffset where the view begins in the file
 * @throws {CaptureFileError} if one is longer than its block
 */
export function* pcapngOptions(
  view: DataView,
  start: number,
  end: number,
  fileOffset: number,
  littleEndian: boolean,
): Generator<PcapngOption> {
  for (let offset = start; offset + OPTION_HEADER.SIZE <= end;) {
    const code = view.getUint16(offset + OPTION_HEADER.CODE, littleEndian);
    const length = view.getUint16(offset + OPTION_HEADER.LENGTH, littleEndian);
    if (code === OPTION.END) return;
    const at = offset + OPTION_HEADER.SIZE;
    if (at + length > end) {
      throw new CaptureFileError(
        fileOffset + offset,
        `an option of ${length} octets, but its block has ${end - at} left`,
      );
    }
    yield { code, at, length, fileOffset: fileOffset + offset };
    offset = at + padded(length);
  }
}

/** Of malformed text what can be read. */
const utf8 = new TextDecoder();

/** An option's value as text. */
export function optionText(
  view: DataView,
  { at, length }: PcapngOption,
): string {
  const text = utf8.decode(
    new Uint8Array(view.buffer, view.byteOffset + at, length),
  );
  // Some writers end it as C does.
  return text.replace(/\0+$/, "");
}
