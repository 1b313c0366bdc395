/**
 * How long may be waited.
 *
 * @module
 */

/** The longest delay that a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Checks a timeout, if there is one.
 *
 * @throws {RangeError} if it is not from 0 to 2,147,483,647
 */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) return;
  if (timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS) return;
  throw new RangeError(
    `timeoutMs must be from 0 to ${MAX_TIMEOUT_MS}, but is ${timeoutMs}`,
  );
}
