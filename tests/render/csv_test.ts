import { assertEquals } from "@std/assert";
import { csvOf, csvRow } from "../../lib/render/csv.ts";

Deno.test("csvRow() quotes as RFC 4180, and nothing that would be calculated", () => {
  const ROWS: [values: unknown[], row: string][] = [
    [["a", 1, -0.5, true, null, undefined], "a,1,-0.5,true,,"],
    [['a,"b"', "c d"], '"a,""b""",c d'],
    [["=1+1", "+1", "-1", "@x"], "'=1+1,'+1,'-1,'@x"],
    [["a\nb", "\x1b[2J"], "a\\nb,\\x1b[2J"],
    [[["a", "b,"], []], '"a b,",'],
  ];
  for (const [values, row] of ROWS) assertEquals(csvRow(values), `${row}\r`);
});

Deno.test("csvOf() makes a row of what the table has, and of no other line", () => {
  const table = { rows: ["hop"], columns: ["type", "ms", "none"] };
  assertEquals(csvOf(table, '{"type":"hop","ms":1,"more":2}'), "hop,1,\r");
  assertEquals(csvOf(table, '{"type":"start","ms":1}'), undefined);
});
