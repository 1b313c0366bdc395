/**
 * An interface of a pcapng section, and how its clock counts.
 *
 * @module
 */

import { CaptureFileError } from "./errors.ts";
import { INTERFACE, OPTION, OPTION_HEADER, padded } from "./pcapng_layout.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** What a clock counts unless told otherwise: 10^-6 seconds. */
const MICROSECONDS = 6;

/** Two 32-bit halves that make one 64-bit number. */
const halves = new DataView(new ArrayBuffer(8));

/** Turns a clock's ticks into nanoseconds since 1970. */
export class PcapngClock {
  readonly #multiplier: bigint;
  readonly #divisor: bigint;
  readonly #offsetNs: bigint;

  /**
   * @param resolution one octet: ticks are 10 to the minus so many seconds; or
   * with the highest bit set, 2 to the minus so many
   * @param offsetSeconds what is to be added
   */
  constructor(resolution: number, offsetSeconds: bigint) {
    const exponent = BigInt(resolution & 0x7f);
    if (resolution & 0x80) {
      this.#multiplier = NANOSECONDS_PER_SECOND;
      this.#divisor = 2n ** exponent;
    } else if (exponent <= 9n) {
      this.#multiplier = 10n ** (9n - exponent);
      this.#divisor = 1n;
    } else {
      this.#multiplier = 1n;
      this.#divisor = 10n ** (exponent - 9n);
    }
    this.#offsetNs = offsetSeconds * NANOSECONDS_PER_SECOND;
  }

  /** What is finer than a nanosecond is cut off. */
  nanoseconds(high: number, low: number): bigint {
    halves.setUint32(0, high);
    halves.setUint32(4, low);
    let time = halves.getBigUint64(0);
    // Most files need none of these steps, and each costs an allocation.
    if (this.#multiplier !== 1n) time *= this.#multiplier;
    if (this.#divisor !== 1n) time /= this.#divisor;
    if (this.#offsetNs !== 0n) time += this.#offsetNs;
    return time;
  }
}

/** What packets need to know of their interface. */
export interface PcapngInterface {
  readonly linkType: number;
  /** Octets kept of a packet at most; 0: no limit. */
  readonly snapLength: number;
  readonly clock: PcapngClock;
}

/**
 * Reads an interface description block.
 *
 * @param view the whole block
 * @param fileOffset where it is in the file
 * @throws {CaptureFileError} if an option is damaged
 */
export function readPcapngInterface(
  view: DataView,
  fileOffset: number,
  littleEndian: boolean,
): PcapngInterface {
  let resolution = MICROSECONDS;
  let offsetSeconds = 0n;
  const end = view.byteLength - 4;
  for (let offset: number = INTERFACE.OPTIONS; offset < end;) {
    const code = view.getUint16(offset + OPTION_HEADER.CODE, littleEndian);
    const length = view.getUint16(offset + OPTION_HEADER.LENGTH, littleEndian);
    if (code === OPTION.END) break;
    const value = offset + OPTION_HEADER.SIZE;
    if (value + length > end) {
      throw new CaptureFileError(
        fileOffset + offset,
        `an option of ${length} octets, but its block has ${end - value} left`,
      );
    }
    const check = (wanted: number, what: string) => {
      if (length === wanted) return;
      throw new CaptureFileError(
        fileOffset + offset,
        `the timestamps' ${what} has ${length} octets, but must have ${wanted}`,
      );
    };
    if (code === OPTION.INTERFACE_TIMESTAMP_RESOLUTION) {
      check(1, "resolution");
      resolution = view.getUint8(value);
    } else if (code === OPTION.INTERFACE_TIMESTAMP_OFFSET) {
      check(8, "offset");
      offsetSeconds = view.getBigInt64(value, littleEndian);
    }
    offset = value + padded(length);
  }
  return {
    linkType: view.getUint16(INTERFACE.LINK_TYPE, littleEndian),
    snapLength: view.getUint32(INTERFACE.SNAP_LENGTH, littleEndian),
    clock: new PcapngClock(resolution, offsetSeconds),
  };
}
