// deno-lint-ignore-file no-explicit-any
/**
 * Types of the standard library's functions that raw4 uses. The package that
 * brings them through the npm registry has none, and an untyped import would
 * silently be `any`.
 */

declare module "@std/assert" {
  type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

  export function assert(
    condition: unknown,
    message?: string,
  ): asserts condition;
  export function assertEquals<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    message?: string,
  ): void;
  export function assertNotEquals<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    message?: string,
  ): asserts actual is T;
  export function assertGreater<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  export function assertGreaterOrEqual<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  export function assertLess<T>(actual: T, expected: T, message?: string): void;
  export function assertLessOrEqual<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  export function assertMatch(
    actual: string,
    expected: RegExp,
    message?: string,
  ): void;
  export function assertNotMatch(
    actual: string,
    expected: RegExp,
    message?: string,
  ): void;
  export function assertStringIncludes(
    actual: string,
    expected: string,
    message?: string,
  ): void;
  export function assertObjectMatch(
    actual: object,
    expected: object,
    message?: string,
  ): void;
  export function assertInstanceOf<
    T extends abstract new (...args: any[]) => any,
  >(
    actual: unknown,
    expected: T,
    message?: string,
  ): asserts actual is InstanceType<T>;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    errorClass?: ErrorClass<E>,
    messageIncludes?: string,
    message?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    errorClass?: ErrorClass<E>,
    messageIncludes?: string,
    message?: string,
  ): Promise<E>;
}

declare module "@std/streams/text-line-stream" {
  export class TextLineStream extends TransformStream<string, string> {
    constructor(options?: { allowCR?: boolean });
  }
}
