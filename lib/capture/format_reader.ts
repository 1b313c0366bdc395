/**
 * What the readers of all formats have in common, what can be wrong with a file
 * included.
 *
 * @module
 */

import { Raw4Error } from "../wire/errors.ts";
import type { ByteWindow } from "./byte_window.ts";
import type { CaptureFilePacket } from "./packet.ts";

/**
 * A capture file that cannot be read, or not further: it is cut short, damaged,
 * or of another format.
 *
 * @category Capture files
 */
export class CaptureFileError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "CaptureFileError";
  /** Octets from the start of the file to what is wrong. */
  readonly offset: number;
  /** One clause: what was found, and what was wanted. */
  readonly reason: string;

  /** Makes the error, its message included. */
  constructor(offset: number, reason: string) {
    super(`capture file at octet ${offset}: ${reason}`);
    this.offset = offset;
    this.reason = reason;
  }
}

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
