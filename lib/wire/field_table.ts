/**
 * Tables of a header's fields, one row each, in wire order: from them come the
 * descriptions and what JSON may hold.
 *
 * Encoders and decoders are written out all the same: derived from a table they
 * are several times slower.
 *
 * @module
 */

import { type Field, fieldAt } from "./field.ts";
import type { AddressPair } from "./pseudo_header.ts";
import type {
  FieldShape,
  FieldsShape,
  KindsShape,
  ValueType,
} from "./shape.ts";

/** What a text may need besides the header. */
export interface TextContext {
  /** Header and payload. */
  readonly bytes: Uint8Array;
  /** Of the IP header outside; absent where a checksum cannot be checked. */
  readonly outside?: AddressPair;
}

/** A table: fields, groups of them that are shown as one, and what varies. */
export type Rows<Header> = readonly (
  Row<Header> | Group<Header> | Variable<Header>
)[];

/** The tables of a message of which there are several kinds. */
export type RowsByKind<Kind extends string> = Record<Kind, Rows<never>>;

/** All fields that the kinds of a message have, whichever have them. */
export type FieldsOf<Message> = {
  readonly [Name in Message extends unknown ? keyof Message : never]:
    Message extends { readonly [N in Name]: infer Value } ? Value : never;
};

/** Where bits stand in a header, and what they are called. */
interface Place {
  readonly name: string;
  readonly label: string;
  readonly octet: number;
  readonly bitWidth: number;
  /** Bits into the octet where it begins; default 0. */
  readonly bit?: number;
}

/** A field; `rowsOf` makes one. */
export type Row<Header> = Place & RowDetails<Header, never> & {
  readonly parts?: undefined;
};

/** What not every field has. */
export interface RowDetails<Header, Value> {
  /** Bits into the octet where it begins; default 0. */
  readonly bit?: number;
  /** What a narrow cell of a diagram has room for. */
  readonly short?: string;
  /** Whether JSON must give it: there is no default. */
  readonly needed?: true;
  /** The type in JSON; default a flag where it is one bit wide, or a number. */
  readonly type?: ValueType;
  /** The value for people; default the value itself, or `Set`, `Not set`. */
  text?(value: Value, header: Header, context: TextContext): string;
}

/** Several fields that are shown as one with parts. */
export interface Group<Header> extends Place {
  /** All of its bits as a number. */
  value(header: Header): number;
  text(value: number, header: Header): string;
  readonly parts: readonly Row<Header>[];
}

/** What has no fixed width, or no place: options, lists, a payload. */
export interface Variable<Header> {
  readonly name: string;
  /** What JSON may hold; absent where it holds none. */
  readonly shape?: FieldShape;
  /** Its fields; absent where it has none, or the next layers are it. */
  describe?(header: Header, context: TextContext, at: number): Field[];
  readonly octet?: undefined;
}

/** Numbers and flags may do without; what is not one of them tells its type. */
type Details<Header, Value> = [Value] extends [number | boolean]
  ? [details?: RowDetails<Header, Value>]
  : [
    details:
      & RowDetails<Header, Value>
      & { readonly type: Value extends string ? "text" : "octets" },
  ];

/** What makes the rows of a header: each name, type and text is checked. */
export function rowsOf<Header>() {
  return <Name extends keyof Header & string>(
    name: Name,
    label: string,
    octet: number,
    bitWidth: number,
    ...[details]: Details<Header, Exclude<Header[Name], undefined>>
  ): Row<Header> => ({ name, label, octet, bitWidth, ...details });
}

/**
 * Describes a header field by field, in the order of the rows.
 *
 * @param at octets before the header
 */
export function describeRows<Header extends object>(
  rows: Rows<Header>,
  header: Header,
  context: TextContext,
  at = 0,
): Field[] {
  const fields: Field[] = [];
  for (const row of rows) {
    if (row.octet === undefined) {
      fields.push(...row.describe?.(header, context, at) ?? []);
      continue;
    }
    const { name, label, octet, bitWidth, bit, parts } = row;
    const value = parts === undefined
      ? (header as Readonly<Record<string, Field["value"]>>)[name]
      : row.value(header);
    const text = row.text?.(value as never, header, context) ??
      (typeof value === "boolean" ? value ? "Set" : "Not set" : `${value}`);
    const field = fieldAt(at + octet, bitWidth, name, label, value, text, bit);
    if (parts !== undefined) {
      const described = describeRows(parts, header, context, at);
      fields.push({ ...field, parts: described });
    } else if (row.short !== undefined) {
      fields.push({ ...field, abbreviation: row.short });
    } else fields.push(field);
  }
  return fields;
}

/** What JSON may hold of a header. */
export function shapeOf<Header>(rows: Rows<Header>): FieldsShape["fields"] {
  const fields: Record<string, FieldShape> = {};
  for (const row of rows) {
    if (row.octet !== undefined) {
      for (const { name, type, bitWidth, needed } of row.parts ?? [row]) {
        const shape = type ?? (bitWidth === 1 ? "flag" : "number");
        fields[name] = needed ? `${shape}!` : shape;
      }
    } else if (row.shape !== undefined) fields[row.name] = row.shape;
  }
  return fields;
}

/** Describes a message by the table of its kind. */
export function describeKind<Kind extends string>(
  tables: RowsByKind<Kind>,
  message: { readonly kind: Kind },
  ...rest: [context: TextContext, at?: number]
): Field[] {
  // Each table is of its own kind, which the compiler cannot see.
  return describeRows<never>(tables[message.kind], message as never, ...rest);
}

/** What JSON may hold of each kind. */
export function shapesOf(tables: RowsByKind<string>): KindsShape["kinds"] {
  return Object.fromEntries(
    Object.entries(tables).map(([kind, rows]) => [kind, shapeOf(rows)]),
  );
}
