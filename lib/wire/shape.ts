/**
 * Which fields an object may have, and of which type: for each layer of a packet
 * what the compiler knows of its `…Fields`, as data. By it JSON is read, and a
 * field is refused that a layer has not, such as a misspelt one: what is left
 * out is computed, and so would that be, without a word.
 *
 * @module
 */

/** A type of values; octets are hexadecimal text. */
export type ValueType = "number" | "flag" | "text" | "octets";

/** What a field may hold; `!` behind a type: it must be given. */
export type FieldShape =
  | ValueType
  | `${ValueType}!`
  | { readonly list: ValueType | ObjectShape; readonly needed?: true }
  | ObjectShape;

/** The fields of an object. */
export interface FieldsShape {
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/** The fields of an object of each kind. */
export interface KindsShape {
  readonly kinds: Readonly<Record<string, FieldsShape["fields"]>>;
  /** The kind of an object that names none; absent where it must be named. */
  readonly usual?: string;
}

export type ObjectShape = FieldsShape | KindsShape;

/**
 * Makes what asserts that all names in what a layer is made of are known: it
 * throws a `TypeError` if one is not, with the nearest that is.
 *
 * Layers are made by the million, and mostly of the same names as the one before.
 *
 * @param path what it is called in errors, such as `ipv4`
 */
export function namesChecker(
  path: string,
  shape: ObjectShape,
): (given: object) => void {
  let last: readonly string[] = [];
  let lastKind: string | undefined = "";
  const checkAnew = (given: { readonly kind?: string }) => {
    last = checkNames(path, given, fieldsOf(path, given, shape));
    lastKind = given.kind;
  };
  return (given: { readonly kind?: string }) => {
    if (given.kind !== lastKind) return checkAnew(given);
    let i = 0;
    for (const name in given) {
      if (name !== last[i++]) return checkAnew(given);
    }
  };
}

/** Those of an object's properties that are among the fields. */
export function onlyKnown<Known extends object>(
  fields: Readonly<Record<keyof Known, unknown>>,
  given: Known,
): Known {
  const known = Object.entries(given)
    .filter(([name]) => Object.hasOwn(fields, name));
  return Object.fromEntries(known) as Known;
}

/** The fields of its kind, where it has one. */
function fieldsOf(
  path: string,
  given: { readonly kind?: string },
  shape: ObjectShape,
): FieldsShape["fields"] {
  if (!("kinds" in shape)) return shape.fields;
  const { kind = shape.usual } = given;
  if (kind !== undefined && Object.hasOwn(shape.kinds, kind)) {
    return { kind: "text", ...shape.kinds[kind] };
  }
  throw unknownName(kind, Object.keys(shape.kinds), `${path} kind`);
}

/** @returns them, if no field holds objects, whose names may be others */
function checkNames(
  path: string,
  given: object,
  fields: FieldsShape["fields"],
): string[] {
  const names = Object.keys(given);
  for (const name of names) {
    if (!Object.hasOwn(fields, name)) {
      throw unknownName(name, Object.keys(fields), path);
    }
    checkWithin(`${path}.${name}`, given[name as never], fields[name]);
  }
  return names.every((name) => typeof fields[name] === "string") ? names : [];
}

function checkWithin(path: string, given: unknown, shape: FieldShape): void {
  if (typeof shape === "string" || typeof given !== "object") return;
  if (!("list" in shape)) namesChecker(path, shape)(given ?? {});
  else if (Array.isArray(given)) {
    given.forEach((one, i) => checkWithin(`${path}[${i}]`, one, shape.list));
  }
}

/** The nearest of some names, if it is near: at most a third is different. */
function nearest(
  name: string,
  names: readonly string[],
): string | undefined {
  let best: string | undefined;
  let least = Math.floor(Math.max(name.length, 3) / 3) + 1;
  for (const candidate of names) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Letters to be added, left out or replaced (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same);
    }
    row = next;
  }
  return row[to.length];
}

/** The error for a name that is none of those there are, with the nearest. */
export function unknownName(
  name: string | undefined,
  names: readonly string[],
  path: string,
): TypeError {
  const near = name && nearest(name, names);
  return new TypeError(
    `${path}: ${JSON.stringify(name)} is unknown` +
      (near
        ? `; did you mean ${JSON.stringify(near)}?`
        : `; known are ${names.join(", ")}`),
  );
}
