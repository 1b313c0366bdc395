import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../live/live.ts";
import { readDefinitions } from "../../live/release/definitions.ts";

/** Those that are as their models. */
const MODELLED = ["ping", "traceroute"];
/** What each script has of commander. */
const COMMON = ["-h", "-V"];

/** A letter, its option, and a script that has it so. */
type Use = readonly [letter: string, option: string, script: string];

const inOrder = (uses: readonly Use[]) =>
  uses.map((use) => use.join(" ")).sort();

/** What the page tells. */
async function told(): Promise<{ common: Use[]; modelled: Use[] }> {
  const page = await Deno.readTextFile(`${ROOT}scripts/LETTERS.md`);
  const rows = page.matchAll(
    /^\| `(-\w)` +\| `(--[\w-]+)` +\| (.*?) +\| (.*?) *\|$/gm,
  );
  const common: Use[] = [];
  const modelled: Use[] = [];
  for (const [, letter, option, scripts, others] of rows) {
    for (const script of scripts.split(", ")) {
      common.push([letter, option, script]);
    }
    for (const [, other, script] of others.matchAll(/`(--[\w-]+)` in (\w+)/g)) {
      modelled.push([letter, other, script]);
    }
  }
  return { common, modelled };
}

Deno.test("a letter means what the page of letters says, in each script", async () => {
  const uses: Use[] = [];
  const shorts = new Map<string, Set<string>>();
  for (const { name, options } of await readDefinitions()) {
    for (const { names: [short, long] } of options) {
      if (long === undefined || COMMON.includes(short)) continue;
      uses.push([short, long, name]);
      if (MODELLED.includes(name)) continue;
      shorts.set(long, (shorts.get(long) ?? new Set()).add(short));
    }
  }
  const { common, modelled } = await told();
  assertEquals(inOrder(uses), inOrder([...common, ...modelled]));
  for (const [letter, , script] of modelled) {
    assert(
      MODELLED.includes(script),
      `${letter} is another option in ${script}`,
    );
  }
  for (const [long, letters] of shorts) {
    assertEquals(letters.size, 1, `${long} has several letters`);
  }
});

/** Those whose options tell what a packet is like; a lab's are of routers. */
const OF_PACKETS = ["craft", "receive", "send", "sniff", "spoof", "sweep"];

Deno.test("an option with a letter has it in each script of packets", async () => {
  const { common } = await told();
  const letterOf = new Map(common.map(([letter, option]) => [option, letter]));
  for (const { name, options } of await readDefinitions()) {
    if (!OF_PACKETS.includes(name)) continue;
    for (const { names: [first, second] } of options) {
      const letter = second === undefined ? letterOf.get(first) : undefined;
      assertEquals(letter, undefined, `${name} has ${first} without a letter`);
    }
  }
});
