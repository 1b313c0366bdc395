import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ICMPRequest,
  type ICMPSocket,
  ICMPv4Socket,
  ICMPv6Socket,
  RawSocket,
  SocketAddressError,
  SocketUnavailableError,
  TimeoutExceeded,
} from "../../../mod.ts";
import { pairUp, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { reply, Responder, unreachable } from "../responder.ts";

const KINDS = [
  [ICMPv4Socket, 4, "127.0.0.1", "1.1.1.1", 0],
  [ICMPv6Socket, 6, "::1", "2001:db8::1", 129],
] as const;

for (const [Socket, family, loopback, receiver, echoReply] of KINDS) {
  await liveTest(`${Socket.name}: a round trip on loopback`, ["lab"], () => {
    using socket: ICMPSocket = new Socket();
    const request = new ICMPRequest(loopback, {
      id: 0xabc,
      sequence: 65_535,
      payloadSize: 100,
    });
    const before = Date.now() / 1000;
    socket.send(request);
    const reply = socket.receive(request);
    assert(request.time >= before - 1 && reply.time >= request.time - 0.001);
    assertEquals(
      [reply.source, reply.destination, reply.family, reply.type, reply.code],
      [loopback, loopback, family, echoReply, 0],
    );
    assertEquals(
      [reply.id, reply.sequence, reply.bytesReceived, reply.ttl],
      [0xabc, 65_535, 108, 64],
    );
    assertEquals(reply.payload, request.payload);
    assertEquals(reply.quoted.length, 0);
    assertEquals([reply.isDuplicate, reply.isLate], [false, false]);
    assert(reply.roundTripMs! >= 0 && reply.roundTripMs! < 10_000);
    // IPv6 raw sockets are handed no IP header.
    assertEquals(reply.packet.length, family === 4 ? 128 : 0);
    reply.raiseForStatus();
  });

  await liveTest(
    `${Socket.name}: its properties, open and closed`,
    ["lab"],
    () => {
      const socket = new Socket({ address: loopback });
      assertEquals(
        [socket.address, socket.isPrivileged, socket.isClosed, socket.blocking],
        [loopback, true, false, false],
      );
      assert(socket.socket instanceof RawSocket);
      socket.blocking = true;
      assertEquals(socket.blocking, true);
      socket.blocking = false;
      assertEquals(socket.blocking, false);
      const request = new ICMPRequest(loopback, { id: 1, sequence: 1 });
      socket.close();
      socket.close();
      assertEquals([socket.isClosed, socket.socket], [true, null]);
      for (
        const use of [
          () => socket.send(request),
          () => socket.receive(request),
          () => socket.receive(),
          () => socket.blocking,
          () => socket.blocking = true,
        ]
      ) assertThrows(use, SocketUnavailableError, "the socket is closed");
      using unbound = new Socket();
      assertEquals(unbound.address, null);
    },
  );

  await liveTest(`${Socket.name}: what is out of range`, ["lab"], () => {
    using socket: ICMPSocket = new Socket();
    const other = family === 4 ? "::1" : "127.0.0.1";
    const request = new ICMPRequest(other, { id: 1, sequence: 1 });
    assertThrows(() => socket.send(request), RangeError, other);
    for (const timeoutMs of [-1, NaN, Infinity, 2 ** 31]) {
      assertThrows(
        () => socket.receive(undefined, { timeoutMs }),
        RangeError,
        `${timeoutMs}`,
      );
    }
    assertThrows(() => new Socket({ address: other }), RangeError, other);
    const notOurs = family === 4 ? "192.0.2.1" : "2001:db8:dead::1";
    const error = assertThrows(
      () => new Socket({ address: notOurs }),
      SocketAddressError,
      notOurs,
    );
    assert(error.remedy!.includes("ip address"), error.remedy);
  });

  await liveTest(
    `${Socket.name}: one identifier after another`,
    ["lab"],
    () => {
      using socket: ICMPSocket = new Socket();
      for (let id = 100; id < 120; id++) {
        const request = new ICMPRequest(loopback, { id, sequence: 1 });
        socket.send(request);
        assertEquals(socket.receive(request).id, id);
      }
    },
  );

  await liveTest(`${Socket.name}: time to live, traffic class, any message`, [
    "lab",
    "nsenter",
    "sysctl",
  ], async () => {
    await using lab = await pairUp();
    const namespace = lab.namespace("receiver");
    await setKernel(lab, "receiver", {
      "net.ipv4.ip_default_ttl": 99,
      "net.ipv6.conf.all.hop_limit": 99,
      "net.ipv6.conf.eth0.hop_limit": 99,
    });
    using peer = new Socket({ namespace });
    using socket: ICMPSocket = new Socket({
      namespace: lab.namespace("sender"),
    });
    for (const [ttl, trafficClass] of [[64, 0], [1, 0xb8], [255, 3], [64, 0]]) {
      const options = { id: 5, sequence: ttl, ttl, trafficClass };
      const request = new ICMPRequest(receiver, options);
      socket.send(request);
      assertEquals(socket.receive(request).ttl, 99);
      // The peer takes whatever comes: Neighbor Discovery, and our request.
      let seen = peer.receive();
      while (seen.type !== (family === 4 ? 8 : 128)) seen = peer.receive();
      assertEquals(seen.ttl, ttl);
      if (family === 4) assertEquals(seen.packet[1], trafficClass);
      assertThrows(() => seen.raiseForStatus());
    }
  });

  await liveTest(`${Socket.name}: late, duplicate, and an error with options`, [
    "lab",
    "nsenter",
    "sysctl",
  ], async () => {
    await using lab = await pairUp();
    const released = Promise.withResolvers<void>();
    // Loose source route: an option that makes the quoted header longer.
    const options = Uint8Array.of(131, 7, 4, 1, 1, 1, 1, 0);
    await using responder = await Responder.start(lab, family, (request) => {
      if (request.sequence === 1) {
        return [{ ...reply(request), after: released.promise }];
      }
      return request.sequence === 2
        ? [reply(request), reply(request), reply(request)]
        : [unreachable(request, { options })];
    });
    using socket: ICMPSocket = new Socket({
      namespace: lab.namespace("sender"),
    });
    const [late, twice, refused] = [1, 2, 3].map((sequence) =>
      new ICMPRequest(receiver, { id: 9, sequence })
    );
    socket.send(late);
    assertThrows(
      () => socket.receive(late, { timeoutMs: 30 }),
      TimeoutExceeded,
      "nothing arrived within 30 ms",
    );
    released.resolve();
    await responder.answered(1);
    assertEquals(socket.receive(late).isLate, true);

    socket.send(twice);
    await responder.answered(2);
    assertEquals(socket.receive(twice).isDuplicate, false);
    assertEquals(socket.receive(twice).isDuplicate, true);

    socket.send(refused);
    await responder.answered(3);
    const error = socket.receive(refused);
    // The third of the three was in between.
    assertEquals(socket.ignored.duplicate, 1);
    assertEquals(error.isEchoReply, false);
    assertEquals([error.id, error.sequence], [9, 3]);
    assert(error.quoted.length > 0);
    assertThrows(() => error.raiseForStatus(), Error, `${receiver} answers: `);
  });

  await liveTest(
    `${Socket.name}: payloads of every size over a cable`,
    ["lab"],
    async () => {
      await using lab = await pairUp();
      using socket: ICMPSocket = new Socket({
        namespace: lab.namespace("sender"),
      });
      const sizes = [0, 1, 15, 1472, 1473, 9000, 65_000, 65_507];
      for (const [sequence, payloadSize] of sizes.entries()) {
        const options = { id: 3, sequence, payloadSize };
        const request = new ICMPRequest(receiver, options);
        socket.send(request);
        const { payload, bytesReceived } = socket.receive(request);
        assertEquals(bytesReceived, payloadSize + 8);
        assert(payload.every((octet, i) => octet === request.payload[i]));
      }
    },
  );
}
