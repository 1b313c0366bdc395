/**
 * What the scripts' JSON lines have: each is made by `jsonLine`, and has the
 * type of what that is given.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- of the tests alone: see tests/deno.lock
import ts from "npm:typescript@6.0.3";
import { ROOT } from "../live/live.ts";
import { type Schema, TypeSchemas } from "./type_schema.ts";

/** Where the schema is kept. */
export const SCHEMA_FILE = `${ROOT}scripts/json_lines.schema.json`;

/** Says on standard error what went wrong, for all scripts. */
const FAILURE = "exit.ts failureToJSON";

/**
 * By script, the functions that make its lines; the files are in lib/render, and
 * the one for all scripts in lib/cli.
 */
const LINES: Readonly<Record<string, readonly string[]>> = {
  dissect: [
    "packet/dissected.ts renderDissected",
    "tools/reassembly.ts renderUnfinished",
    "tools/reassembly.ts renderReassembly",
  ],
  doctor: ["tools/doctor.ts diagnosisInJSON"],
  failure: [FAILURE],
  grade: ["tools/grade.ts renderGradesJSON"],
  ping: ["tools/ping.ts renderPing"],
  receive: ["tools/messages.ts renderReceived"],
  send: ["tools/messages.ts renderSent", "tools/aftermath.ts renderAftermath"],
  sniff: ["tools/sniff.ts renderSniff"],
  spoof: [
    "tools/forged.ts renderForged",
    "tools/forged.ts renderSpoof",
    "tools/aftermath.ts renderAftermath",
  ],
  sweep: ["tools/sweep.ts renderSweep", "tools/sweep.ts renderSweepResult"],
  traceroute: [
    "tools/trace_json.ts traceToJSON",
    "tools/trace_json.ts traceEndToJSON",
    "drawing/route_table.ts routeToJSON",
  ],
};

/** Where lines are made of what they are given. */
const FRAMES = ["text.ts", "timestamp.ts"];

/** Passes on lines that shares have written. */
const PASSING = "tools/sweep.ts renderSweepLine";

/** Reads all types, and makes the schema of them. */
export function jsonLinesSchema(version: string): object {
  const program = ts.createProgram(
    [...Deno.readDirSync(`${ROOT}scripts`)].map(({ name }) => name)
      .filter((name) => name.endsWith(".ts")).sort()
      .map((name) => `${ROOT}scripts/${name}`),
    {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  const schemas = new TypeSchemas(checker);
  const made = new Map<string, Schema[]>();
  for (const file of program.getSourceFiles()) {
    const [, path] = /\/lib\/(?:render|cli)\/(.*)$/.exec(file.fileName) ?? [];
    if (path === undefined || FRAMES.includes(path)) continue;
    for (const { maker, argument, isTimed } of callsIn(file)) {
      const place = `${path} ${maker}`;
      if (place === PASSING) continue;
      const schema = schemas.of(checker.getTypeAtLocation(argument), place);
      const told = isTimed ? withTimestamp(schema) : schema;
      made.set(place, [...made.get(place) ?? [], told]);
    }
  }
  const told = new Set(Object.values(LINES).flat());
  const missing = told.symmetricDifference(new Set(made.keys()));
  if (missing.size > 0) {
    throw new Error(`no script's lines, or none at all: ${[...missing]}`);
  }
  const scripts = Object.fromEntries(
    Object.entries(LINES).map(([script, places]) => [script, {
      anyOf: places.flatMap((place) => made.get(place)!)
        .flatMap((schema) => schema.anyOf ?? [schema]),
    }]),
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:raw4:json-lines:${version}`,
    title: `The JSON lines of raw4's scripts, version ${version}`,
    description: "Of a line of ping's, see #/$defs/ping; of a failure, which " +
      "any script says on standard error, #/$defs/failure. Keys that end in Ms " +
      "are milliseconds, in Ns nanoseconds; lengths are octets. A key that is " +
      "here stays what it is until the first number of the version changes; " +
      "others may be added.",
    $defs: { ...scripts, ...schemas.definitions },
  };
}

/** What `timedLine` makes of it. */
function withTimestamp(schema: Schema): Schema {
  if (schema.anyOf) return { anyOf: schema.anyOf.map(withTimestamp) };
  const description = "When, in UTC, to the microsecond.";
  return {
    ...schema,
    properties: {
      ...schema.properties,
      timestamp: { description, type: "string" },
    },
    required: [...schema.required ?? [], "timestamp"],
  };
}

/** A call that makes a line. */
interface LineCall {
  readonly maker: string;
  readonly argument: ts.Expression;
  readonly isTimed: boolean;
}

/** Calls of `jsonLine` and `timedLine`, and what they are given. */
function* callsIn(file: ts.SourceFile): Generator<LineCall, void> {
  const stack: ts.Node[] = [file];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    stack.push(...node.getChildren(file));
    if (!ts.isCallExpression(node)) continue;
    const called = node.expression.getText(file);
    if (called !== "jsonLine" && called !== "timedLine") continue;
    const maker = ts.findAncestor(node, ts.isFunctionDeclaration);
    yield {
      maker: maker?.name?.getText(file) ?? "",
      argument: node.arguments[0],
      isTimed: called === "timedLine",
    };
  }
}
