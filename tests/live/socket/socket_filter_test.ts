import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FilterInstruction, SocketError } from "../../../mod.ts";
import { liveTest, run } from "../live.ts";
import { nextTexts, octets, openIn, pair, RECEIVER } from "./socket_support.ts";

/** Lets those packets through whose payload begins with a letter. */
function beginsWith(letter: string): FilterInstruction[] {
  return [
    { code: 0x30, jt: 0, jf: 0, k: 20 }, // ldb [20]: behind the IP header
    { code: 0x15, jt: 0, jf: 1, k: letter.charCodeAt(0) }, // jeq
    { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff }, // ret all
    { code: 0x06, jt: 0, jf: 0, k: 0 }, // ret none
  ];
}

/** The program that tcpdump makes of an expression, for raw IP packets. */
async function compile(expression: string): Promise<FilterInstruction[]> {
  // An empty capture file of link type 101, raw IP.
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(
      file,
      Uint8Array.fromHex("d4c3b2a1020004000000000000000000ffff000065000000"),
    );
    const { stdout, stderr } = await run(
      ["tcpdump", "-dd", "-r", file, expression],
    );
    const program = [...stdout.matchAll(/\{ (\S+), (\d+), (\d+), (\S+) \}/g)]
      .map(([, code, jt, jf, k]) => ({
        code: Number(code),
        jt: Number(jt),
        jf: Number(jf),
        k: Number(k),
      }));
    assert(program.length > 0, stderr);
    return program;
  } finally {
    await Deno.remove(file);
  }
}

await liveTest(
  "RawSocket.attachFilter() lets only those packets through that the program accepts",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const send = () => {
      for (const text of ["apple", "banana", "avocado", "blueberry"]) {
        sender.send(octets(text), RECEIVER);
      }
    };
    receiver.attachFilter(beginsWith("a"));
    send();
    assertEquals(await nextTexts(receiver, 2), ["apple", "avocado"]);
    // Another one takes its place.
    receiver.attachFilter(beginsWith("b"));
    send();
    assertEquals(await nextTexts(receiver, 2), ["banana", "blueberry"]);
    assertEquals(receiver.dropped, 0);
  },
);

await liveTest("RawSocket.attachFilter() takes what tcpdump -dd prints", [
  "lab",
  "tcpdump",
], async () => {
  await using lab = await pair();
  using sender = openIn(lab, "sender");
  using receiver = openIn(lab, "receiver");
  receiver.attachFilter(
    await compile("src host 1.1.1.100 and greater 25 and ip[20] != 0x6e"),
  );
  for (const text of ["tiny", "large enough", "no, this one not", "again"]) {
    sender.send(octets(text), RECEIVER);
  }
  assertEquals(await nextTexts(receiver, 2), ["large enough", "again"]);
});

await liveTest(
  "RawSocket.attachFilter() refuses a program that is none, and stays as it was",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    receiver.attachFilter(beginsWith("a"));
    const bad: FilterInstruction[][] = [
      // Without an end, with a jump behind it, with no such operation.
      [{ code: 0x30, jt: 0, jf: 0, k: 20 }],
      beginsWith("b").with(1, { code: 0x15, jt: 9, jf: 0, k: 0 }),
      beginsWith("b").with(0, { code: 0xffff, jt: 0, jf: 0, k: 0 }),
    ];
    for (const program of bad) {
      const error = assertThrows(
        () => receiver.attachFilter(program),
        SocketError,
        "cannot attach the filter: Invalid argument (setsockopt: EINVAL)",
      );
      assertEquals([error.syscall, error.errno], ["setsockopt", 22]);
    }
    const [load, ...rest] = beginsWith("b");
    const outOfRange: [FilterInstruction[], string][] = [
      [[], "instructions, must be a whole number from 1 to 4096, but is 0"],
      [Array(4097).fill(load), "from 1 to 4096, but is 4097"],
      [[{ ...load, code: 0x10030 }, ...rest], "from 0 to 65535, but is 65584"],
      [[load, { ...rest[0], jt: 256 }], "jt of instruction 1 must be"],
      [[load, { ...rest[0], jf: -1 }], "jf of instruction 1 must be"],
      [[{ ...load, k: 2 ** 32 }, ...rest], "k of instruction 0 must be"],
      [[{ ...load, k: 20.5 }, ...rest], "but is 20.5"],
    ];
    for (const [program, message] of outOfRange) {
      assertThrows(() => receiver.attachFilter(program), RangeError, message);
    }
    for (const text of ["blueberry", "apricot"]) {
      sender.send(octets(text), RECEIVER);
    }
    assertEquals(await nextTexts(receiver, 1), ["apricot"]);
  },
);

await liveTest("RawSocket.attachFilter() takes a long program", [
  "lab",
], async () => {
  await using lab = await pair();
  using sender = openIn(lab, "sender");
  using receiver = openIn(lab, "receiver");
  const nothing = { code: 0, jt: 0, jf: 0, k: 7 }; // ld #7
  receiver.attachFilter([...Array(500).fill(nothing), ...beginsWith("z")]);
  sender.send(octets("apple"), RECEIVER);
  sender.send(octets("zucchini"), RECEIVER);
  assertEquals(await nextTexts(receiver, 1), ["zucchini"]);
});
