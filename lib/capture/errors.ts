/**
 * What can be wrong with a capture file.
 *
 * @module
 */

import { Raw4Error } from "../wire/errors.ts";

/**
 * A capture file that cannot be read, or not further: it is cut short, damaged,
 * or of another format.
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
