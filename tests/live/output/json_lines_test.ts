/** The scripts' JSON lines, as a program reads them that knows their schema. */

// deno-lint-ignore no-import-prefix -- of the tests alone: see tests/deno.lock
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
import { assert, assertEquals } from "@std/assert";
import { failureToJSON } from "../../../lib/cli/exit.ts";
import { encodeEvidence, lessonHash } from "../../../lib/lesson/evidence.ts";
import { LESSONS } from "../../../lib/lesson/lessons/lessons.ts";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { SCHEMA_FILE } from "../../schema/json_lines.ts";
import type { Schema } from "../../schema/type_schema.ts";
import { inHost, pairUp } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { receiver } from "../pair/pair_process.ts";

const SCHEMA = JSON.parse(await Deno.readTextFile(SCHEMA_FILE));
const ajv = new Ajv2020({ allErrors: true });
ajv.addSchema(SCHEMA);

/** What was seen of each script's lines. */
class Seen {
  readonly #types = new Map<string, Set<string>>();

  /** Has each line of some output be one of the script's. */
  add(name: string, output: string): void {
    const validate = ajv.getSchema(`${SCHEMA.$id}#/$defs/${name}`)!;
    const types = this.#types.get(name) ?? new Set();
    this.#types.set(name, types);
    const lines = output.split("\n").filter((line) => line !== "");
    assert(lines.length > 0, `${name} says nothing`);
    for (const line of lines) {
      const told = JSON.parse(line);
      const said = validate(told) ? "" : faults(told, validate.errors);
      assertEquals(said, "", `${name}: ${line}`);
      types.add(told.type ?? NAMELESS);
    }
  }

  /** Types of lines that the schema has, and nobody has seen. */
  missing(name: string): string[] {
    const { anyOf } = SCHEMA.$defs[name] as Schema;
    const all = anyOf!.flatMap(({ properties }) => {
      const { const: only, enum: some } = properties?.type ?? {};
      return some ?? [only ?? NAMELESS];
    });
    const types = this.#types.get(name) ?? new Set();
    return [...new Set(all)].filter((type) => !types.has(`${type}`))
      .map(String).sort();
  }
}

/** Of lines that are all alike. */
const NAMELESS = "(none)";

/** What is wrong, of the kind of line that it is. */
function faults(
  { type }: { type?: string },
  errors: typeof ajv.errors,
): string {
  return `as ${type}: ${ajv.errorsText(errors)}`;
}

