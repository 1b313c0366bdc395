import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ICMPRequest,
  ICMPv4Socket,
  ICMPv6Socket,
  multiping,
  SocketBroadcastError,
  TimeoutExceeded,
} from "../../../mod.ts";
import { addLinkLocals, pairUp } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { reply, Responder } from "../responder.ts";

await liveTest("ICMPv4Socket: a broadcast, and who answers it", [
  "lab",
  "nsenter",
  "sysctl",
], async () => {
  await using lab = await pairUp();
  await using responder = await Responder.start(
    lab,
    4,
    (request) =>
      ["1.1.1.1", "1.1.1.2", "1.1.1.3"].map((source) =>
        reply(request, { source })
      ),
  );
  using socket = new ICMPv4Socket({ namespace: lab.namespace("sender") });
  const request = new ICMPRequest("1.1.1.255", { id: 7, sequence: 1 });
  assertEquals(socket.broadcast, false);
  const error = assertThrows(() => socket.send(request), SocketBroadcastError);
  assert(error.remedy!.includes("broadcast"), error.remedy);
  socket.broadcast = true;
  assertEquals(socket.broadcast, true);
  socket.send(request);
  await responder.answered(1);
  const replies = [1, 2, 3].map(() => socket.receive(request));
  assertEquals(
    replies.map(({ source, isDuplicate }) => [source, isDuplicate]),
    [["1.1.1.1", false], ["1.1.1.2", false], ["1.1.1.3", false]],
  );
  assertThrows(
    () => socket.receive(request, { timeoutMs: 1 }),
    TimeoutExceeded,
  );
  socket.broadcast = false;
  assertThrows(() => socket.send(request), SocketBroadcastError);
});

await liveTest("ICMPv6Socket: all nodes of a link, and a link-local address", [
  "lab",
], async () => {
  await using lab = await pairUp();
  // The kernel's own ones are tentative for a second or two.
  await addLinkLocals(lab);
  using socket = new ICMPv6Socket({ namespace: lab.namespace("sender") });
  for (const [sequence, to] of ["fe80::1", "ff02::1"].entries()) {
    const request = new ICMPRequest(`${to}%eth0`, { id: 8, sequence });
    socket.send(request);
    const sources = [socket.receive(request).source];
    // To all nodes this host itself answers, too, before the other.
    if (sequence === 1) sources.push(socket.receive(request).source);
    assert(
      sources.includes("fe80::1%eth0"),
      `${sources}`,
    );
  }
  const nowhere = new ICMPRequest("fe80::1%eth9", { id: 8, sequence: 9 });
  assertThrows(() => socket.send(nowhere), RangeError, '"eth9"');
});

await liveTest("multiping() of addresses that many answer", [
  "lab",
  "nsenter",
  "sysctl",
], async () => {
  await using lab = await pairUp();
  await using _ = await Responder.start(lab, 4, (request) =>
    // Each listens to the broadcast, and to its own address.
    ["1.1.1.1", "1.1.1.2", "1.1.1.3"]
      .filter((source) =>
        request.destination === source || request.destination === "1.1.1.255"
      )
      .map((source) => reply(request, { source })));
  const names = ["1.1.1.255", "1.1.1.1", "1.1.1.255"];
  const hosts = await multiping(names, {
    count: 3,
    intervalMs: 10,
    timeoutMs: 3000,
    broadcast: true,
    namespace: lab.namespace("sender"),
  }).result;
  assertEquals(
    hosts.map(({ packetsReceived, duplicates }) => [
      packetsReceived,
      duplicates,
    ]),
    [[3, 6], [3, 0], [3, 6]],
  );
  const [refused] = await multiping(["1.1.1.255"], {
    namespace: lab.namespace("sender"),
    intervalMs: 1,
  }).result;
  assertEquals(refused.packetsSent, 0);
  assert(refused.failure instanceof SocketBroadcastError);
});

await liveTest(
  "multiping() of link-local addresses and all nodes",
  ["lab"],
  async () => {
    await using lab = await pairUp();
    await addLinkLocals(lab);
    const hosts = await multiping(["fe80::1%eth0", "ff02::1%eth0"], {
      source: "fe80::100%eth0",
      intervalMs: 10,
      timeoutMs: 300,
      namespace: lab.namespace("sender"),
    }).result;
    assertEquals(
      hosts.map(({ packetsReceived, duplicates }) => [
        packetsReceived,
        duplicates,
      ]),
      [[2, 0], [2, 2]],
    );
  },
);
