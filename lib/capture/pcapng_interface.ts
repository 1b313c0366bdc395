/**
 * An interface of a pcapng section, and how its clock counts.
 *
 * @module
 */

import { CaptureFileError } from "./format_reader.ts";
import { BLOCK, INTERFACE, OPTION } from "./pcapng_layout.ts";
import { optionText, pcapngOptions } from "./pcapng_options.ts";

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
  /** Octets; `undefined` if nobody knows. */
  readonly fcsLength: number | undefined;
  readonly name: string | undefined;
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
  let fcsLength: number | undefined;
  let name: string | undefined;
  const end = view.byteLength - BLOCK.TRAILER;
  const start = INTERFACE.OPTIONS;
  for (
    const option of pcapngOptions(view, start, end, fileOffset, littleEndian)
  ) {
    const { code, at, length } = option;
    const check = (wanted: number, what: string) => {
      if (length === wanted) return;
      throw new CaptureFileError(
        option.fileOffset,
        `the ${what} has ${length} octets, but must have ${wanted}`,
      );
    };
    if (code === OPTION.INTERFACE_NAME) {
      name = optionText(view, option);
    } else if (code === OPTION.INTERFACE_TIMESTAMP_RESOLUTION) {
      check(1, "timestamps' resolution");
      resolution = view.getUint8(at);
    } else if (code === OPTION.INTERFACE_TIMESTAMP_OFFSET) {
      check(8, "timestamps' offset");
      offsetSeconds = view.getBigInt64(at, littleEndian);
    } else if (code === OPTION.INTERFACE_FCS_LENGTH) {
      check(1, "length of the frame check sequence");
      const length = view.getUint8(at);
      // The draft counts bits, but its own example, 4, and others count octets.
      fcsLength = length < 8 ? length : Math.floor(length / 8);
    }
  }
  return {
    linkType: view.getUint16(INTERFACE.LINK_TYPE, littleEndian),
    snapLength: view.getUint32(INTERFACE.SNAP_LENGTH, littleEndian),
    fcsLength,
    name,
    clock: new PcapngClock(resolution, offsetSeconds),
  };
}
