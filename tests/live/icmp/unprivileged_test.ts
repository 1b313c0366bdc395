import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AsyncSocket,
  DestinationUnreachable,
  type ICMPError,
  ICMPRequest,
  type ICMPSocket,
  ICMPv4Socket,
  ICMPv6Socket,
  ping,
  PingSocket,
  SocketPermissionError,
  TimeExceeded,
} from "../../../mod.ts";
import { pairUp, ROOTS_GROUP, routedUp, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { reply, Responder } from "../responder.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];

/** Where each kind of socket finds a server, and what is refused. */
const KINDS = [{
  Socket: ICMPv4Socket,
  family: 4,
  receiver: "1.1.1.1",
  server: "1.1.2.2",
  router: "1.1.1.1",
  refusals: [
    ["1.1.3.1", DestinationUnreachable, 3, 1],
    ["1.1.4.1", DestinationUnreachable, 3, 13],
  ],
  exceeded: [11, 0],
}, {
  Socket: ICMPv6Socket,
  family: 6,
  receiver: "2001:db8::1",
  server: "2001:db8:2::2",
  router: "2001:db8:1::1",
  refusals: [
    ["2001:db8:3::1", DestinationUnreachable, 1, 0],
    ["2001:db8:4::1", DestinationUnreachable, 1, 1],
  ],
  exceeded: [3, 0],
}] as const;

await liveTest(
  "a ping socket needs the system's leave, and says how to get it",
  NEEDS,
  async () => {
    // New namespaces give it to nobody.
    await using lab = await pairUp();
    const namespace = lab.namespace("sender");
    for (const { Socket } of KINDS) {
      const error = assertThrows(
        () => new Socket({ privileged: false, namespace }),
        SocketPermissionError,
        "cannot open a ping socket",
      );
      assert(error.remedy!.includes("net.ipv4.ping_group_range"), error.remedy);
      assertEquals(error.remedy!.includes("\n"), false);
    }
  },
);

for (const kind of KINDS) {
  const { Socket, family, receiver, server, router } = kind;

  await liveTest(
    `a ping socket has the kernel's identifier, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      await setKernel(lab, "sender", {
        "net.ipv4.ping_group_range": ROOTS_GROUP,
      });
      await using responder = await Responder.start(lab, family, (request) => [
        reply(request, { payload: request.payload.map((octet) => octet ^ 1) }),
        reply(request, { sequence: request.sequence + 1 }),
        reply(request, { ttl: 33 }),
        reply(request),
      ]);
      using socket: ICMPSocket = new Socket({
        privileged: false,
        namespace: lab.namespace("sender"),
      });
      assertEquals([socket.isPrivileged, socket.isClosed], [false, false]);
      assert(socket.socket instanceof PingSocket);
      assertEquals(socket.socket.identifier, 0);
      const request = new ICMPRequest(receiver, {
        id: 4711,
        sequence: 3,
        ttl: 44,
        trafficClass: 0x20,
      });
      socket.send(request);
      await responder.answered(1);
      const { identifier } = socket.socket;
      assertEquals(responder.requests[0].id, identifier);
      const first = socket.receive(request);
      assertEquals(
        [first.id, first.sequence, first.source, first.ttl, first.isDuplicate],
        [identifier, 3, receiver, 33, false],
      );
      assertEquals(first.payload, request.payload);
      assertEquals(first.bytesReceived, 64);
      assert(first.roundTripMs! >= 0);
      first.raiseForStatus();
      assertEquals(socket.receive(request).isDuplicate, true);
      assertEquals([socket.ignored.payload, socket.ignored.sequence], [1, 1]);
    },
  );

  for (const privileged of [true, false]) {
    const which = privileged ? "raw" : "ping";
    await liveTest(
      `errors reach a ${which} socket, IPv${family}`,
      NEEDS,
      async () => {
        await using lab = await routedUp();
        await setKernel(lab, "client", {
          "net.ipv4.ping_group_range": ROOTS_GROUP,
        });
        using socket: ICMPSocket = new Socket({
          privileged,
          namespace: lab.namespace("client"),
        });
        let sequence = 0;
        const send = (to: string, ttl = 64) => {
          const request = new ICMPRequest(to, {
            id: 6,
            sequence: ++sequence,
            ttl,
          });
          socket.send(request);
          return request;
        };
        const [type, code] = kind.exceeded;
        const rows = [
          ...kind.refusals.map((row) => [...row, 64] as const),
          [server, TimeExceeded, type, code, 1],
        ] as const;
        for (const [to, Error, type, code, ttl] of rows) {
          const request = send(to, ttl);
          const error = socket.receive(request);
          assertEquals(
            [error.type, error.code, error.source, error.sequence],
            [type, code, router, sequence],
            `to ${to}`,
          );
          const thrown = assertThrows(() => error.raiseForStatus(), Error);
          assertEquals((thrown as ICMPError).reply, error);
          assert(error.quoted.length >= 8 && error.roundTripMs! >= 0);
          // What was refused, does not stand in the way of the next.
          const reply = socket.receive(send(server));
          assertEquals([reply.source, reply.type], [
            server,
            family === 4 ? 0 : 129,
          ]);
        }
        // Errors that nobody has asked for yet, neither.
        const refused = [send(server, 1), send(server, 1)];
        assertEquals(socket.receive(refused[1]).sequence, sequence);
        assertEquals(socket.receive(send(server, 2)).source, server);
      },
    );
  }

  await liveTest(
    `ping() and AsyncSocket without privilege, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await routedUp();
      await setKernel(lab, "client", {
        "net.ipv4.ping_group_range": ROOTS_GROUP,
      });
      const namespace = lab.namespace("client");
      const options = {
        privileged: false,
        namespace,
        count: 3,
        intervalMs: 10,
        timeoutMs: 1000,
      };
      const alive = await ping(server, options).result;
      assertEquals([alive.packetsReceived, alive.replyTTL], [3, 63]);
      const [to, , type, code] = kind.refusals[0];
      const dead = await ping(to, options).result;
      assertEquals(
        [dead.isAlive, dead.packetsSent, dead.packetsReceived],
        [false, 3, 0],
      );
      assertEquals(
        dead.errors.map((
          { from, type, code, count },
        ) => [from, type, code, count]),
        [[router, type, code, 3]],
      );

      using socket = new AsyncSocket<ICMPSocket>(
        new Socket({ privileged: false, namespace }),
      );
      const requests = [to, server, to, server].map((address, sequence) =>
        new ICMPRequest(address, { id: 0, sequence })
      );
      for (const request of requests) socket.send(request);
      const replies = await Promise.all(
        requests.map((request) => socket.receive(request)),
      );
      assertEquals(
        replies.map(({ source, isEchoReply }) => [source, isEchoReply]),
        [[router, false], [server, true], [router, false], [server, true]],
      );
    },
  );
}
