import { assert, assertEquals } from "@std/assert";
import {
  describeFailure,
  EXIT,
  exitCodeOf,
  exitCodeOfListening,
  ScriptError,
} from "../../lib/cli/exit.ts";
import { LabError } from "../../lib/lab/command.ts";
import {
  NameLookupError,
  socketError,
  SocketUnavailableError,
  TimeoutExceeded,
} from "../../lib/socket/errors.ts";

const EPERM = 1;
const EACCES = 13;
const ENETUNREACH = 101;
const ENOBUFS = 105;
const failure = (syscall: string, errno: number, action: string) =>
  socketError({ syscall, errno, action });

/** What is thrown, the exit code, and the sentence. */
const FAILURES: [error: Error, exitCode: number, sentence: string][] = [
  [new ScriptError("it is wrong", 2), 2, "it is wrong"],
  [new ScriptError("it went wrong", 4), 4, "it went wrong"],
  [
    new RangeError("ttl must be from 0 to 255, but is 256"),
    2,
    "ttl must be from 0 to 255, but is 256",
  ],
  [new TimeoutExceeded(500), 1, "nothing arrived within 500 ms"],
  [
    failure("socket", EPERM, "open a raw socket"),
    3,
    "cannot open a raw socket: Operation not permitted (socket: EPERM)",
  ],
  [
    failure("sendto", EACCES, "send 2 octets to 1.1.1.255"),
    2,
    "cannot send 2 octets to 1.1.1.255: Permission denied (sendto: EACCES)",
  ],
  // By a firewall, and by a route.
  [
    failure("sendto", EPERM, "send 2 octets to 1.1.1.1"),
    3,
    "cannot send 2 octets to 1.1.1.1: Operation not permitted (sendto: EPERM)",
  ],
  [
    failure("connect", EACCES, "find a route to 9.9.9.9"),
    3,
    "cannot find a route to 9.9.9.9: Permission denied (connect: EACCES)",
  ],
  [
    failure("connect", ENETUNREACH, "find a route to 9.9.9.9"),
    4,
    "cannot find a route to 9.9.9.9: Network is unreachable " +
    "(connect: ENETUNREACH)",
  ],
  [
    new NameLookupError("nobody.invalid", "Name or service not known"),
    4,
    'cannot resolve "nobody.invalid": Name or service not known',
  ],
  [
    new LabError("ip is not installed", "Install it."),
    4,
    "ip is not installed",
  ],
  [
    new Deno.errors.NotCapable("Requires ffi access"),
    3,
    "Requires ffi access",
  ],
];

Deno.test("exitCodeOf() tells input, network, permission and system apart", () => {
  for (const [error, exitCode, sentence] of FAILURES) {
    assertEquals(exitCodeOf(error), exitCode, sentence);
  }
  assertEquals(Object.values(EXIT), [0, 1, 2, 3, 4]);
});

Deno.test("exitCodeOfListening() says no only to silence that came too soon", () => {
  const TABLE: [
    reason: string,
    received: number,
    count: number,
    code: number,
  ][] = [
    ["timeout", 0, Infinity, 1],
    ["timeout", 1, Infinity, 0],
    ["timeout", 9, 10, 1],
    ["timeout", 10, 10, 0],
    ["aborted", 0, Infinity, 0],
    ["quit", 1, 10, 0],
    ["count", 10, 10, 0],
  ];
  for (const [reason, received, count, code] of TABLE) {
    assertEquals(exitCodeOfListening(reason, received, count), code, reason);
  }
});

Deno.test("describeFailure() begins with the script and one sentence", () => {
  for (const [error, , sentence] of FAILURES) {
    const text = describeFailure("send", error).replaceAll("\n", " ");
    const remedy = "remedy" in error ? error.remedy : undefined;
    const end = remedy === undefined ? "" : " ";
    assertEquals(text.slice(0, 6 + sentence.length), `send: ${sentence}`);
    assertEquals(text.slice(6 + sentence.length).slice(0, 1), end, text);
  }
});

