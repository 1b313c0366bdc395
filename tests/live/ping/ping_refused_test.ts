/** What ping does not believe, and what it says of it, beside iputils. */

import { assert, assertEquals } from "@std/assert";
import {
  buildPacket,
  encodeICMPv4,
  icmpv4,
  type ICMPv4Fields,
  icmpv6,
  type ICMPv6Fields,
  ipv4,
  ipv6,
  PingSocket,
  RawSocket,
} from "../../../mod.ts";
import { pairUp, ROOTS_GROUP, setKernel, stampsAreOn } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import {
  allAsked,
  type Answer,
  quoted,
  reply,
  type Request,
  Responder,
  unreachable,
} from "../responder.ts";

const NEEDS = ["lab", "nsenter", "sysctl", "ping"];
const RECEIVER = { 4: "1.1.1.1", 6: "2001:db8::1" } as const;
const STRANGER = { 4: "1.1.1.77", 6: "2001:db8::77" } as const;

/** A screen without its times. */
function timeless(screen: string): string[] {
  return screen.trim().split("\n").map((line) =>
    line.replace(/time[= ][\d.]+ ?ms/, "time T ms")
  );
}

/** An octet of the payload that is none of iputils' time stamp. */
const ALTERED = 40;

function altered(request: Request): Answer {
  const payload = request.payload.slice();
  payload[ALTERED] ^= 0x80;
  return reply(request, { payload });
}

/** Lies by sequence number, and what iputils and we say of each. */
const LIES: readonly [
  lie: (request: Request) => Answer,
  mark: string,
  reason: string,
][] = [
  [
    (request) => reply(request, { source: STRANGER[request.family] }),
    " (DIFFERENT ADDRESS!)",
    "source",
  ],
  [
    (request) => reply(request, { payload: request.payload.subarray(0, 20) }),
    " (truncated)",
    "truncated",
  ],
  [altered, "", "payload"],
  [
    (request) => reply(request, { checksum: 0x1234 }),
    " (BAD CHECKSUM!)",
    "checksum",
  ],
];

for (const family of [4, 6] as const) {
  await liveTest(
    `ping.ts tells what it refuses, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      // The kernel itself refuses a wrong checksum of ICMPv6.
      const lies = family === 4 ? LIES : LIES.slice(0, -1);
      const all = allAsked(lies.length);
      await using _ = await Responder.start(
        lab,
        family,
        (request) => {
          const lie = lies[request.sequence - 1][0](request);
          return [{ ...lie, after: all(request) }];
        },
      );
      const args = ["-c", `${lies.length}`, "-i", "0.05", "-W", "5"];
      const ping = (...command: string[]) =>
        run(lab.inside("sender", [...command, ...args, RECEIVER[family]]));
      const [ours, theirs, json] = await Promise.all([
        ping(...script("ping")),
        ping("ping"),
        ping(...script("ping", "--json")),
      ]);
      const screen = timeless(ours.stdout);
      const theirScreen = timeless(theirs.stdout);
      for (const [i, [, mark, reason]] of lies.entries()) {
        const isOf = (line: string) => line.includes(`icmp_seq=${i + 1} `);
        const [line] = screen.filter(isOf);
        assert(line.endsWith(mark), ours.stdout);
        // iputils looks at no checksum but that of an error.
        const wanted = reason === "checksum" ? line.replace(mark, "") : line;
        assertEquals(theirScreen.filter(isOf), [wanted]);
        if (reason !== "payload") continue;
        const wrong = new RegExp(
          `^wrong data byte #${ALTERED} should be 0x[0-9a-f]+ but was 0x[0-9a-f]+$`,
        );
        for (const shown of [screen, theirScreen]) {
          const next = shown[shown.findIndex(isOf) + 1];
          assert(wrong.test(next), next);
        }
      }
      // It is never counted as received, which iputils does.
      const summary = screen.at(-1)!;
      const corrupted = family === 4 ? "+1 corrupted, " : "";
      assertEquals(
        summary,
        `${lies.length} packets transmitted, 0 received, ${corrupted}` +
          "+1 from different addresses, +1 truncated, +1 altered, " +
          "100% packet loss, time T ms",
      );
      assertEquals(ours.code, 1);

      const events = json.stdout.trim().split("\n").map((it) => JSON.parse(it));
      const refused = events.filter(({ type }) => type === "refused");
      assertEquals(
        refused.map(({ sequence, reason }) => [sequence, reason]),
        lies.map(([, , reason], i) => [i + 1, reason]),
      );
      const { altered, from } = refused[2];
      assertEquals(altered.offset, ALTERED);
      assertEquals(altered.sent ^ altered.received, 0x80);
      assertEquals([from, refused[0].from], [
        RECEIVER[family],
        STRANGER[family],
      ]);
      assertEquals(
        Object.keys(refused[0]).join(" "),
        "type name address from sequence wireSequence roundTripMs ttl length " +
          "icmpType icmpCode description reason altered timestamp",
      );
      assertEquals(events.at(-1).refused, {
        source: 1,
        checksum: family === 4 ? 1 : 0,
        truncated: 1,
        payload: 1,
        sequence: 0,
        quoted: 0,
      });
    },
  );
}

