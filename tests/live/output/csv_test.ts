/** Tables, as a program reads them that knows CSV, beside the JSON lines. */

import { assert, assertEquals } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { liveTest, run, script } from "../live.ts";

/** Prints each row as JSON, strictly read. */
const READ = `import csv, json, sys
rows = csv.reader(sys.stdin, strict=True)
for row in rows: print(json.dumps(row))`;

/** The rows of a table, by what their columns are called. */
async function rowsOf(text: string): Promise<Record<string, string>[]> {
  // Of RFC 4180's line ends.
  assertEquals(text.split("\n").length, text.split("\r\n").length);
  const { code, stdout, stderr } = await run(["python3", "-c", READ], {
    input: text,
  });
  assertEquals([code, stderr], [0, ""]);
  const [head, ...rows] = stdout.trimEnd().split("\n")
    .map((line): string[] => JSON.parse(line));
  return rows.map((row) => {
    assertEquals(row.length, head.length);
    return Object.fromEntries(head.map((name, i) => [name, row[i]]));
  });
}

/** What is the same each time. */
type Facts = Record<string, unknown>;

/** Rows, and the JSON lines of these types, without what is measured anew. */
async function bothOf(
  lab: Lab,
  types: readonly string[],
  ...call: [name: string, ...args: string[]]
): Promise<[rows: Facts[], lines: Facts[]]> {
  const [host] = lab.hosts;
  const runAs = (flag: string) => run(lab.inside(host, script(...call, flag)));
  const csv = await runAs("--csv");
  const json = await runAs("--json");
  assertEquals(csv.code, json.code, csv.stderr);
  const rows = await rowsOf(csv.stdout);
  const lines = json.stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line)).filter(({ type }) => types.includes(type));
  assert(rows.length > 0);
  const text = (value: unknown) =>
    Array.isArray(value) ? value.join(" ") : `${value ?? ""}`;
  const timeless = (facts: Facts) =>
    Object.fromEntries(
      Object.keys(rows[0]).filter((key) => !/Ms$|^timestamp$/.test(key))
        .map((key) => [key, text(facts[key])]),
    );
  const inOrder = (all: Facts[]) =>
    all.map(timeless).map((facts) => JSON.stringify(facts)).sort()
      .map((facts) => JSON.parse(facts));
  for (const row of rows) {
    for (const [key, value] of Object.entries(row)) {
      if (key.endsWith("Ms") && value !== "") assert(Number(value) > 0, value);
    }
  }
  return [inOrder(rows), inOrder(lines)];
}

await liveTest(
  "--csv has a row for each answer, address and hop that --json tells of",
  ["lab", "python3"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [2] }));
    const target = "10.9.4.2";
    for (const [ttl, type] of [["64", "reply"], ["1", "error"]]) {
      const call = ["-c", "2", "-i", "0.1", "-t", ttl, target, "10.9.4.1"];
      const [rows, lines] = await bothOf(lab, [type], "ping", ...call);
      assertEquals(rows, lines);
      assertEquals(rows.length, 4);
    }
    const ranges = ["-w", "2", "10.9.1.1-10.9.1.2", "10.9.4.1-10.9.4.2"];
    const [swept, sweep] = await bothOf(lab, ["alive"], "sweep", ...ranges);
    assertEquals(swept, sweep);
    assertEquals(swept.length, 4);
    const [traced, trace] = await bothOf(
      ...[lab, ["hop"], "traceroute", target] as const,
    );
    assertEquals(traced, trace);
    assertEquals(
      traced.map(({ distance, addresses }) => [distance, addresses]),
      [["1", "10.9.1.2"], ["2", ""], ["3", "10.9.3.2"], ["4", target]],
    );
  },
);

/** Options that do not go together, and what commander says of them. */
const CONFLICTS: [name: string, args: string[], other: string][] = [
  ...["ping", "sweep", "traceroute", "grade"].map((
    name,
  ): [string, string[], string] => [name, ["--csv"], "--json"]),
  ["ping", ["--csv"], "-q, --quiet"],
  ["ping", ["--explain"], "--json"],
  ["ping", ["--explain"], "-q, --quiet"],
  ["ping", ["--explain"], "-f, --flood"],
  ["send", ["--explain"], "--json"],
  ["ping", ["--csv"], "-D, --timestamp"],
  ["ping", ["--csv"], "-f, --flood"],
  ["sweep", ["--merge", "x.jsonl"], "-r, --rate 5"],
  ["sweep", ["--merge", "x.jsonl"], "--shard 1/2"],
  ["sweep", ["--merge", "x.jsonl"], "--checkpoint y"],
];

await liveTest("what does not go together is refused, exit 2", [], async () => {
  for (const [name, args, other] of CONFLICTS) {
    const given = other.replace(/^-\w, /, "").split(" ");
    const call = script(name, "127.0.0.1", ...args, ...given);
    const { code, stdout, stderr } = await run(call);
    assertEquals([code, stdout], [2, ""], stderr);
    const [option] = other.split(/ (?=[^-])/);
    const says = `' cannot be used with option '${option}`;
    const said = stderr.replaceAll(/\s+/g, " ");
    assert(said.includes(`'${args[0]}`) && said.includes(says), stderr);
  }
});
