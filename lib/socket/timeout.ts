/**
 * How long may be waited.
 *
 * @module
 */

/** The longest delay that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Checks a time to wait, if there is one.
 *
 * @param name what it is called: `timeoutMs`
 * @throws {RangeError} if it is not from 0 to 2,147,483,647
 */
export function checkMilliseconds(name: string, ms: number | undefined): void {
  if (ms === undefined || (ms >= 0 && ms <= LONGEST_MS)) return;
  throw new RangeError(`${name} must be from 0 to ${LONGEST_MS}, but is ${ms}`);
}