/** What a router says of a request, by sequence number. */
const SAID4: readonly ICMPv4Fields[] = [
  { kind: "redirect", code: 0, gateway: "1.1.1.9" },
  { kind: "redirect", code: 1, gateway: "1.1.1.9" },
  { kind: "redirect", code: 3, gateway: "1.1.1.9" },
  { kind: "sourceQuench" },
  { kind: "parameterProblem", pointer: 20 },
  { kind: "destinationUnreachable", code: 4, nextHopMTU: 1300 },
  { kind: "timeExceeded", code: 1 },
];
const SAID6: readonly ICMPv6Fields[] = [
  { kind: "parameterProblem", code: 0, pointer: 40 },
  { kind: "parameterProblem", code: 1, pointer: 6 },
  { kind: "parameterProblem", code: 2, pointer: 42 },
  { kind: "packetTooBig", mtu: 1300 },
  { kind: "destinationUnreachable", code: 2 },
];

function said(request: Request): Answer {
  const { family, source: destination, sequence } = request;
  const quotation = quoted(request);
  const between = { source: RECEIVER[family], destination };
  return {
    packet: family === 4
      ? buildPacket(ipv4(between), icmpv4(SAID4[sequence - 1]), quotation)
      : buildPacket(ipv6(between), icmpv6(SAID6[sequence - 1]), quotation),
  };
}

