/** What all scripts have in common, those of tomorrow too. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { versionText } from "../../lib/cli/version.ts";
import { ALLOW_RUN } from "../../lib/lab/command.ts";
import { type Finished, flagsOf, ROOT, run, unwrapped } from "../live/live.ts";

const FOLDER = `${ROOT}scripts/`;
const NAMES = [...Deno.readDirSync(FOLDER)]
  .filter(({ isFile, name }) => isFile && name.endsWith(".ts"))
  .map(({ name }) => name.slice(0, -3));

/** Runs a script without any permission. */
const bare = (name: string, ...args: string[]) =>
  run([Deno.execPath(), "run", `${FOLDER}${name}.ts`, ...args]);

Deno.test("a script lacks nothing that scripts have", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  for (const name of NAMES) {
    const path = `scripts/${name}.ts`;
    const { mode } = await Deno.stat(ROOT + path);
    assert((mode! & 0o111) === 0o111, `not executable: chmod +x ${path}`);
    const { description, command } = tasks[name] ?? {};
    assertEquals(
      command,
      `deno run ${flagsOf(name)} ${path}`,
      `deno.json needs a task ${name}, with the flags of its first line`,
    );
    const { stdout } = await bare(name, "--help");
    assert(
      unwrapped(stdout).includes(description),
      `the task ${name} needs a description, the beginning of its help's`,
    );
    assert(
      readme.includes(`\n| \`${name}.ts\` `),
      `README.md needs a row for ${name}.ts among the scripts`,
    );
  }
});

for (const name of NAMES) {
  Deno.test(`${name} --help needs no permission, and ends with examples`, async () => {
    const { code, stdout, stderr } = await bare(name, "--help");
    assertEquals([code, stderr], [0, ""]);
    for (const line of stdout.split("\n")) assert(line.length <= 80, line);
    // As a shell reads what goes on in the next line.
    const help = stdout.replaceAll(/ \\\n +/g, " ");
    const [usage] = help.split("\n");
    const call = `deno run ${flagsOf(name)} scripts/${name}.ts`;
    assert(usage.startsWith(`Usage: ${call} `), usage);

    const examples = help.slice(help.indexOf("\nExamples:\n")).trimEnd()
      .split("\n").slice(2);
    assert(examples.length >= 2, stdout);
    for (const [i, line] of examples.entries()) {
      const beginning = i % 2 === 0 ? "  # " : `  ${call}`;
      assert(line.startsWith(beginning), line);
      // A file of its own, rather than one that the shell opens.
      if (i % 2 === 1 && / [\w*/]+\.(pcap|pcapng|jsonl?|svg)\b/.test(line)) {
        const files = /--allow-(read|write)/;
        assert(files.test(examples[i - 1] + line), `lacks its flag: ${line}`);
      }
    }
    assertEquals((await bare(name, "-h")).stdout, stdout);
  });

  Deno.test(`${name} --version needs no permission`, async () => {
    const { code, stdout, stderr } = await bare(name, "--version");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout, `${versionText(name, false)}\n`);
    const json = await bare(name, "--version", "--json");
    assertEquals(json.stdout, `${versionText(name, true)}\n`);
  });

  Deno.test(`${name} answers a mistake with a hint, exit 2`, async () => {
    const { code, stdout, stderr } = await bare(name, "--no-such-flag");
    assertEquals(stderr.trimEnd().split("\n"), [
      `${name}: unknown option '--no-such-flag'`,
      `(${name} --help shows the usage and examples)`,
    ]);
    assertEquals([code, stdout], [2, ""]);

    const long = "x".repeat(50);
    for (const args of [[`--${long}`], [long, long], ["--json", `-${long}`]]) {
      const { stderr } = await bare(name, ...args);
      if (!stderr.startsWith("{")) unwrapped(stderr);
    }

    const misspelt = await bare(name, "--hepl");
    assert(misspelt.stderr.includes("(Did you mean --help?)"));
    assertEquals(misspelt.code, 2);
  });
}

Deno.test("what other scripts call otherwise is a hint", async () => {
  for (
    const [name, given, here] of [
      ["sweep", "--wait", "--timeout"],
      ["sweep", "--wait=3", "--timeout"],
      ["traceroute", "--timeout", "--wait"],
    ]
  ) {
    const hint = `(Did you mean ${here}?)`;
    const { code, stderr } = await bare(name, given, "127.0.0.1");
    assertEquals([code, stderr.split("\n")[1]], [2, hint]);
    const json = await bare(name, given, "--json");
    assert(JSON.parse(json.stderr).message.endsWith(hint), json.stderr);
  }
});

