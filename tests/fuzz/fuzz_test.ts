import { assert, assertEquals, assertRejects } from "@std/assert";
import { fuzz, FuzzFailure } from "./fuzz.ts";

const INPUTS = 20_000;

Deno.test("20,000 hostile inputs: nothing throws, lies or harms a terminal", async () => {
  const { counts, features } = await fuzz({ seed: 4, inputs: INPUTS });
  for (const [kind, count] of Object.entries(counts)) {
    assert(count > INPUTS / 30, `${count} of ${kind} are few`);
  }
  // Were the packets not followed to their inner layers, there would be few.
  assert(features > 500, `${features} different things seen`);
});

Deno.test("the fuzzer gives the input that something is wrong with, again and again", async () => {
  const failures: FuzzFailure[] = [];
  for (let run = 0; run < 2; run++) {
    failures.push(
      await assertRejects(
        () =>
          fuzz({
            seed: 5,
            inputs: 500,
            onInput: (_, number) => {
              if (number === 321) throw new Error("found");
            },
          }),
        FuzzFailure,
        "input 321: Error: found",
      ),
    );
  }
  const [first, second] = failures.map(({ input }) => input);
  assertEquals(first, second);
});
