/** Requests that are sent again, and what is no answer to one. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  encodeICMPv4,
  type ICMPReply,
  ICMPRequest,
  icmpv4,
  ICMPv4Socket,
  ipv4,
  PingSocket,
  TimeoutExceeded,
} from "../../../mod.ts";
import { pairUp, ROOTS_GROUP, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { quoted, reply, Responder, unreachable } from "../responder.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];

const socketIn = (lab: Lab, privileged = true) =>
  new ICMPv4Socket({ privileged, namespace: lab.namespace("sender") });

/** The round trip as icmplib's users reckon it, in milliseconds. */
const reckoned = (request: ICMPRequest, reply: ICMPReply) =>
  1000 * (reply.time - request.time);

for (const privileged of [true, false]) {
  const kind = privileged ? "a raw" : "a ping";
  await liveTest(
    `a request sent twice has two round trips, none negative: ${kind} socket`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      await setKernel(lab, "sender", {
        "net.ipv4.ping_group_range": ROOTS_GROUP,
      });
      await using responder = await Responder.start(
        lab,
        4,
        (it) => [reply(it)],
      );
      using socket = socketIn(lab, privileged);
      const request = new ICMPRequest("1.1.1.1", { id: 7, sequence: 1 });
      for (let round = 1; round < 20; round++) {
        const times: number[] = [];
        for (const sent of [2 * round - 1, 2 * round]) {
          socket.send(request);
          times.push(request.time);
          // The first reply is there before the second is sent.
          await responder.answered(sent);
        }
        for (const time of times) {
          const answer = socket.receive(request);
          assertEquals([answer.isDuplicate, answer.isLate], [false, false]);
          assert(answer.roundTripMs! >= 0, `${answer.roundTripMs}`);
          // Each of its own sending, as the time in the request says afterwards.
          assert(Math.abs(request.time - time) < 1e-5, `${round}`);
          assert(
            Math.abs(reckoned(request, answer) - answer.roundTripMs!) < 0.01,
          );
          assert(reckoned(request, answer) >= 0);
        }
      }
      assertEquals(socket.ignored.duplicate, 0);
    },
  );
}

await liveTest(
  "a request sent again after nothing came is answered in time",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using responder = await Responder.start(
      lab,
      4,
      (it) =>
        responder.requests.length === 1
          ? []
          : [reply(it), reply(it), reply(it)],
    );
    using socket = socketIn(lab);
    const request = new ICMPRequest("1.1.1.1", { id: 7, sequence: 1 });
    socket.send(request);
    await responder.answered(1);
    assertThrows(
      () => socket.receive(request, { timeoutMs: 1 }),
      TimeoutExceeded,
    );
    socket.send(request);
    const again = request.time;
    await responder.answered(2);
    const answers = [1, 2, 3].map(() => socket.receive(request));
    // One more than was sent for; the first sending had been given up.
    assertEquals(
      answers.map(({ isLate, isDuplicate }) => [isLate, isDuplicate]),
      [[false, false], [true, false], [false, true]],
    );
    const [{ time, roundTripMs }] = answers;
    assert(Math.abs(time - roundTripMs! / 1000 - again) < 1e-5);
  },
);

await liveTest(
  "a redirect is no answer to a request, but to who takes anything",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using responder = await Responder.start(lab, 4, (request) => {
      const { destination: source, source: destination } = request;
      const redirect = icmpv4({
        kind: "redirect",
        code: 1,
        gateway: "1.1.1.9",
      });
      const packet = buildPacket(
        ipv4({ source, destination }),
        redirect,
        quoted(request),
      );
      return [{ packet }, reply(request)];
    });
    using socket = socketIn(lab);
    const request = new ICMPRequest("1.1.1.1", { id: 7, sequence: 1 });
    socket.send(request);
    await responder.answered(1);
    assertEquals(socket.receive(request).isEchoReply, true);
    assertEquals(socket.ignored.advice, 1);

    socket.send(new ICMPRequest("1.1.1.1", { id: 7, sequence: 2 }));
    await responder.answered(2);
    const first = socket.receive();
    assertEquals([first.isAdvice, first.isEchoReply, first.gateway], [
      true,
      false,
      "1.1.1.9",
    ]);
    first.raiseForStatus();
    assertEquals(socket.receive().isEchoReply, true);
  },
);

await liveTest(
  "a ping socket gives errors before the packets behind them",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await setKernel(lab, "sender", {
      "net.ipv4.ping_group_range": ROOTS_GROUP,
    });
    await using responder = await Responder.start(
      lab,
      4,
      (request) => [unreachable(request), reply(request)],
    );
    using socket = PingSocket.open({ namespace: lab.namespace("sender") });
    socket.send(
      encodeICMPv4({ kind: "echoRequest", payload: new Uint8Array(8) }),
      "1.1.1.1",
    );
    await responder.answered(1);
    const batch = await socket.receiveBatch();
    assertEquals(batch.map(({ error }) => error?.type), [3, undefined]);
  },
);
