import { assert, assertEquals } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  AsyncSocket,
  type Family,
  type ICMPReply,
  ICMPRequest,
  type ICMPSocket,
  ICMPv4Socket,
  ICMPv6Socket,
  type IgnoredCounts,
  multiping,
  ping,
  TimeoutExceeded,
} from "../../../mod.ts";
import { takeIdentifier } from "../../../lib/socket/icmp/identifiers.ts";
import { pairUp } from "../hosts.ts";
import { liveTest } from "../live.ts";
import {
  type Answer,
  reply,
  type Request,
  Responder,
  unreachable,
} from "../responder.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];
const RECEIVER = { 4: "1.1.1.1", 6: "2001:db8::1" } as const;
/** Nobody has these. */
const STRANGER = { 4: "1.1.1.77", 6: "2001:db8::77" } as const;

const REQUESTS = 50;
/** Of each lie, to each request: a thousand of each in all. */
const REPEATED = 20;
const ALL = REQUESTS * REPEATED;

/** Lies about a request, by the reason for which each must be refused. */
function lies(request: Request): (readonly [keyof IgnoredCounts, Answer])[] {
  const { family, payload, sequence, id } = request;
  const stranger = STRANGER[family];
  const flipped = payload.map((octet, i) => i === 0 ? octet ^ 0x80 : octet);
  const common = [
    ["source", reply(request, { source: stranger })],
    ["payload", reply(request, { payload: flipped })],
    ["payload", reply(request, { payload: payload.subarray(0, -1) })],
    ["sequence", reply(request, { sequence: sequence + 1000 })],
    ["quoted", unreachable(request, { destination: stranger })],
    ["quoted", unreachable(request, { id: id ^ 1 })],
    ["quoted", unreachable(request, { protocol: 17 })],
  ] as const;
  // The kernel itself refuses a wrong checksum of ICMPv6.
  return family === 6
    ? [...common]
    : [...common, ["checksum", reply(request, { checksum: 0x1234 })]];
}

/** Lies first, then the truth, but for every fifth request. */
function* lying(request: Request): Iterable<Answer> {
  for (const [, lie] of lies(request)) {
    for (let i = 0; i < REPEATED; i++) yield lie;
  }
  if (request.sequence % 5 !== 0) yield reply(request);
}

const TRUE = REQUESTS - REQUESTS / 5;

/** A thousand of each, again. */
const ROUNDS = 1000 / REPEATED;
/** What becomes of a request, by the remainder of its sequence number. */
const LATE = 1;
const REFUSED = 0;
/** A loose source route, which makes the header that an error quotes longer. */
const ROUTE = Uint8Array.of(131, 7, 4, 1, 1, 1, 1, 0);

/** The truth, each many times: too late, in time, or as an error. */
function repeating(): (request: Request) => Answer[] {
  let before: Request | undefined;
  const repeated = (answer: Answer) =>
    Array.from({ length: REPEATED }, () => answer);
  return (request) => {
    const late = before;
    before = undefined;
    if (request.sequence % 3 === REFUSED) {
      return repeated(unreachable(request, { options: ROUTE }));
    }
    if (request.sequence % 3 === LATE) {
      before = request;
      return [];
    }
    return [...repeated(reply(late!)), ...repeated(reply(request))];
  };
}

function open(lab: Lab, family: Family): ICMPSocket {
  const options = { namespace: lab.namespace("sender") };
  return family === 4 ? new ICMPv4Socket(options) : new ICMPv6Socket(options);
}

/** Only what could be counted: what the kernel filters wakes nobody. */
function expectedCounts(family: Family): Omit<IgnoredCounts, "type"> {
  return {
    source: ALL,
    payload: 2 * ALL,
    sequence: ALL,
    // Of the first request, too, what is filtered as soon as one waits.
    quoted: ALL + 2 * REPEATED,
    checksum: family === 4 ? ALL : 0,
    identifier: 0,
    late: 0,
    duplicate: 0,
    malformed: 0,
    advice: 0,
  };
}

