/**
 * Reading the values of a described layer: each checked against its shape.
 *
 * @module
 */

import { parseHex } from "../../bytes/hex.ts";
import {
  type FieldShape,
  type ObjectShape,
  unknownName,
  type ValueType,
} from "../shape.ts";

/** What is read of an object, by name. */
export type ObjectFields = Readonly<Record<string, unknown>>;

/**
 * Reads an object: hexadecimal becomes octets, all else is kept.
 *
 * @param path what it is called in errors, such as `layers[0] ipv4`
 * @throws {TypeError} if a name is unknown, a field is missing, or a value is
 * of another type
 */
export function readObject(
  value: unknown,
  shape: ObjectShape,
  path: string,
): ObjectFields {
  const given = asObject(value, path);
  const read: Record<string, unknown> = {};
  let fields;
  if ("kinds" in shape) {
    const { kind: named = shape.usual } = given;
    const kind = asKnown(named, Object.keys(shape.kinds), `${path} kind`);
    fields = shape.kinds[kind];
    read.kind = kind;
  } else {
    fields = shape.fields;
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(read, name)) continue;
    asKnown(name, Object.keys(fields), path);
    read[name] = readField(given[name], fields[name], `${path}.${name}`);
  }
  for (const [name, shape] of Object.entries(fields)) {
    if (!Object.hasOwn(read, name) && isNeeded(shape)) {
      throw new TypeError(`${path} needs the field ${JSON.stringify(name)}`);
    }
  }
  return read;
}

/** An object that JSON made, or one like it. */
export function asObject(value: unknown, path: string): ObjectFields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as ObjectFields;
  }
  throw wrongType(path, "an object", value);
}

/** One of some names; the error suggests the nearest. */
export function asKnown(
  name: unknown,
  names: readonly string[],
  path: string,
): string {
  if (typeof name === "string" && names.includes(name)) return name;
  if (typeof name !== "string") {
    throw wrongType(path, `one of ${names.join(", ")}`, name);
  }
  throw unknownName(name, names, path);
}

/** The error for a value of another type than the wanted one. */
export function wrongType(
  path: string,
  wanted: string,
  value: unknown,
): TypeError {
  const text = JSON.stringify(value) ?? "nothing";
  const found = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  return new TypeError(`${path} must be ${wanted}, but is ${found}`);
}

function readField(value: unknown, shape: FieldShape, path: string): unknown {
  if (typeof shape === "string") {
    return readValue(value, shape.replace("!", "") as ValueType, path);
  }
  if (!("list" in shape)) return readObject(value, shape, path);
  if (!Array.isArray(value)) throw wrongType(path, "a list", value);
  return value.map((element, i) =>
    readField(element, shape.list, `${path}[${i}]`)
  );
}

function readValue(value: unknown, type: ValueType, path: string): unknown {
  switch (type) {
    case "number":
      if (typeof value === "number") return value;
      throw wrongType(path, "a number", value);
    case "flag":
      if (typeof value === "boolean") return value;
      throw wrongType(path, "true or false", value);
    case "text":
      if (typeof value === "string") return value;
      throw wrongType(path, "text", value);
    case "octets":
      if (typeof value === "string") return readOctets(value, path);
      throw wrongType(path, "octets in hexadecimal", value);
  }
}

function readOctets(text: string, path: string): Uint8Array<ArrayBuffer> {
  try {
    return parseHex(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TypeError(`${path}: ${error.message}`);
  }
}

function isNeeded(shape: FieldShape): boolean {
  return typeof shape === "string" ? shape.endsWith("!") : "needed" in shape;
}