Deno.test("describeFailure() wraps its sentence at 80 columns, but nothing quoted", () => {
  const SENTENCES: [message: string, lines: string[]][] = [
    // 80 columns, and one more.
    ["x".repeat(70) + " 789", ["send: " + "x".repeat(70) + " 789"]],
    ["x".repeat(70) + " 7890", ["send: " + "x".repeat(70), "7890"]],
    [
      "it is no interface of this host's, though what was named in " +
      'another\'s file is "a b c d \\" e" (or `ip link show dev eth0`)',
      [
        "send: it is no interface of this host's, though what was named in " +
        "another's file",
        'is "a b c d \\" e" (or `ip link show dev eth0`)',
      ],
    ],
    [
      `${"word ".repeat(13)}'-t, --ttl <hops>' and the hosts' 'a b c'`,
      [
        "send: " + "word ".repeat(13).trimEnd(),
        "'-t, --ttl <hops>' and the hosts' 'a b c'",
      ],
    ],
    // What another program printed stays in its lines.
    [
      `it failed: ${"word ".repeat(14)}\n  at ${"a b ".repeat(30)}end`,
      [
        `send: it failed: ${"word ".repeat(12).trimEnd()}`,
        "word word",
        `  at ${"a b ".repeat(30)}end`,
      ],
    ],
    // An escaped character takes more room.
    [
      "x".repeat(60) + " \x1b\x1b\x1b\x1b",
      ["send: " + "x".repeat(60), "\\x1b\\x1b\\x1b\\x1b"],
    ],
  ];
  for (const [message, lines] of SENTENCES) {
    const text = describeFailure("send", new ScriptError(message, 2));
    assertEquals(text.split("\n"), lines);
  }
});

Deno.test("describeFailure() ends with what to do, where there is something", () => {
  const REMEDIES: [error: Error, remedy: RegExp | undefined][] = [
    [new ScriptError("wrong", 2), undefined],
    [new ScriptError("wrong", 3, "Do this."), /^Do this\.$/],
    [failure("socket", EPERM, "open a raw socket"), /as root \(sudo\)/],
    [failure("connect", ENETUNREACH, "find a route"), /^No route leads there/],
    // The command line's word for it, not the library's.
    [
      failure("sendto", EACCES, "send 2 octets"),
      /^It is an address of many hosts, not of one\. Add --broadcast, if that/,
    ],
    [new NameLookupError("x", "y"), /^Check the spelling/],
    [new LabError("ip is not installed", "Install it."), /^Install it\.$/],
  ];
  for (const [error, remedy] of REMEDIES) {
    const flags = { broadcast: "--broadcast" };
    const [, ...rest] = describeFailure("send", error, flags).split("\n");
    if (remedy === undefined) assertEquals(rest, []);
    else assert(remedy.test(rest.join(" ")), rest.join("\n"));
  }
});

Deno.test("describeFailure() advises no option that the script has not", () => {
  const lines = (errno: number) =>
    describeFailure("sweep", failure("sendto", errno, "send")).split("\n")
      .slice(1).join(" ");
  assertEquals(
    lines(EACCES),
    "It is an address of many hosts, not of one.",
  );
  assertEquals(
    lines(ENOBUFS),
    "The send buffer, or the queue of the interface (`tc -s qdisc` shows it), " +
      "has no room for it: send slower.",
  );
});

Deno.test("describeFailure() wraps what to do at 80 columns, commands as a shell does", () => {
  const error = failure("socket", EPERM, "open a raw socket");
  const [, ...lines] = describeFailure("send", error).split("\n");
  assertEquals(lines.filter((line) => line.length > 80), []);
  const joined = lines.join("\n").replaceAll(/ \\\n */g, " ");
  const command = /^ {2}sudo setpriv .* deno run …$/m.exec(joined)?.[0];
  assert(command !== undefined && error.remedy!.includes(command), joined);
  const words = (text: string) => text.split(/\s+/);
  assertEquals(words(joined), words(error.remedy!));
});

Deno.test("describeFailure() leaves what stands in backquotes in one line", () => {
  const command = "`ip link set dev eth0 mtu 9000`";
  const remedy = `${"word ".repeat(12)}${command} helps, \`nothing else.`;
  const lines = describeFailure("send", new ScriptError("wrong", 2, remedy))
    .split("\n").slice(1);
  assertEquals(lines, [
    "word ".repeat(12).trimEnd(),
    `${command} helps, \`nothing else.`,
  ]);
});

Deno.test("describeFailure() shows the stack only of faults of our own", () => {
  for (const [error] of FAILURES) {
    assert(!describeFailure("send", error).includes("    at "), error.message);
  }
  for (const error of [new TypeError("no"), new SocketUnavailableError()]) {
    const text = describeFailure("send", error);
    assert(text.startsWith(`send: unexpected ${error.name}`), text);
    assert(text.includes("    at "), text);
  }
  assertEquals(describeFailure("send", "text"), "send: text");
});
