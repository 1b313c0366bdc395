/** Writes what the scripts' JSON lines have: `deno task schema`. */

import { ROOT } from "../live/live.ts";
import { jsonLinesSchema, SCHEMA_FILE } from "./json_lines.ts";

const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
const schema = jsonLinesSchema(version);
await Deno.writeTextFile(SCHEMA_FILE, `${JSON.stringify(schema, null, 2)}\n`);