/** Lines that it may take liars, floods, broken cables or luck to see. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = {
  ping: ["advice", "refused"],
  send: ["failed"],
  sniff: ["discarded", "dropped", "incomplete"],
  spoof: ["failed"],
  traceroute: ["failed"],
};

function assertSeen(seen: Seen, name: string): void {
  const unseen = UNSEEN[name] ?? [];
  const missing = seen.missing(name).filter((type) => !unseen.includes(type));
  assertEquals(missing, [], name);
}

await liveTest(
  "JSON lines are what their schema says: ping, sweep, traceroute",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [2], mtu: { 3: 1400 } }));
    const seen = new Seen();
    const say = async (name: string, ...args: string[]) => {
      const { stdout } = await run(
        lab.inside("host", script(name, "--json", ...args)),
      );
      seen.add(name, stdout);
    };
    const target = "10.9.4.2";
    await inHost(lab, "host", "ip", "route", "add", "prohibit", "192.0.2.1");
    await say("ping", "-c", "2", "-i", "0.1", target, "192.0.2.1");
    await say("ping", "-c", "1", "-t", "1", target);
    await say("ping", "-c", "1", "-t", "2", "-W", "0.1", target);
    await say("sweep", "-w", "1", "10.9.1.0/30", "10.9.9.9", "192.0.2.1");
    await say("traceroute", "-w", "0.5", "--mtu", target);
    await say("traceroute", "--watch", "-c", "1", target);
    for (const name of ["ping", "sweep", "traceroute"]) assertSeen(seen, name);
  },
);

await liveTest(
  "JSON lines are what their schema says: send, receive, sniff, spoof, dissect",
  ["lab"],
  async () => {
    await using lab = await pairUp();
    const folder = await Deno.makeTempDir();
    const seen = new Seen();
    try {
      const say = async (name: string, ...args: string[]) => {
        const { stdout } = await run(
          lab.inside("sender", script(name, "--json", ...args)),
        );
        seen.add(name, stdout);
      };
      const file = `${folder}/x.pcap`;
      const sniffing = script("sniff", "--json", "--reassemble", "-I", "eth0");
      sniffing.splice(2, 0, `--allow-write=${file}`);
      {
        await using receiving = await receiver(lab, "--json", "-c", "2");
        const sniffed = run(lab.inside("receiver", [
          ...[...sniffing, "--protocol", "253", "--write", file],
          ...["-c", "4", "-w", "20"],
        ]));
        // The sniffer may come later: it sees what is sent until it is done.
        await say("send", "1.1.1.1", "Hi", "--diff");
        await say("send", "1.1.1.1", "--size", "900", "--mtu", "576");
        seen.add("receive", (await receiving.end()).stdout);
        await say("send", "1.1.1.1", "Nobody", "--why");
        const fragments = ["--size", "900", "--mtu", "576", "-c", "2"];
        await say("send", "1.1.1.1", ...fragments);
        seen.add("sniff", (await sniffed).stdout);
      }
      await say("spoof", "1.1.1.1", "-s", "1.1.1.77", "--dry-run");
      await say("spoof", "1.1.1.1", "-s", "1.1.1.100", "--diff", "--why");

      const fragment = (
        offset: number,
        moreFragments: boolean,
        id: number,
      ) => ({
        layers: [{
          ipv4: {
            ...{ source: "1.1.1.1", destination: "1.1.1.2", protocol: 253 },
            ...{ identification: id, moreFragments, fragmentOffset: offset },
          },
        }, { data: "00".repeat(16) }],
      });
      const packets = [
        fragment(0, true, 1),
        fragment(16, false, 1),
        fragment(0, true, 2),
        // It overlaps.
        fragment(0, true, 3),
        fragment(8, false, 3),
      ];
      const crafted = script(
        ...["craft", "--json", "-", "--write", file] as const,
      );
      await run(crafted, {
        input: packets.map((packet) => JSON.stringify(packet)).join("\n"),
      });
      for (const option of ["--reassemble", "--offsets"]) {
        const call = script("dissect", "--json", option, file);
        seen.add("dissect", (await run(call)).stdout);
      }
      for (const name of ["send", "receive", "sniff", "spoof", "dissect"]) {
        assertSeen(seen, name);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "JSON lines are what their schema says: doctor, grade",
  [],
  async () => {
    const folder = await Deno.makeTempDir();
    const seen = new Seen();
    try {
      seen.add("doctor", (await run(script("doctor", "--json"))).stdout);
      const [lesson] = LESSONS;
      const evidence = encodeEvidence({
        ...{ lesson: lesson.id, hash: await lessonHash(lesson), seed: "Ada" },
        predictions: [{ step: lesson.steps[0].id, value: "1", lockedNs: 1n }],
        packets: [],
      });
      const file = `${folder}/a.pcapng`;
      await Deno.writeFile(file, await new Blob(evidence).bytes());
      seen.add("grade", (await run(script("grade", "--json", file))).stdout);
      for (const name of ["doctor", "grade"]) assertSeen(seen, name);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "failures under --json are what their schema says, on standard error",
  ["lab"],
  async () => {
    await using lab = await pairUp();
    const seen = new Seen();
    const bare = script("ping", "--json", "1.1.1.1")
      .filter((word) => word !== "--allow-ffi");
    const FAILURES: [kind: string, command: string[]][] = [
      ["usage", script("send", "--json")],
      ["usage", script("sweep", "--json", "10.0.0.0/99")],
      ["usage", script("traceroute", "--json", "--no-such-flag", "1.1.1.1")],
      ["not permitted", bare],
      ["system", script("receive", "--json", "9.9.9.9")],
      ["system", script("sniff", "--json", "none0")],
      ["no", script("send", "--json", "1.1.1.77", "Hi", "-c", "2", "--fast")],
    ];
    for (const [kind, command] of FAILURES) {
      const { code, stderr } = await run(lab.inside("sender", command));
      seen.add("failure", stderr);
      const failure = JSON.parse(stderr);
      assertEquals([failure.kind, failure.exitCode], [kind, code], stderr);
    }
    const ours = failureToJSON("ping", new Error("of ours"));
    seen.add("failure", ours);
    assertEquals(JSON.parse(ours).kind, "unexpected");
    assertSeen(seen, "failure");
  },
);
