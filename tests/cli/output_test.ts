/**
 * Outputs that take a part, have no room, or are gone.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { ScriptError } from "../../lib/cli/exit.ts";
import { complain, Outbox, OutputClosed, print } from "../../lib/cli/output.ts";

/** An output that does with each call what it is told, and then takes all. */
class Output {
  text = "";
  readonly #answers: (number | Error)[];

  constructor(...answers: (number | Error)[]) {
    this.#answers = answers;
  }

  write(octets: Uint8Array): Promise<number> {
    const answer = this.#answers.shift() ?? octets.length;
    if (answer instanceof Error) return Promise.reject(answer);
    this.text += new TextDecoder().decode(octets.subarray(0, answer));
    return Promise.resolve(answer);
  }
}

/** Puts an output in the place of the process's own while `use` runs. */
async function replacing(
  name: "stdout" | "stderr",
  output: Output,
  use: () => Promise<void>,
): Promise<void> {
  const { write } = Deno[name];
  Deno[name].write = (octets) => output.write(octets);
  try {
    await use();
  } finally {
    Object.assign(Deno[name], { write });
  }
}

const full = () => new Error("No space left on device");
const busy = () =>
  new Deno.errors.WouldBlock("Resource temporarily unavailable");

Deno.test("print() goes on where a part was taken, and waits where there is no room", async () => {
  const output = new Output(5, busy(), 1, busy(), busy());
  await replacing("stdout", output, () => print("Hello World!\n"));
  assertEquals(output.text, "Hello World!\n");
});

Deno.test("print() says nothing twice that Deno keeps until there is room", async () => {
  const output = new Output(0, 0);
  const { write } = output;
  let kept = 2;
  output.write = (octets) => {
    if (kept < 2 && octets.length > 0) throw new Error("not flushed before");
    return kept-- > 0
      ? write.call(output, octets).then(() => {
        output.text += new TextDecoder().decode(octets);
        throw busy();
      })
      : write.call(output, octets);
  };
  await replacing("stdout", output, () => print("message : "));
  assertEquals([output.text, kept], ["message : ", -1]);
});

Deno.test("print() tells of a full disk, and of nobody who reads", async () => {
  await replacing("stdout", new Output(full()), async () => {
    const printing = print("Hello");
    const said = "cannot write to standard output: No space left on device";
    await assertRejects(() => printing, ScriptError, said);
  });
  const closed = new Output(new Deno.errors.BrokenPipe());
  await replacing("stdout", closed, async () => {
    await assertRejects(() => print("Hello"), OutputClosed);
  });
});

Deno.test("complain() writes a line, and never fails", async () => {
  const output = new Output(3, busy());
  await replacing("stderr", output, () => complain("Hello"));
  assertEquals(output.text, "Hello\n");
  for (const error of [full(), new Deno.errors.BrokenPipe()]) {
    await replacing("stderr", new Output(error), () => complain("Hello"));
  }
});

Deno.test("Outbox writes what is added meanwhile with the next", async () => {
  const output = new Output();
  const writes: string[] = [];
  const { write } = output;
  output.write = (octets) => {
    writes.push(new TextDecoder().decode(octets));
    return write.call(output, octets);
  };
  await replacing("stdout", output, async () => {
    const box = new Outbox();
    for (const line of ["1\n", "2\n", "3\n"]) await box.add(line);
    await box.flush();
    await box.add("4\n");
    await box.flush();
  });
  assertEquals(writes, ["1\n", "2\n3\n", "4\n"]);
});

Deno.test("Outbox tells that nobody reads it, from then on", async () => {
  const output = new Output(new Deno.errors.BrokenPipe("Broken pipe"));
  await replacing("stdout", output, async () => {
    const box = new Outbox();
    await box.add("1\n");
    await assertRejects(() => box.flush(), OutputClosed);
    await assertRejects(() => box.add("2\n".repeat(4096)), OutputClosed);
    await assertRejects(() => box.flush(), OutputClosed);
  });
  assertEquals(output.text, "");
});
