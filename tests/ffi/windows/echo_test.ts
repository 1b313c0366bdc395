/**
 * Echo requests of IPv6 by Windows: with functions that write replies as Windows
 * documents them, since Wine has these only as stubs.
 */

import { assertEquals } from "@std/assert";
import * as LINUX from "../../../lib/ffi/linux/numbers.ts";
import { errnoName } from "../../../lib/ffi/errno.ts";
import { EchoSocket } from "../../../lib/ffi/windows/echo.ts";
import { IPV6_ECHO } from "../../../lib/ffi/windows/echo_calls.ts";
import { openLibc } from "../../../lib/ffi/windows/libc.ts";
import { MessageArena } from "../../../lib/socket/ring/message_arena.ts";
import { toSockaddr } from "../../../lib/socket/kernel/sockaddr.ts";
import { encodeICMPv6 } from "../../../mod.ts";

/** What a made-up Windows does. */
interface Doings {
  status?: number;
  from?: string;
  handle?: bigint;
  /** Whether it writes a status at all. */
  isSent?: boolean;
  /** The error of its sockets. */
  error?: number;
}

/** An Icmp6SendEcho2 that answers with a status, from an address. */
function windows(doings: Doings = {}) {
  const { status = 0, from = "2001:db8::1", handle = 7n } = doings;
  const { isSent = true, error = 0 } = doings;
  const calls: unknown[] = [];
  const waits: unknown[] = [];
  const answer = (
    ...[, , , , source, to, data, size, options, reply, , ms]: Uint8Array[]
  ) => {
    waits.push(ms);
    if (!isSent) return Promise.resolve(0);
    const view = reply as unknown as DataView;
    const sent = (data as Uint8Array).slice(0, size as unknown as number);
    const [ttl, trafficClass] = options;
    calls.push({ family: [source[0], to[0]], to: [...to.slice(8, 24)] });
    calls.push({ ttl, trafficClass, sent: new TextDecoder().decode(sent) });
    // ICMPV6_ECHO_REPLY: port 2, flow 4, address 16, scope 4, status at 28,
    // round trip at 32, and the data behind them.
    const octets = new Uint8Array(view.buffer);
    octets.set(toSockaddr(from, 6, -1).subarray(8, 24), 6);
    octets.set(sent, 36);
    view.setUint32(28, status, true);
    return Promise.resolve(1);
  };
  const icmp = {
    Icmp6CreateFile: () => Deno.UnsafePointer.create(handle),
    IcmpCloseHandle: () => 1,
    Icmp6SendEcho2: answer,
  };
  const winsock = {
    sendto: () => 1,
    socket: () => 5,
    ioctlsocket: () => 0,
    closesocket: () => 0,
    bind: () => error === 0 ? 0 : -1,
    WSAGetLastError: () => error,
  };
  const kernel = {
    QueryPerformanceFrequency: (value: BigInt64Array) => value[0] = 10n,
    GetSystemTimePreciseAsFileTime: (value: BigInt64Array) =>
      value[0] = 116_444_736_000_000_000n + 15_000_000n,
  };
  type Args = Parameters<typeof openLibc>;
  const libc = openLibc(
    winsock as unknown as Args[0],
    kernel as unknown as Args[1],
    () => icmp as unknown as ReturnType<NonNullable<Args[2]>>,
  );
  return { libc, calls, waits };
}

type Libc = ReturnType<typeof windows>["libc"];

/**
 * Sends an echo request, and gives it time to be answered.
 *
 * @returns what sending says: how many octets, or why not
 */
async function ask(
  libc: Libc,
  fd: number,
  text: string,
  address = "2001:db8::9",
): Promise<number | string> {
  const payload = new TextEncoder().encode(text);
  const header = { kind: "echoRequest", identifier: 1, sequence: 9 } as const;
  const request = encodeICMPv6({ ...header, payload });
  const to = toSockaddr(address, 6, -1);
  const sent = libc.sendto(fd, request, request.length, 0, to, to.length);
  await Promise.resolve();
  return sent < 0 ? errnoName(-sent) : sent;
}

/** What is received: the packet, its sender's address, and control messages. */
function fetch(libc: Libc, fd: number, flags: number) {
  const arena = new MessageArena(1, { packet: 100, control: 192 });
  const headers = arena.bytes.subarray(arena.header(0) * 4);
  const count = libc.recvmmsg(fd, headers, 1, flags, null);
  if (count < 0) return errnoName(-count);
  const start = arena.packet(0);
  const packet = arena.bytes.slice(start, start + arena.packetLength(0));
  const messages: number[][] = [];
  let at = arena.controlStart(0);
  for (; at <= arena.controlEnd(0); at = arena.nextControl(at)) {
    messages.push([...arena.words.subarray(at + 2, at + 4)]);
  }
  const name = arena.bytes.slice(arena.name(0), arena.name(0) + 28);
  return { packet, name, messages };
}

const { AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, MSG_ERRQUEUE } = LINUX;

