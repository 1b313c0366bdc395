/**
 * The root of all errors, and those about octets.
 *
 * @module
 */

/**
 * The base of every error that raw4 throws of its own.
 *
 * @category Errors
 */
export class Raw4Error extends Error {
  /** The class, also where a bundle has renamed it. */
  override name = "Raw4Error";
}

/**
 * Something wrong with a packet, and where.
 *
 * @category Errors
 */
export interface Problem {
  /** The protocol whose header it is about, such as `ipv4`. */
  readonly layer: string;
  /** The field, by the name it has in the decoded header. */
  readonly field: string;
  /** Octets from the start of what was decoded or dissected. */
  readonly offset: number;
  /** One clause: what was found, and what was wanted. */
  readonly reason: string;
}

/** Problems of one layer, and what adds one to them. */
export function problemsIn(layer: string) {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) => {
    problems.push({ layer, field, offset, reason });
  };
  return { problems, add };
}

/**
 * Octets that cannot be decoded: a structural fault, such as a header that is
 * cut short. A wrong checksum is none; it is reported, not thrown.
 *
 * @category Errors
 */
export class PacketError extends Raw4Error implements Problem {
  /** The class, also where a bundle has renamed it. */
  override name = "PacketError";
  readonly layer: string;
  readonly field: string;
  readonly offset: number;
  readonly reason: string;
  /** Whether the octets end too early, and more of them might mend it. */
  readonly isCutShort: boolean;

  /** Makes the error, its message included. */
  constructor(problem: Problem, isCutShort = false) {
    super(
      `${problem.layer} ${problem.field} at octet ${problem.offset}: ${problem.reason}`,
    );
    this.layer = problem.layer;
    this.field = problem.field;
    this.offset = problem.offset;
    this.reason = problem.reason;
    this.isCutShort = isCutShort;
  }
}

/** What `read` returns, or `undefined` where the octets cannot be decoded. */
export function unlessMalformed<Result>(
  read: () => Result,
): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

/** How many of something, in words: `1 octet`, `2 octets`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * The error for fewer octets than a header or a message needs.
 *
 * @param field what is cut short: `header` or `message`
 */
export function cutShort(
  layer: string,
  field: "header" | "message",
  { length }: Uint8Array,
  wanted: number,
): PacketError {
  const reason = `ends after ${
    counted(length, "octet")
  }, at least ${wanted} wanted`;
  return new PacketError({ layer, field, offset: length, reason }, true);
}

/**
 * The error for a header whose own length is less than it can be, or more than
 * there is.
 *
 * @param offset of the octet that tells the length
 */
export function wrongHeaderLength(
  layer: string,
  offset: number,
  { length }: Uint8Array,
  headerLength: number,
  least: number,
): PacketError {
  const isCutShort = headerLength >= least;
  const wanted = isCutShort
    ? `only ${length} are there`
    : `at least ${least} wanted`;
  const reason = `is ${headerLength} octets, ${wanted}`;
  return new PacketError(
    { layer, field: "headerLength", offset, reason },
    isCutShort,
  );
}

/**
 * Checks that a whole number is within its field's range.
 *
 * @returns the value itself
 * @throws {RangeError} naming the field, the range and the value
 */
export function checkRange(
  field: string,
  value: number,
  min: number,
  max: number,
): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(
    `${field} must be a whole number from ${min} to ${max}, but is ${value}`,
  );
}

/**
 * Checks that a whole number fits into a field of `width` bits.
 *
 * @returns the value itself
 * @throws {RangeError} naming the field, the range and the value
 */
export function checkBits(field: string, value: number, width: number): number {
  return checkRange(field, value, 0, 2 ** width - 1);
}

/**
 * Checks that a whole number fits into a field of `width` bits, 1–32. Headers
 * are made by the million: the field's name is put together for an error only.
 *
 * @param layer such as `IPv4`
 * @param field such as `ttl`
 * @returns the value itself
 * @throws {RangeError} naming layer, field, the range and the value
 */
export function checkField(
  layer: string,
  field: string,
  value: number,
  width: number,
): number {
  // The shift takes 32 as 0, and `>>> 0` is the value itself only in range.
  if (value >>> 0 === value && (width === 32 || value >>> width === 0)) {
    return value;
  }
  return checkBits(`${layer} ${field}`, value, width);
}

/**
 * Checks a whole number that its field holds in units of `unit`, 0 to `max`.
 *
 * @returns the value itself
 * @throws {RangeError} naming the field, what it must be, and the value
 */
export function checkMultiple(
  field: string,
  value: number,
  unit: number,
  max: number,
): number {
  checkRange(field, value, 0, max);
  if (value % unit === 0) return value;
  throw new RangeError(
    `${field} must be a multiple of ${unit}, but is ${value}`,
  );
}
