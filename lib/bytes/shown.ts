/**
 * Results that show all that they know: `console.log` and `JSON.stringify` leave
 * out what a class computes when it is asked for.
 *
 * @module
 */

const INSPECT = Symbol.for("Deno.customInspect");

/**
 * What `console.log` and `JSON.stringify` show of results: the fields that they
 * hold, and those that their classes compute.
 *
 * @category Runs
 */
export abstract class Shown {
  /** All of its fields, for `JSON.stringify`: octets are hexadecimal digits. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#fields()).map((
        [name, value],
      ) => [name, plain(value)]),
    );
  }

  /** @ignore What `console.log` shows. */
  [INSPECT](
    inspect: (value: unknown, options: unknown) => string,
    options: unknown,
  ): string {
    return `${this.constructor.name} ${inspect(this.#fields(), options)}`;
  }

  #fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = Object.fromEntries(
      Object.entries(this),
    );
    for (let of = Object.getPrototypeOf(this); of !== Shown.prototype;) {
      const properties = Object.getOwnPropertyDescriptors(of);
      for (const [name, { get }] of Object.entries(properties)) {
        if (get !== undefined) fields[name] ??= get.call(this);
      }
      of = Object.getPrototypeOf(of);
    }
    return fields;
  }
}

/** What JSON has no word for, in one that it has. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Uint8Array) return value.toHex();
  return value instanceof Error ? value.message : value;
}
