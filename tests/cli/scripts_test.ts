/** What all scripts have in common, those of tomorrow too. */

import { assert, assertEquals } from "@std/assert";
import { ROOT, run } from "../live/live.ts";

const FOLDER = `${ROOT}scripts/`;
const NAMES = [...Deno.readDirSync(FOLDER)]
  .filter(({ isFile, name }) => isFile && name.endsWith(".ts"))
  .map(({ name }) => name.slice(0, -3));

/** Runs a script without any permission. */
const bare = (name: string, ...args: string[]) =>
  run([Deno.execPath(), "run", `${FOLDER}${name}.ts`, ...args]);

for (const name of NAMES) {
  Deno.test(`${name} --help needs no permission, and ends with examples`, async () => {
    const { code, stdout, stderr } = await bare(name, "--help");
    assertEquals([code, stderr], [0, ""]);
    for (const line of stdout.split("\n")) assert(line.length <= 80, line);
    // As a shell reads what goes on in the next line.
    const help = stdout.replaceAll(/ \\\n +/g, " ");
    const [usage] = help.split("\n");
    // As it is, it runs too.
    const { mode } = await Deno.stat(`${FOLDER}${name}.ts`);
    assertEquals(mode! & 0o111, 0o111);
    const [shebang] = (await Deno.readTextFile(`${FOLDER}${name}.ts`))
      .split("\n");
    const flags = shebang.replace("#!/usr/bin/env -S deno run ", "");
    const call = `deno run ${flags} scripts/${name}.ts`;
    assert(usage.startsWith(`Usage: ${call} `), usage);

    const examples = help.slice(help.indexOf("\nExamples:\n")).trimEnd()
      .split("\n").slice(2);
    assert(examples.length >= 2, stdout);
    for (const [i, line] of examples.entries()) {
      const beginning = i % 2 === 0 ? "  # " : `  ${call}`;
      assert(line.startsWith(beginning), line);
    }
    assertEquals((await bare(name, "-h")).stdout, stdout);
  });

  Deno.test(`${name} answers a mistake with a hint, exit 2`, async () => {
    const { code, stdout, stderr } = await bare(name, "--no-such-flag");
    assertEquals(stderr.trimEnd().split("\n"), [
      `${name}: unknown option '--no-such-flag'`,
      "(--help shows the usage and examples)",
    ]);
    assertEquals([code, stdout], [2, ""]);

    const misspelt = await bare(name, "--hepl");
    assert(misspelt.stderr.includes("(Did you mean --help?)"));
    assertEquals(misspelt.code, 2);
  });
}

/** Scripts, the permissions that they are given, and what they lack then. */
const LACKING: [given: string[], name: string, why: string, flag: string][] = [
  [[], "send", "to call libc's sockets", "--allow-ffi"],
  [[], "receive", "to call libc's sockets", "--allow-ffi"],
  [[], "spoof", "to call libc's sockets", "--allow-ffi"],
  [[], "lab", "to call libc's sockets", "--allow-ffi"],
  [[], "demo", "to call libc's sockets", "--allow-ffi"],
  [[], "dissect", "to read the file x.pcap", "--allow-read=x.pcap"],
  [["--allow-ffi"], "lab", "to build labs with `ip`", "--allow-run"],
  [["--allow-ffi"], "demo", "to build labs with `ip`", "--allow-run"],
  [[], "bundle", "to run deno bundle", "--allow-run"],
  [["--allow-run"], "bundle", "to list the scripts", "--allow-read"],
  [
    ["--allow-run", "--allow-read"],
    "bundle",
    "to write the bundles",
    "--allow-write",
  ],
];

/** All that a script needs, so that nothing more is missing the next time. */
const FLAGS: Readonly<Record<string, string>> = {
  send: "--allow-ffi",
  receive: "--allow-ffi",
  spoof: "--allow-ffi",
  lab: "--allow-ffi --allow-run",
  demo: "--allow-ffi --allow-run",
  dissect: "--allow-read=x.pcap",
  bundle: "--allow-run --allow-read --allow-write",
};