for (const family of [4, 6] as const) {
  await liveTest(
    `an ICMP socket believes the truth alone, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      await using responder = await Responder.start(lab, family, lying);
      using socket = open(lab, family);
      const id = takeIdentifier();
      const replies: ICMPReply[] = [];
      for (let sequence = 1; sequence <= REQUESTS; sequence++) {
        const request = new ICMPRequest(RECEIVER[family], { id, sequence });
        socket.send(request);
        await responder.answered(sequence);
        try {
          const timeoutMs = sequence % 5 === 0 ? 20 : 10_000;
          replies.push(socket.receive(request, { timeoutMs }));
        } catch (error) {
          assert(error instanceof TimeoutExceeded, `${error}`);
        }
      }
      assertEquals(replies.length, TRUE);
      for (const reply of replies) {
        assertEquals([reply.source, reply.id], [RECEIVER[family], id]);
        assertEquals([reply.isDuplicate, reply.isLate], [false, false]);
        reply.raiseForStatus();
      }
      // Neighbor Discovery is ICMPv6, too.
      const type = family === 4 ? 0 : socket.ignored.type;
      assertEquals({ ...socket.ignored }, { ...expectedCounts(family), type });
    },
  );

  await liveTest(
    `an ICMP socket counts once what comes late, twice, or as an error, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      await using responder = await Responder.start(lab, family, repeating());
      using socket = open(lab, family);
      const id = takeIdentifier();
      const told: string[] = [];
      for (let sequence = 1; sequence <= 3 * ROUNDS + 1; sequence++) {
        const request = new ICMPRequest(RECEIVER[family], { id, sequence });
        socket.send(request);
        await responder.answered(sequence);
        try {
          const timeoutMs = sequence % 3 === LATE ? 20 : 10_000;
          const reply = socket.receive(request, { timeoutMs });
          assertEquals([reply.isDuplicate, reply.isLate], [false, false]);
          told.push(reply.description.split(":")[0]);
        } catch (error) {
          assert(error instanceof TimeoutExceeded, `${error}`);
        }
      }
      const round = ["echo reply", "destination unreachable"];
      assertEquals(told, Array(ROUNDS).fill(round).flat());
      const { late, duplicate, type: _, ...others } = socket.ignored;
      assertEquals([late, duplicate], [ROUNDS, 3 * ROUNDS * (REPEATED - 1)]);
      assertEquals(Object.values(others), Array(8).fill(0));
    },
  );

  await liveTest(
    `an AsyncSocket believes the truth alone, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      await using _ = await Responder.start(lab, family, lying);
      using socket = new AsyncSocket(open(lab, family));
      const id = takeIdentifier();
      let received = 0;
      // Five at a time, of which one is not answered.
      for (let first = 1; first <= REQUESTS; first += 5) {
        const requests = Array.from(
          { length: 5 },
          (_, i) =>
            new ICMPRequest(RECEIVER[family], { id, sequence: first + i }),
        );
        const stop = new AbortController();
        const outcomes = requests.map((request) => {
          const isAnswered = request.sequence % 5 !== 0;
          socket.send(request);
          return socket.receive(request, {
            timeoutMs: 10_000,
            signal: isAnswered ? undefined : stop.signal,
          });
        });
        const unanswered = outcomes.pop()!.then(() => 1, () => 0);
        for (const [i, reply] of (await Promise.all(outcomes)).entries()) {
          assertEquals(reply.sequence, first + i);
          assertEquals(reply.source, RECEIVER[family]);
          received++;
        }
        stop.abort();
        received += await unanswered;
      }
      assertEquals(received, TRUE);
    },
  );

  await liveTest(
    `ping() believes the truth alone, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      await using responder = await Responder.start(lab, family, lying);
      const host = await ping(RECEIVER[family], {
        count: REQUESTS,
        intervalMs: 2,
        timeoutMs: 10_000,
        namespace: lab.namespace("sender"),
      }).result;
      assertEquals(responder.requests.length, REQUESTS);
      assertEquals(
        [host.packetsSent, host.packetsReceived, host.rttsMs.length],
        [REQUESTS, TRUE, TRUE],
      );
      assertEquals([host.duplicates, host.lateReplies, host.errors], [
        0,
        0,
        [],
      ]);
    },
  );
}

await liveTest(
  "a host is not alive because another one is",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    // Whoever is asked, the receiver answers with everybody else's address.
    await using _ = await Responder.start(
      lab,
      4,
      (request) =>
        ["1.1.1.1", "1.1.1.2", "1.1.1.3"]
          .filter((source) => source !== request.destination)
          .map((source) => reply(request, { source })),
    );
    const hosts = await multiping(["1.1.1.1"], {
      count: 3,
      intervalMs: 10,
      timeoutMs: 2000,
      namespace: lab.namespace("sender"),
    }).result;
    assertEquals(hosts.map(({ isAlive }) => isAlive), [false]);
    assertEquals(hosts.map(({ refused }) => refused.source), [6]);
  },
);
