import { assert, assertEquals } from "@std/assert";
import { packetFromJSON } from "../../lib/wire/json/packet_from_json.ts";
import { ROOT } from "../live/live.ts";
import { jsonLinesSchema, SCHEMA_FILE } from "./json_lines.ts";
import type { Schema } from "./type_schema.ts";

Deno.test("the schema of the JSON lines is what their types make today", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const made = `${JSON.stringify(jsonLinesSchema(version), null, 2)}\n`;
  assert(
    made === await Deno.readTextFile(SCHEMA_FILE),
    "lines have changed: look whether a key is missing, then `deno task schema`",
  );
});

/** Numbers without a word about their unit, also of what they are in. */
function* unexplained(
  schema: Schema,
  path: string,
  isExplained = false,
): Generator<string, void> {
  const inner = isExplained || schema.description !== undefined;
  if (schema.type === "number" && !inner) yield path;
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    yield* unexplained(value, `${path}.${key}`, inner);
  }
  for (const part of schema.anyOf ?? []) yield* unexplained(part, path, inner);
  if (schema.items) yield* unexplained(schema.items, `${path}[]`, inner);
}

Deno.test("each number of a JSON line is explained", async () => {
  const { $defs } = JSON.parse(await Deno.readTextFile(SCHEMA_FILE));
  const { PlainValue: _, ...scripts } = $defs;
  assertEquals(
    Object.entries(scripts).flatMap(([name, schema]) => [
      ...unexplained(schema as Schema, name),
    ]),
    [],
  );
});

Deno.test("each JSON line that has layers is a description of a packet", async () => {
  const { $defs } = JSON.parse(await Deno.readTextFile(SCHEMA_FILE));
  const { PlainValue: _, ...scripts } = $defs;
  const described = Object.entries(scripts).filter(([name, schema]) => {
    const { anyOf = [schema as Schema] } = schema as Schema;
    const packets = anyOf.filter(({ properties }) => properties?.layers);
    for (const { properties } of packets) {
      const line = Object.keys(properties!).map((name) => [name, null]);
      const layers = [{ data: "00" }];
      const packet = packetFromJSON({ ...Object.fromEntries(line), layers });
      assertEquals(packet.toHex(), "00", name);
    }
    return packets.length > 0;
  });
  assertEquals(
    described.map(([name]) => name).sort(),
    ["dissect", "sniff", "spoof"],
  );
});