Deno.test("a script says which flag of Deno's it lacks, and why, exit 3", async () => {
  for (const [given, name, why, flag] of LACKING) {
    const args = {
      send: ["127.0.0.1", "Hi"],
      spoof: ["127.0.0.1", "--source", "127.0.0.7"],
      lab: ["status"],
      dissect: ["x.pcap"],
    }[name] ?? [];
    const path = `${FOLDER}${name}.ts`;
    const { code, stdout, stderr } = await run(
      [Deno.execPath(), "run", ...given, path, ...args],
    );
    assertEquals(stderr.trimEnd().split("\n"), [
      `${name}: not permitted by Deno ${why}`,
      `Add ${flag} to the command:`,
      `  deno run ${FLAGS[name]} …`,
    ]);
    assertEquals([code, stdout], [3, ""]);
  }
});

Deno.test("a script refuses a file without a name, exit 2", async () => {
  const CALLS: [name: string, ...args: string[]][] = [
    ["dissect", ""],
    ["craft", "--json", ""],
    ["craft", "-d", "127.0.0.1", "--write", ""],
    ["receive", "--write", ""],
  ];
  for (const [name, ...args] of CALLS) {
    const call = ["--allow-ffi", `${FOLDER}${name}.ts`, ...args];
    const { code, stderr } = await run([Deno.execPath(), "run", ...call]);
    assertEquals(stderr, `${name}: a file's name is empty\n`);
    assertEquals(code, 2);
  }
});

/** What cannot be used, by Deno's will or the system's. */
const UNUSABLE: [
  flags: string,
  name: string,
  args: string[],
  says: string[],
  code: number,
][] = [
  [
    "--allow-run --allow-read --allow-write",
    "bundle",
    ["/proc/nowhere"],
    ["not permitted by Deno to make the folder /proc/nowhere", "--allow-all"],
    3,
  ],
  [
    "--allow-all",
    "bundle",
    ["/proc/nowhere"],
    ["cannot make the folder /proc/nowhere: No such file", "bundle.ts FOLDER"],
    4,
  ],
  [
    "--allow-read",
    "dissect",
    ["/proc/self/mem"],
    ["not permitted by Deno to read the file /proc/self/mem", "--allow-all"],
    3,
  ],
  [
    "--allow-ffi --allow-write",
    "craft",
    ["-d", "127.0.0.1", "--write", "/proc/nowhere"],
    ["not permitted by Deno to write the file /proc/nowhere", "--allow-all"],
    3,
  ],
];

Deno.test("a script says which file or folder it cannot use, and why", async () => {
  for (const [flags, name, args, says, wanted] of UNUSABLE) {
    const call = [...flags.split(" "), `${FOLDER}${name}.ts`, ...args];
    const { code, stderr } = await run([Deno.execPath(), "run", ...call]);
    const [sentence, ...remedy] = stderr.trimEnd().split("\n");
    assert(sentence.startsWith(`${name}: ${says[0]}`), stderr);
    assert(remedy.join(" ").includes(says[1]), stderr);
    assertEquals(code, wanted, stderr);
  }
});

Deno.test("a script's own sentences, and commander's, keep to 80 columns", async () => {
  const CALLS: [flags: string, name: string, args: string[], says: string][] = [
    [
      "--allow-ffi",
      "dissect",
      ["--link-type", "x", "00"],
      "'x' is invalid. Wanted: raw, ethernet, linux-sll, linux-sll2, loopback, " +
      "null, loop, ipv4, ipv6, or a link type's number from 0 to 65535.",
    ],
    [
      "--allow-read",
      "dissect",
      [`/nowhere/${"x".repeat(50)}/y.pcap`],
      `cannot read the file /nowhere/${"x".repeat(50)}/y.pcap: No such file or`,
    ],
  ];
  for (const [flags, name, args, says] of CALLS) {
    const call = [flags, `${FOLDER}${name}.ts`, ...args];
    const { code, stderr } = await run([Deno.execPath(), "run", ...call]);
    for (const line of stderr.split("\n")) assert(line.length <= 80, line);
    assert(stderr.replaceAll(/\s+/g, " ").includes(says), stderr);
    assert(code !== 0);
  }
});
