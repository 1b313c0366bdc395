/** The help, beside what commander itself makes of the same command. */

import { assertEquals } from "@std/assert";
import { Command, Option } from "@commander-js/extra-typings";
import { formatHelp } from "../../lib/cli/help.ts";

const WORDS = "a text of words that takes more than one line".repeat(3);

const COMMANDS: Readonly<Record<string, Command>> = {
  bare: new Command("deno run --allow-ffi scripts/none.ts").description("Few."),
  lines: new Command("lines").description(
    `One line.\n${WORDS}\nAnother: ${WORDS}`,
  ),
  whole: new Command("deno run --allow-ffi scripts/whole.ts")
    .description(WORDS)
    .version("1", "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .argument("<host>", WORDS)
    .argument("[more...]", "further ones", "none")
    .option("-c, --count <n>", WORDS, "5")
    .option("--no-names", "numbers alone")
    .addOption(new Option("--kind <kind>", "which").choices(["a", "b"]))
    .addOption(
      new Option("--secret", "not shown").hideHelp(),
    ) as unknown as Command,
};

for (const [name, command] of Object.entries(COMMANDS)) {
  Deno.test(`formatHelp() lays out help as commander does: ${name}`, () => {
    command.configureOutput({
      getOutHelpWidth: () => 80,
      getOutHasColors: () => false,
    });
    assertEquals(
      formatHelp(command, command.createHelp()),
      command.helpInformation(),
    );
  });
}
