/**
 * What the readers of all formats have in common.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import { CaptureFileError } from "./errors.ts";
import type { CaptureFilePacket } from "./packet.ts";

/** Takes packets out of what has come of a file. */
export interface FormatReader {
  /**
   * The next packet; `undefined` if more octets are needed for it.
   *
   * @throws {CaptureFileError} if the file is damaged
   */
  read(window: ByteWindow): CaptureFilePacket | undefined;

  /**
   * To be called when no more octets will come and none gives a packet.
   *
   * @throws {CaptureFileError} if the file ends where it should not
   */
  checkEnd(window: ByteWindow): void;
}

/** The error for a file that ends inside of something. */
export function cutShort(
  offset: number,
  available: number,
  length: number,
  what: string,
): CaptureFileError {
  return new CaptureFileError(
    offset,
    `the file ends after ${available} of the ${length} octets of ${what}`,
  );
}
