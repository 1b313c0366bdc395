import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  encodeIPv4,
  Raw4Error,
  type RawSocketOptions,
  routeTo,
  SocketAddressError,
  SocketBroadcastError,
  SocketError,
  SocketPermissionError,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import { inside, octets, openIn, pair, RECEIVER } from "./socket_support.ts";

/** A failing call, and what its error has to say. */
interface Case {
  readonly name: string;
  readonly needs?: string;
  /** Commands that bring it about, inside the sender. */
  readonly prepare?: readonly string[];
  readonly fail: (lab: Lab) => unknown;
  /** SocketError if nothing is said. */
  readonly type?: typeof SocketError;
  readonly syscall: string;
  readonly errno: number;
  readonly code: string;
  readonly message: string;
  /** A part of what to do. */
  readonly remedy?: string;
}

function sending(
  bytes: Uint8Array,
  destination: string,
  options: Partial<RawSocketOptions> = {},
): Case["fail"] {
  return (lab) => {
    using socket = openIn(lab, "sender", options);
    socket.send(bytes, destination);
  };
}

function sendingMany(bytes: Uint8Array, destination: string): Case["fail"] {
  return async (lab) => {
    using socket = openIn(lab, "sender");
    await socket.sendMany([{ bytes, destination }]);
  };
}

function opening(options: Partial<RawSocketOptions>): Case["fail"] {
  return (lab) => openIn(lab, "sender", options);
}

const hello = octets("hello");
const unreachable = ["ip route add unreachable 10.1.0.0/16"];
const firewall = [
  "nft add table ip raw4",
  "nft add chain ip raw4 out { type filter hook output priority 0 ; }",
  "nft add rule ip raw4 out ip daddr 1.1.1.1 drop",
];
const firewallError = {
  needs: "nft",
  prepare: firewall,
  type: SocketPermissionError,
  errno: 1,
  code: "EPERM",
  remedy: "`nft list ruleset`",
};

const CASES: readonly Case[] = [
  {
    name: "protocol 0",
    fail: opening({ protocol: 0 }),
    syscall: "socket",
    errno: 93,
    code: "EPROTONOSUPPORT",
    message: "cannot open a raw socket for protocol 0: Protocol not supported",
    remedy: "under a header of one's own",
  },
  {
    name: "a namespace that is not there",
    fail: opening({ namespace: "raw4-there-is-none" }),
    syscall: "open",
    errno: 2,
    code: "ENOENT",
    message: 'cannot find the network namespace of "raw4-there-is-none": ' +
      "No such file or directory",
    remedy: "`ip netns list`",
  },
  {
    name: "an interface that is not there",
    fail: opening({ device: "nowhere0" }),
    syscall: "setsockopt",
    errno: 19,
    code: "ENODEV",
    message: 'cannot use the interface "nowhere0": No such device',
    remedy: "`ip link`",
  },
  {
    name: "binding to somebody else's address",
    fail: opening({ bindAddress: RECEIVER }),
    type: SocketAddressError,
    syscall: "bind",
    errno: 99,
    code: "EADDRNOTAVAIL",
    message: "cannot bind to 1.1.1.1: Cannot assign requested address",
    remedy: "`ip address`",
  },
  {
    name: "binding to somebody else's IPv6 address",
    fail: opening({ bindAddress: "2001:db8::9", family: 6 }),
    type: SocketAddressError,
    syscall: "bind",
    errno: 99,
    code: "EADDRNOTAVAIL",
    message: "cannot bind to 2001:db8::9: Cannot assign requested address",
    remedy: "`ip address`",
  },
  {
    name: "a packet beyond the MTU, its header included",
    fail: sending(
      encodeIPv4(
        { destination: RECEIVER, protocol: 253 },
        new Uint8Array(1481),
      ),
      RECEIVER,
      { headerIncluded: true },
    ),
    syscall: "sendto",
    errno: 90,
    code: "EMSGSIZE",
    message: "cannot send 1501 octets to 1.1.1.1: Message too long",
    remedy: "MTU",
  },
  {
    name: "a packet longer than any",
    fail: sending(new Uint8Array(65_516), RECEIVER),
    syscall: "sendto",
    errno: 90,
    code: "EMSGSIZE",
    message: "cannot send 65516 octets to 1.1.1.1: Message too long",
    remedy: "fragment",
  },
  {
    name: "no route",
    fail: sending(hello, "9.9.9.9"),
    syscall: "sendto",
    errno: 101,
    code: "ENETUNREACH",
    message: "cannot send 5 octets to 9.9.9.9: Network is unreachable",
    remedy: "`ip route get ADDRESS`",
  },
  {
    name: "no route of many",
    fail: sendingMany(hello, "9.9.9.9"),
    syscall: "sendmmsg",
    errno: 101,
    code: "ENETUNREACH",
    message: "cannot send packet 1 of a batch: Network is unreachable",
    remedy: "`ip route get ADDRESS`",
  },
  {
    name: "no route to ask for",
    fail: (lab) => routeTo("9.9.9.9", { namespace: lab.namespace("sender") }),
    syscall: "connect",
    errno: 101,
    code: "ENETUNREACH",
    message: "cannot find a route to 9.9.9.9: Network is unreachable",
    remedy: "`ip route add`",
  },
  {
    name: "a route that says unreachable",
    prepare: unreachable,
    fail: sending(hello, "10.1.2.3"),
    syscall: "sendto",
    errno: 113,
    code: "EHOSTUNREACH",
    message: "cannot send 5 octets to 10.1.2.3: No route to host",
    remedy: "`ip route get ADDRESS`",
  },
  {
    name: "a broadcast address without broadcast",
    fail: sending(hello, "1.1.1.255"),
    type: SocketBroadcastError,
    syscall: "sendto",
    errno: 13,
    code: "EACCES",
    message: "cannot send 5 octets to 1.1.1.255: Permission denied",
    remedy: "Open the socket with broadcast: true",
  },
  {
    ...firewallError,
    name: "a firewall rule",
    fail: sending(hello, RECEIVER),
    syscall: "sendto",
    message: "cannot send 5 octets to 1.1.1.1: Operation not permitted",
  },
  {
    ...firewallError,
    name: "a firewall rule for many",
    fail: sendingMany(hello, RECEIVER),
    syscall: "sendmmsg",
    message: "cannot send packet 1 of a batch: Operation not permitted",
  },
];

for (const { name, needs, prepare = [], fail, ...wanted } of CASES) {
  await liveTest(
    `SocketError of ${name} says what failed, and what to do`,
    needs === undefined ? ["lab"] : ["lab", needs],
    async () => {
      await using lab = await pair();
      for (const command of prepare) await inside(lab, "sender", command);
      const { type = SocketError, message, remedy, ...fields } = wanted;
      const error = await assertRejects(async () => {
        await fail(lab);
      });
      assert(error instanceof SocketError && error instanceof Raw4Error);
      assertInstanceOf(error, type);
      assertEquals([error.constructor, error.name], [type, type.name]);
      const { syscall, errno, code } = error;
      assertEquals({ syscall, errno, code }, fields);
      assertEquals(error.message, `${message} (${syscall}: ${code})`);
      assert(error.remedy?.includes(remedy!), error.remedy);
    },
  );
}
