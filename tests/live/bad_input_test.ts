/** Bad input: one sentence, exit 2, and nothing is sent. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import { liveTest, run, script, unwrapped } from "./live.ts";
import { packetsSent } from "./pair/pair_counter.ts";
import { send } from "./pair/pair_process.ts";

const HINT = "(send --help shows the usage and examples)";
const invalid = (
  option: string,
  value: string,
  wanted: string,
  script = "send",
) =>
  `${script}: option '${option}' argument '${value}' is invalid.\n` +
  `Wanted: ${wanted}`;
const ANY = "a whole number, 1 or more.";
const SECONDS = "seconds from 0 to 2147483, such as 0.2 or 200ms.";

const range = (
  option: string,
  value: string,
  min: number,
  max: number,
  script = "send",
) => invalid(option, value, `a whole number from ${min} to ${max}.`, script);
const PROTOCOL = "-p, --protocol <name>";
const PROTOCOLS =
  "icmp, igmp, tcp, udp, gre, icmp6, sctp, or a number from 0 to 255.";
const TTL = "-t, --ttl <hops>";
const HEX = "--hex <digits>";
const ADDRESS = "an IPv4 address, four decimal octets such as 1.1.1.1.";

/** What is given to send, and all that it says, on standard error. */
const BAD: [args: string[], ...said: string[]][] = [
  [[], "send: missing required argument 'destination'", HINT],
  ...[
    "1.1.1",
    "1.1.1.256",
    "1.1.1.1.1",
    "0x1.1",
    "a b",
    "",
    "host..name",
    "a/24",
  ]
    .map((host): [string[], string] => [
      [host, "Hi"],
      `send: ${JSON.stringify(host)} is neither an address nor a host name`,
    ]),
  [["2001:db8::1", "Hi"], "send: 2001:db8::1 is no IPv4 address"],
  ...["256", "-1", "1.5", "x", ""].map((value): [string[], string, string] => [
    ["1.1.1.1", "Hi", "-p", value],
    invalid(PROTOCOL, value, PROTOCOLS),
    HINT,
  ]),
  ...["0", "256", "-1"].map((value): [string[], string, string] => [
    ["1.1.1.1", "Hi", "-t", value],
    range(TTL, value, 1, 255),
    HINT,
  ]),
  [
    ["1.1.1.1", "Hi", "-Q", "256"],
    range("-Q, --tos <octet>", "256", 0, 255),
    HINT,
  ],
  [
    ["1.1.1.1", "Hi", "-c", "0"],
    invalid("-c, --count <packets>", "0", ANY),
    HINT,
  ],
  [
    ["1.1.1.1", "--size", "65516"],
    range("--size <octets>", "65516", 0, 65_515),
    HINT,
  ],
  ...["x".repeat(65_516), "ü".repeat(32_758)].map((
    text,
  ): [string[], string] => [
    ["1.1.1.1", text],
    "send: the message has 65516 octets, and a packet has room for 65515",
  ]),
  [
    ["1.1.1.1", "--hex", "00".repeat(65_516)],
    "send: the message has 65516 octets, and a packet has room for 65515",
  ],
  [
    ["1.1.1.1", "--hex", "486"],
    `send: option '${HEX}' argument '486' is invalid.\n` +
    "hex line 1, column 3: this digit is alone: an octet has two",
    "  486",
    "    ^",
    HINT,
  ],
  [
    ["1.1.1.1", "--hex", "4g"],
    `send: option '${HEX}' argument '4g' is invalid.\n` +
    'hex line 1, column 2: "g" is no hexadecimal digit',
    "  4g",
    "   ^",
    HINT,
  ],
  [
    ["1.1.1.1", "Hi", "--hex", "48"],
    "send: a message and --hex exclude each other",
  ],
  [
    ["1.1.1.1", "Hello", "--size", "4"],
    "send: the message has 5 octets, more than --size 4",
  ],
  [["1.1.1.1", "-c", "3"], "send: --count wants a message"],
  [
    ["1.1.1.1", "Hi", "--explian"],
    "send: unknown option '--explian'",
    "(Did you mean --explain?)",
    HINT,
  ],
  [["1.1.1.1", "Hi", "-x"], "send: unknown option '-x'", HINT],
  [
    ["1.1.1.1", "Hi", "-t"],
    `send: option '${TTL}' argument missing`,
    HINT,
  ],
  ...["1.1.1", "localhost", "::1"].map((
    value,
  ): [string[], string, string] => [
    ["1.1.1.1", "Hi", "-s", value],
    invalid("-s, --source <address>", value, ADDRESS),
    HINT,
  ]),
];