Deno.test("Windows sends echo requests of IPv6, and its replies are messages", async () => {
  const { libc, calls } = windows();
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
  const { IPPROTO_IPV6, IPV6_UNICAST_HOPS, IPV6_TCLASS } = LINUX;
  for (const [name, value] of [[IPV6_UNICAST_HOPS, 5], [IPV6_TCLASS, 0x28]]) {
    libc.setsockopt(fd, IPPROTO_IPV6, name, Int32Array.of(value), 4);
  }
  assertEquals(fetch(libc, fd, 0), "EAGAIN");
  await ask(libc, fd, "Hello");
  const there = [...toSockaddr("2001:db8::9", 6, -1).subarray(8, 24)];
  assertEquals(calls, [
    { family: [23, 23], to: there },
    { ttl: 5, trafficClass: 0x28, sent: "Hello" },
  ]);
  const reply = fetch(libc, fd, 0);
  if (typeof reply === "string") throw new Error(reply);
  const { packet, name, messages } = reply;
  // Echo reply, code 0; the sequence number and the payload of the request.
  assertEquals([...packet.slice(0, 2)], [129, 0]);
  assertEquals(packet.slice(6).toHex(), "000948656c6c6f");
  assertEquals(name, toSockaddr("2001:db8::1", 6, -1));
  // A time, and no hop limit: Windows tells none.
  assertEquals(messages, [[1, 35]]);
  assertEquals(fetch(libc, fd, 0), "EAGAIN");
});

Deno.test("Windows' errors about echo requests of IPv6 are ICMPv6's", async () => {
  const errors: [status: number, type: number, code: number][] = [
    [11_002, 1, 0],
    [11_003, 1, 3],
    [11_005, 1, 4],
    [11_009, 2, 0],
    [11_013, 3, 0],
    [11_015, 4, 0],
    [11_043, 4, 1],
  ];
  for (const [status, type, code] of errors) {
    const { libc } = windows({ status });
    const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
    await ask(libc, fd, "Hello");
    assertEquals(fetch(libc, fd, 0), "EAGAIN");
    const arena = new MessageArena(1, { packet: 100, control: 192 });
    const headers = arena.bytes.subarray(arena.header(0) * 4);
    assertEquals(libc.recvmmsg(fd, headers, 1, MSG_ERRQUEUE, null), 1);
    const at = arena.nextControl(arena.controlStart(0));
    assertEquals([...arena.words.subarray(at + 2, at + 4)], [
      LINUX.IPPROTO_IPV6,
      LINUX.IPV6_RECVERR,
    ]);
    const { SOCK_EXTENDED_ERR, CMSGHDR } = LINUX;
    const start = 4 * at + CMSGHDR.DATA;
    const told = arena.bytes.subarray(start);
    assertEquals([...told.subarray(4, 7)], [3, type, code]);
    const from = told.slice(
      SOCK_EXTENDED_ERR.SIZE,
      SOCK_EXTENDED_ERR.SIZE + 28,
    );
    assertEquals(from, toSockaddr("2001:db8::1", 6, -1));
    // Of what was sent.
    assertEquals(arena.bytes[arena.packet(0)], 128);
  }
  // A request without an answer in time is lost, and no error.
  const { libc } = windows({ status: 11_010 });
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
  await ask(libc, fd, "Hello");
  assertEquals(fetch(libc, fd, 0), "EAGAIN");
  assertEquals(fetch(libc, fd, MSG_ERRQUEUE), "EAGAIN");
  assertEquals(await ask(libc, fd, "Hello"), 13);
});

Deno.test("what Windows did not send is told when the next is sent to there", async () => {
  for (const doings of [{ isSent: false }, { status: 11_050 }]) {
    const { libc, waits } = windows(doings);
    const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
    const said: unknown[] = [];
    for (let i = 0; i < 4; i++) said.push(await ask(libc, fd, "Hello"));
    // It may go well again: each time that it is told, the next is tried.
    assertEquals(said, [13, "EIO", 13, "EIO"]);
    // No other address has to do with it.
    assertEquals(await ask(libc, fd, "Hello"), 13);
    assertEquals(await ask(libc, fd, "Hello", "2001:db8::8"), 13);
    assertEquals(waits.length, 4);
    assertEquals(fetch(libc, fd, 0), "EAGAIN");
    assertEquals(fetch(libc, fd, MSG_ERRQUEUE), "EAGAIN");
  }
});

Deno.test("Windows forgets the memory of a request that it did not send", async () => {
  let reads = 0;
  const calls = {
    ...IPV6_ECHO,
    // Each look at a request that is waited for reads where its status is.
    get statusOffset() {
      reads++;
      return IPV6_ECHO.statusOffset;
    },
    send: () => Promise.resolve(0),
  };
  const rest = [null, () => {}, () => 0n] as const;
  const echo = new EchoSocket({} as never, calls, ...rest);
  for (let i = 0; i < 10; i++) {
    echo.send(new Uint8Array(8), toSockaddr(`2001:db8::${i}`, 6, -1));
  }
  await Promise.resolve();
  reads = 0;
  assertEquals([echo.isReadable, reads], [false, 0]);
});

Deno.test("Windows waits as long for a reply as it is told to, within bounds", async () => {
  const { libc, waits } = windows();
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
  await ask(libc, fd, "Hello");
  for (const ms of [10_000.5, 300, Infinity]) {
    libc.setEchoWait(fd, ms);
    await ask(libc, fd, "Hello");
  }
  assertEquals(waits, [4000, 10_001, 4000, 30_000]);
});

Deno.test("Windows is asked at once whether a source is one", () => {
  for (const error of [0, 10_049]) {
    const { libc } = windows({ error });
    const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
    const own = toSockaddr("2001:db8::7", 6, -1);
    const bound = libc.bind(fd, own, own.length);
    assertEquals(
      bound < 0 ? errnoName(-bound) : bound,
      error === 0 ? 0 : "EADDRNOTAVAIL",
    );
  }
});

Deno.test("where Windows opens no echo requests of IPv6, there are none", () => {
  const { libc } = windows({ handle: 2n ** 64n - 1n });
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
  assertEquals(errnoName(-fd), "EAFNOSUPPORT");
});
