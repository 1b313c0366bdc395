/**
 * A type of TypeScript's as JSON Schema: of what `JSON.stringify` makes of its
 * values.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- of the tests alone: see tests/deno.lock
import ts from "npm:typescript@6.0.3";

/** A schema, as far as types need it. */
export interface Schema {
  $ref?: string;
  description?: string;
  type?: string;
  const?: string | number | boolean | null;
  enum?: (string | number | boolean | null)[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
}

/** Makes schemas of types of one program. */
export class TypeSchemas {
  readonly #checker: ts.TypeChecker;
  /** Types that contain themselves, by their names. */
  readonly definitions: Record<string, Schema> = {};
  /** Those that are being made, from the outermost inwards. */
  readonly #within: ts.Type[] = [];

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /**
   * The schema of a type.
   *
   * @param where what to name if there is none
   * @throws {Error} if JSON has no such values, or it could be any
   */
  of(type: ts.Type, where: string): Schema {
    if (type.flags & ts.TypeFlags.Unknown) return {};
    if (type.flags & ts.TypeFlags.Null) return { type: "null" };
    if (type.isStringLiteral() || type.isNumberLiteral()) {
      return { const: type.value };
    }
    if (type.flags & ts.TypeFlags.BooleanLiteral) {
      return { const: this.#checker.typeToString(type) === "true" };
    }
    if (type.flags & ts.TypeFlags.StringLike) return { type: "string" };
    if (type.flags & ts.TypeFlags.NumberLike) return { type: "number" };
    if (type.flags & ts.TypeFlags.Boolean) return { type: "boolean" };
    if (type.isUnion()) return this.#union(type, where);
    if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
      return this.#whole(type, where);
    }
    throw new Error(
      `${where} is ${this.#checker.typeToString(type)}, which is no JSON`,
    );
  }

  #union(type: ts.UnionType, where: string): Schema {
    return this.#named(type, type.aliasSymbol, () => {
      const parts = new Map<string, Schema>();
      const values: NonNullable<Schema["enum"]> = [];
      for (const part of type.types) {
        if (part.flags & ts.TypeFlags.Undefined) continue;
        const schema = this.of(part, where);
        if (schema.const !== undefined) values.push(schema.const);
        else parts.set(JSON.stringify(schema), schema);
      }
      const all = [...parts.values()];
      const rest = values.includes(true) && values.includes(false)
        ? values.filter((value) => typeof value !== "boolean")
        : values;
      if (rest.length < values.length) all.push({ type: "boolean" });
      if (rest.length === 1) all.unshift({ const: rest[0] });
      if (rest.length > 1) all.unshift({ enum: rest.sort() });
      return all.length === 1 ? all[0] : { anyOf: all };
    });
  }

  #whole(type: ts.Type, where: string): Schema {
    const name = type.symbol?.getName();
    if (["Uint8Array", "Map", "Set", "Function"].includes(name)) {
      throw new Error(`${where} is a ${name}, which is no JSON`);
    }
    // Of a tuple, too.
    const items = this.#checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (this.#checker.isArrayLikeType(type) && items !== undefined) {
      return { type: "array", items: this.of(items, `${where}[]`) };
    }
    return this.#named(
      type,
      type.aliasSymbol ?? type.symbol,
      () => this.#object(type, where),
    );
  }

  #object(type: ts.Type, where: string): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const symbol of type.getProperties()) {
      const key = symbol.getName();
      if (!isWritten(symbol)) continue;
      const member = this.#checker.getTypeOfSymbol(symbol);
      // So TypeScript notes what other literals of a union have.
      if (member.flags & ts.TypeFlags.Undefined) continue;
      const description = this.#docOf(symbol);
      properties[key] = {
        ...(description === "" ? {} : { description }),
        ...literalOf(symbol) ?? this.of(member, `${where}.${key}`),
      };
      const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0 ||
        (member.isUnion() &&
          member.types.some(({ flags }) => flags & ts.TypeFlags.Undefined));
      if (!isOptional) required.push(key);
    }
    const others = this.#checker.getIndexTypeOfType(type, ts.IndexKind.String);
    return {
      type: "object",
      properties,
      required,
      additionalProperties: others === undefined
        ? false
        : this.of(others, `${where}[string]`),
    };
  }

  /** A type that may contain itself, which is named then. */
  #named(
    type: ts.Type,
    symbol: ts.Symbol | undefined,
    make: () => Schema,
  ): Schema {
    if (symbol === undefined) return make();
    const name = symbol.getName();
    const reference = { $ref: `#/$defs/${name}` };
    if (this.#within.includes(type)) {
      this.definitions[name] = {};
      return reference;
    }
    this.#within.push(type);
    const schema = make();
    this.#within.pop();
    if (!(name in this.definitions)) return schema;
    this.definitions[name] = schema;
    return reference;
  }

  /** What is written at a property, or at the one that it is taken from. */
  #docOf(symbol: ts.Symbol): string {
    const text = ts.displayPartsToString(
      symbol.getDocumentationComment(this.#checker),
    ).replaceAll(/\{@linkcode (\w+)\}/g, "$1").replaceAll(/\s+/g, " ");
    if (text !== "") return text;
    for (const declaration of symbol.declarations ?? []) {
      const source = this.#sourceOf(declaration);
      if (source !== undefined && source !== symbol) {
        return this.#docOf(source);
      }
    }
    return "";
  }

  #sourceOf(declaration: ts.Declaration): ts.Symbol | undefined {
    if (ts.isPropertyAssignment(declaration)) {
      return this.#valueOf(declaration.initializer);
    }
    if (!ts.isShorthandPropertyAssignment(declaration)) return undefined;
    return this.#boundBy(
      this.#checker.getShorthandAssignmentValueSymbol(declaration),
    );
  }

  /** What an expression such as `host.avgRttMs ?? null` takes its value from. */
  #valueOf(expression: ts.Expression): ts.Symbol | undefined {
    let inner = expression;
    while (ts.isBinaryExpression(inner)) inner = inner.left;
    if (ts.isIdentifier(inner)) {
      return this.#boundBy(this.#checker.getSymbolAtLocation(inner));
    }
    return ts.isPropertyAccessExpression(inner)
      ? this.#checker.getSymbolAtLocation(inner.name)
      : undefined;
  }

  /** The property that a local name is taken from: `const { ttl } = reply`. */
  #boundBy(local: ts.Symbol | undefined): ts.Symbol | undefined {
    const [binding] = local?.declarations ?? [];
    if (binding === undefined || !ts.isBindingElement(binding)) {
      return undefined;
    }
    const name = (binding.propertyName ?? binding.name).getText();
    return this.#checker.getTypeAtLocation(binding.parent).getProperty(name);
  }
}

/** Whether JSON has it: what a class can do, or keeps to itself, is not there. */
function isWritten(symbol: ts.Symbol): boolean {
  const done = ts.SymbolFlags.Method | ts.SymbolFlags.Accessor;
  return (symbol.flags & done) === 0 && !/^(__)?[#@]/.test(symbol.getName());
}

/** What stands there itself, such as `type: "summary"`, which has a wider type. */
function literalOf({ declarations = [] }: ts.Symbol): Schema | undefined {
  const [declaration] = declarations;
  return declaration !== undefined && ts.isPropertyAssignment(declaration) &&
      ts.isStringLiteral(declaration.initializer)
    ? { const: declaration.initializer.text }
    : undefined;
}