await liveTest("send sends nothing for bad input: one sentence, exit 2", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const before = await packetsSent(lab);
  await Promise.all(BAD.map(async ([args, ...said]) => {
    const { code, stdout, stderr } = await send(lab, ...args);
    assertEquals(stderr.trimEnd(), said.join("\n"), `${args}`.slice(0, 99));
    assertEquals([code, stdout], [2, ""], `${args}`.slice(0, 99));
  }));
  assertEquals(await packetsSent(lab), before);
  // Which proves something, if packets are counted.
  await send(lab, "1.1.1.1", "Hi", "-c", "3");
  assertEquals(await packetsSent(lab), before + 3);
});

await liveTest(
  "send ends a conversation at a line that is too long: exit 2 if it is the first",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const tooLong = `${"x".repeat(65_516)}\nnever sent\n`;
    const sentence =
      "send: the message has 65516 octets, and a packet has room for 65515";
    for (
      const [input, sent, exit, said] of [
        [tooLong, 0, 2, sentence],
        [`Hi\n${tooLong}`, 1, 4, `${sentence}. What was before it is sent`],
      ] as const
    ) {
      const before = await packetsSent(lab);
      const command = lab.inside("sender", script("send", "1.1.1.1"));
      const { code, stderr } = await run(command, { input });
      assertEquals([unwrapped(stderr), code], [said, exit]);
      assertEquals(await packetsSent(lab), before + sent);
    }
  },
);

const BIND = "-b, --bind <address>";
const TIMEOUT = "-w, --timeout <s>";

/** What is given to receive, and what it says before the hint. */
const BAD_RECEIVE: [args: string[], ...said: string[]][] = [
  ...["1.1.1", "localhost", "::1"].map((value): [string[], string] => [
    ["-b", value],
    invalid(BIND, value, ADDRESS, "receive"),
  ]),
  [["-p", "256"], invalid(PROTOCOL, "256", PROTOCOLS, "receive")],
  [["-c", "0"], invalid("-c, --count <packets>", "0", ANY, "receive")],
  ...["-1", "2147484", "1m", "1e3"].map((value): [string[], string] => [
    ["-w", value],
    invalid(TIMEOUT, value, SECONDS, "receive"),
  ]),
  [
    ["1.1.1.1", "Hi"],
    "receive: too many arguments. Expected 1 argument but got 2: 1.1.1.1, Hi.",
  ],
  [
    ["--explian"],
    "receive: unknown option '--explian'",
    "(Did you mean --explain?)",
  ],
];

await liveTest("receive does not begin on bad input: one sentence, exit 2", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await Promise.all(BAD_RECEIVE.map(async ([args, ...said]) => {
    const command = lab.inside("receiver", script("receive", ...args));
    const { code, stdout, stderr } = await run(command);
    assertEquals(
      stderr.trimEnd(),
      [...said, HINT.replace("send", "receive")].join("\n"),
    );
    assertEquals([code, stdout], [2, ""], args.join(" "));
  }));
  const toStdout = script("receive", "--write", "-");
  assertEquals(await run(lab.inside("receiver", toStdout)), {
    code: 2,
    stdout: "",
    stderr: "receive: --write needs the name of a file\n",
  });
  for (
    const [args, said] of [
      [["1.1.1.1", "-b", "1.1.1.2"], "1.1.1.1 and --bind 1.1.1.2 are two"],
      [["--explain", "--json"], "--explain and --json exclude each other"],
    ] as const
  ) {
    const command = lab.inside("receiver", script("receive", ...args));
    const { code, stdout, stderr } = await run(command);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, said);
  }
  // The same address twice is one.
  const twice = script("receive", "1.1.1.1", "-b", "1.1.1.1", "-w", "0");
  const { code, stdout } = await run(lab.inside("receiver", twice));
  assertEquals(code, 1);
  assertStringIncludes(stdout, "address 1.1.1.1");
});

await liveTest("what may be meant as milliseconds is told to be seconds", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const sending = async (interval: string) => {
    const command = script("send", "1.1.1.1", "Hi", "-c", "1", "-i", interval);
    const { stderr } = await run(lab.inside("sender", command));
    return stderr.split("\n")[0];
  };
  assertEquals(
    await sending("100"),
    "100 are seconds now, not milliseconds: for those, 100ms.",
  );
  for (const clear of ["60", "100ms", "100s", "0.5"]) {
    assert(!(await sending(clear)).includes("milliseconds"), clear);
  }
});