for (const name of NAMES) {
  Deno.test(`${name} --json tells of mistakes and failures as JSON`, async () => {
    const { stdout } = await bare(name, "--help");
    // What craft reads as JSON is something else.
    if (!/ --json {2}/.test(stdout)) return;
    for (const args of [["--no-such-flag"], ["-w", "--", "--json"]]) {
      const { code, stdout, stderr } = await bare(name, "--json", ...args);
      assertEquals([code, stdout], [2, ""]);
      const { message, ...rest } = JSON.parse(stderr);
      assert(/^(unknown option|option) '/.test(message), message);
      assertEquals(rest, {
        type: "failure",
        script: name,
        kind: "usage",
        remedy: `(${name} --help shows the usage and examples)`,
        syscall: null,
        code: null,
        exitCode: 2,
      });
    }
    // Behind `--` it is no option.
    const { stderr } = await bare(name, "--no-such-flag", "--", "--json");
    assert(stderr.startsWith(`${name}: unknown option`), stderr);
  });
}

Deno.test("failures as JSON tell what is missing, and the system's word for it", async () => {
  const lacking = await bare("ping", "--json", "127.0.0.1");
  assertEquals([lacking.code, lacking.stdout], [3, ""]);
  assertEquals(JSON.parse(lacking.stderr), {
    type: "failure",
    script: "ping",
    kind: "not permitted",
    message: "not permitted by Deno to call libc's sockets",
    remedy: "Add --allow-ffi to the command:\n  deno run --allow-ffi …",
    syscall: null,
    code: null,
    exitCode: 3,
  });
  const path = `${FOLDER}sniff.ts`;
  const { code, stderr } = await run([
    ...[Deno.execPath(), "run", "--allow-ffi", path, "--json"],
    ...["-I", "no-such", "-w", "0.01"],
  ]);
  const failure = JSON.parse(stderr);
  assertEquals(failure.exitCode, code);
  assert(failure.message.includes("no-such"), stderr);
});

Deno.test("a command that is shown has what was added before, too", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/checkpoint`;
  try {
    const both = ["read", "write"].map((name) =>
      `--allow-${name}=${file},${file}.new`
    );
    const sweep = (...given: string[]) =>
      run([
        ...[Deno.execPath(), "run", "--allow-ffi", ...given],
        ...[`${FOLDER}sweep.ts`, "127.0.0.1", "--checkpoint", file],
      ]);
    const shown = ({ stderr }: Finished) => stderr.replace(/ \\\n +/g, " ");
    const first = await sweep();
    assertStringIncludes(shown(first), `deno run --allow-ffi ${both[0]} …`);
    const half = await sweep(`--allow-read=${file}`);
    assertStringIncludes(shown(half), `deno run --allow-ffi ${both[0]} …`);
    const second = await sweep(both[0]);
    const whole = `deno run --allow-ffi ${both.join(" ")} …`;
    assertStringIncludes(shown(second), whole);
    assertEquals((await sweep(...both)).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Scripts, the permissions that they are given, and what they lack then. */
const LACKING: [given: string[], name: string, why: string, flag: string][] = [
  [[], "send", "to call libc's sockets", "--allow-ffi"],
  [[], "receive", "to call libc's sockets", "--allow-ffi"],
  [[], "spoof", "to call libc's sockets", "--allow-ffi"],
  [[], "lab", "to call libc's sockets", "--allow-ffi"],
  [[], "demo", "to call libc's sockets", "--allow-ffi"],
  [[], "dissect", "to read the file x.pcap", "--allow-read=x.pcap"],
  [[], "grade", "to read the file x.pcap", "--allow-read=x.pcap"],
  [["--allow-ffi"], "lab", "to build labs with `ip`", ALLOW_RUN],
  [["--allow-ffi"], "demo", "to build labs with `ip`", ALLOW_RUN],
  [[], "page", "to serve the page", "--allow-net=127.0.0.1:0"],
  [
    ["--allow-net=127.0.0.1:0"],
    "page",
    "to start the agent",
    "--allow-run",
  ],
  [[], "bundle", "to run deno bundle", "--allow-run"],
  [["--allow-run"], "bundle", "to list the scripts", "--allow-read"],
  [
    ["--allow-run", "--allow-read"],
    "bundle",
    "to write the bundles",
    "--allow-write",
  ],
];

Deno.test("a script says which flag of Deno's it lacks, and why, exit 3", async () => {
  for (const [given, name, why, flag] of LACKING) {
    const args = {
      send: ["127.0.0.1", "Hi"],
      spoof: ["127.0.0.1", "--source", "127.0.0.7"],
      lab: ["status"],
      dissect: ["x.pcap"],
      grade: ["x.pcap"],
    }[name] ?? [];
    const path = `${FOLDER}${name}.ts`;
    const { code, stdout, stderr } = await run(
      [Deno.execPath(), "run", ...given, path, ...args],
    );
    // All that it needs, so that nothing more is missing the next time.
    const flags = "dissect grade".includes(name) ? flag : flagsOf(name);
    assertEquals(stderr.trimEnd().split("\n"), [
      `${name}: not permitted by Deno ${why}`,
      `Add ${flag} to the command:`,
      `  deno run ${flags} …`,
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
  [
    "--allow-ffi",
    "receive",
    ["--write", "/tmp/x/y.pcap", "--rotate", "1s"],
    ["not permitted by Deno to write files beside", "--allow-write=/tmp/x "],
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
