/** The sender asking for messages: from a pipe, and at a terminal. */

import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest, run, script, shellWords } from "../live.ts";
import { lines, Process, receiver } from "./pair_process.ts";

const PROMPT = "Type in the message to send : ";
const OPENING = [
  "Opening Socket..",
  "Socket Info = raw IPv4, protocol 253, 1.1.1.100 to 1.1.1.1",
];

/** What is fed to the sender, the messages that it makes, and their octets. */
const PIPED: [input: string, messages: string[], octets: number][] = [
  ["Hello World !\nHi\nHow are you ?\nQuit\n", [
    "Hello World !",
    "Hi",
    "How are you ?",
    "Quit",
  ], 32],
  ["Hi\nqUIT\nnever sent\n", ["Hi", "qUIT"], 6],
  ["one\r\ntwo\r\nQUIT", ["one", "two", "QUIT"], 10],
  ["\nGrüße\nquit\n", ["", "Grüße", "quit"], 11],
];

await liveTest(
  "send reads a conversation from a pipe, up to QUIT",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    for (const [input, messages, octets] of PIPED) {
      await using receiving = await receiver(lab);
      const command = lab.inside("sender", script("send", "1.1.1.1"));
      const { code, stdout, stderr } = await run(command, { input });
      assertEquals(lines(stdout), [
        ...OPENING,
        ...messages.flatMap((message) => [
          `${PROMPT}${message}`,
          `Sent ${new TextEncoder().encode(message).length} octets to 1.1.1.1`,
        ]),
        `--- ${messages.length} sent, ${octets} octets, 0 refused`,
      ]);
      assertEquals([code, stderr], [0, ""]);
      const screen = lines((await receiving.end()).stdout);
      const shown = screen.slice(2, -1).filter((_, i) => i % 2 === 1);
      assertEquals(shown, messages);
    }
  },
);

await liveTest(
  "send ends at the end of its input, and says nothing of prompts in JSON",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiving = await receiver(lab, "-c", "2");
    const command = lab.inside("sender", script("send", "1.1.1.1", "--json"));
    const { code, stdout } = await run(command, { input: "a\nb" });
    assertEquals(
      lines(stdout).map((line) => JSON.parse(line).type),
      ["opened", "sent", "sent", "summary"],
    );
    assertEquals([code, (await receiving.end()).code], [0, 0]);
    const nothing = await run(command, { input: "" });
    assertEquals(
      lines(nothing.stdout).map((line) => JSON.parse(line).type),
      ["opened", "summary"],
    );
    assertEquals(nothing.code, 0);
  },
);

/** The sender at a terminal of its own, its output with plain line ends. */
function atTerminal(lab: Lab): Process {
  const command = shellWords(script("send", "1.1.1.1"));
  // By exec, or the shell in between would get Ctrl-C too.
  const call = ["script", "-qefc", `exec ${command}`, "/dev/null"];
  return new Process(lab.inside("sender", call));
}

/** The last keys pressed, and what the screen shows from there on. */
const ENDINGS: [what: string, keys: string, screen: RegExp][] = [
  [
    "QUIT",
    "Quit\n",
    /^Quit\nSent 4 octets to 1\.1\.1\.1\n--- 3 sent, 19 octets, 0 refused\n$/,
  ],
  ["Ctrl-D", "\x04", /^(\^D)?[\b]*\n--- 2 sent, 15 octets, 0 refused\n$/],
  ["Ctrl-C", "\x03", /^\^C\n--- 2 sent, 15 octets, 0 refused\n$/],
];

for (const [what, keys, screen] of ENDINGS) {
  await liveTest(
    `send at a terminal ends by ${what}`,
    ["lab", "script"],
    async () => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      await using receiving = await receiver(lab);
      await using terminal = atTerminal(lab);
      await terminal.until(PROMPT);
      await terminal.type("Hello World !\n");
      await terminal.until(PROMPT, 2);
      await terminal.type("Hi\n");
      await terminal.until(PROMPT, 3);
      // What was said so far stands in its order, the prompts between.
      assertEquals(terminal.seen.replaceAll("\r", "").split("\n"), [
        ...OPENING,
        `${PROMPT}Hello World !`,
        "Sent 13 octets to 1.1.1.1",
        `${PROMPT}Hi`,
        "Sent 2 octets to 1.1.1.1",
        PROMPT,
      ]);
      await terminal.type(keys);
      const { code, stdout } = await terminal.end();
      const rest = stdout.replaceAll("\r", "").split(PROMPT)[3];
      assert(screen.test(rest), JSON.stringify(rest));
      assertEquals(code, 0);
      await receiving.until("\nHi\n");
    },
  );
}