for (const family of [4, 6] as const) {
  await liveTest(
    `ping.ts shows gateways and pointers as iputils, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      // The truth comes behind what is said.
      await using _ = await Responder.start(
        lab,
        family,
        (request) => [said(request), reply(request)],
      );
      const count = family === 4 ? SAID4.length : SAID6.length;
      const args = [
        "-c",
        `${count}`,
        "-i",
        "0.05",
        "-W",
        "20",
        RECEIVER[family],
      ];
      const ping = (...command: string[]) =>
        run(lab.inside("sender", [...command, ...args]));
      const [ours, theirs, json] = await Promise.all([
        ping(...script("ping")),
        ping("ping"),
        ping(...script("ping", "--json")),
      ]);
      const words = (screen: string) =>
        screen.split("\n").filter((line) => line.startsWith("From "));
      assertEquals(words(ours.stdout).length, count, ours.stdout);
      // iputils counts an error for an answer, and so ends before the last.
      const shown = words(theirs.stdout);
      assert(shown.length >= 3, theirs.stdout);
      assertEquals(words(ours.stdout).slice(0, shown.length), shown);
      const errors = family === 4 ? 3 : count;
      assert(
        ours.stdout.includes(
          `${count} packets transmitted, ${count} received, +${errors} errors, 0%`,
        ),
        ours.stdout,
      );
      const events = json.stdout.trim().split("\n").map((it) => JSON.parse(it));
      const of = (type: string, key: string) =>
        events.filter((event) => event.type === type).map((event) =>
          event[key]
        );
      const { errors: counted } = events.at(-1);
      assertEquals(counted.length, errors);
      assertEquals(
        of("error", "pointer"),
        family === 4 ? [20, null, null] : [40, 6, 42, null, null],
      );
      assertEquals(
        of("error", "nextHopMTU"),
        family === 4 ? [null, 1300, null] : [null, null, null, 1300, null],
      );
      assertEquals(
        of("advice", "gateway"),
        family === 4 ? ["1.1.1.9", "1.1.1.9", "1.1.1.9", null] : [],
      );
    },
  );
}

/** An echo reply, or an error, of every identifier there is. */
function* blind(
  request: Request,
  forge: (request: Request) => Answer,
): Iterable<Uint8Array> {
  for (let id = 0; id <= 0xffff; id++) yield forge({ ...request, id }).packet;
}

/** The first octets of a request, as somebody who never saw it makes them up. */
function guessed(request: Request): Answer {
  const { family, source } = request;
  // Of the payload nothing is known but its length.
  const length = family === 4 ? 28 : 48;
  const payload = new Uint8Array(request.payload.length);
  return unreachable({ ...request, payload }, { length, source });
}

const BLIND: readonly [
  name: string,
  args: readonly string[],
  forge: (request: Request) => Answer,
][] = [
  ["errors about a random payload", [], guessed],
  ["errors about a payload that is known", ["--pattern", "00"], guessed],
  ["errors about no payload", ["-s", "0"], guessed],
  ["replies with a payload that is known", ["--pattern", "00"], reply],
  ["replies without a payload", ["-s", "0"], reply],
];

for (const [name, args, forge] of BLIND) {
  await liveTest(`ping.ts believes no blind ${name}`, NEEDS, async () => {
    await using lab = await pairUp();
    using attacker = RawSocket.open({
      protocol: 1,
      headerIncluded: true,
      namespace: lab.namespace("receiver"),
    });
    await using responder = await Responder.start(lab, 4, (request) => [{
      ...reply(request),
      // All know that the first request's number is 1, or think so.
      after: attacker.sendMany(
        Array.from(
          blind({ ...request, sequence: 1 }, forge),
          (bytes) => ({ bytes, destination: request.source }),
        ),
      ),
    }]);
    const command = script("ping", "--json", "-c", "1", "-W", "20", ...args);
    const { stdout, code } = await run(
      lab.inside("sender", [...command, "1.1.1.1"]),
    );
    // The true reply alone, which comes last.
    assertEquals(responder.requests.length, 1);
    const events = stdout.trim().split("\n").map((it) => JSON.parse(it));
    const replies = events.filter(({ type }) => type === "reply");
    const host = events.at(-1);
    assertEquals(
      [code, replies.length, host.packetsReceived, host.errors],
      [0, 1, 1, []],
      stdout,
    );
    const { sequence, wireSequence } = replies[0];
    const [request] = responder.requests;
    assertEquals([sequence, wireSequence], [1, request.sequence]);
    // Of the forged ones that have its identifier it tells.
    const told = events.filter(({ type }) => type === "refused");
    assertEquals(told.length <= 1, true, stdout);
  });
}

await liveTest(
  "ping.ts ends with a host's last word, and counts what came before",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await setKernel(lab, "sender", {
      "net.ipv4.ping_group_range": ROOTS_GROUP,
    });
    // Of the last request an error, the truth, and much more at once.
    await using _ = await Responder.start(
      lab,
      4,
      (request) =>
        request.sequence < 3 ? [reply(request)] : [
          unreachable(request),
          reply(request),
          ...Array.from({ length: 50 }, () => reply(request)),
        ],
    );
    const args = ["-c", "3", "-i", "0.05", "-W", "5", "1.1.1.1"];
    for (const kind of [[], ["--unprivileged"]]) {
      const { stdout, code } = await run(
        lab.inside("sender", script("ping", ...kind, ...args)),
      );
      const lines = timeless(stdout);
      const from = (sequence: number) =>
        `64 bytes from 1.1.1.1: icmp_seq=${sequence} ttl=64 time T ms`;
      assertEquals(lines.slice(0, -1), [
        "PING 1.1.1.1 (1.1.1.1) 56(84) bytes of data.",
        from(1),
        from(2),
        "From 1.1.1.1 icmp_seq=3 Destination Host Unreachable",
        from(3),
        "",
        "--- 1.1.1.1 ping statistics ---",
        "3 packets transmitted, 3 received, +1 errors, 0% packet loss, time T ms",
      ]);
      assertEquals(code, 0);
    }
  },
);

await liveTest(
  "a ping socket tells replies and errors in the order in which they came",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await setKernel(lab, "sender", {
      "net.ipv4.ping_group_range": ROOTS_GROUP,
    });
    await using _ = await Responder.start(
      lab,
      4,
      (request) =>
        request.sequence === 1
          ? [reply(request)]
          : [unreachable(request), reply(request)],
    );
    const namespace = lab.namespace("sender");
    using witness = RawSocket.open({ protocol: 1, namespace });
    using socket = PingSocket.open({ namespace });
    await stampsAreOn(namespace);
    for (const sequence of [1, 2]) {
      const header = { kind: "echoRequest", identifier: 1, sequence } as const;
      socket.send(encodeICMPv4(header), "1.1.1.1");
    }
    // Once this has them, the other has them, too.
    for (let i = 0; i < 3; i++) await witness.receive({ timeoutMs: 30_000 });
    const told = socket.receiveNow().map(({ bytes, error }) =>
      error === undefined ? bytes[7] : `error ${bytes[7]}`
    );
    assertEquals(told, [1, "error 2", 2]);
  },
);

await liveTest(
  "ping.ts -W 0 waits as long as it takes, as iputils' ping",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const both = Promise.withResolvers<void>();
    await using responder = await Responder.start(lab, 4, (request) => {
      if (responder.requests.length === 2) both.resolve();
      return [{ ...reply(request), after: both.promise }];
    });
    const args = ["-c", "1", "-W", "0", "1.1.1.1"];
    const screens = await Promise.all([
      run(lab.inside("sender", script("ping", ...args))),
      run(lab.inside("sender", ["ping", ...args])),
    ]);
    for (const { stdout, code } of screens) {
      const summary = "1 packets transmitted, 1 received, 0% packet loss";
      assert(stdout.includes(summary), stdout);
      assertEquals(code, 0);
    }
  },
);
