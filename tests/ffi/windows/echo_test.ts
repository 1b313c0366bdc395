/**
 * Echo requests of IPv6 by Windows: with functions that write replies as Windows
 * documents them, since Wine has these only as stubs.
 */

import { assertEquals } from "@std/assert";
import * as LINUX from "../../../lib/ffi/linux/numbers.ts";
import { errnoName } from "../../../lib/ffi/errno.ts";
import { openLibc } from "../../../lib/ffi/windows/libc.ts";
import { MessageArena } from "../../../lib/socket/ring/message_arena.ts";
import { toSockaddr } from "../../../lib/socket/kernel/sockaddr.ts";
import { encodeICMPv6 } from "../../../mod.ts";

/** An Icmp6SendEcho2 that answers with a status, from an address. */
function windows({ status = 0, from = "2001:db8::1", handle = 7n } = {}) {
  const calls: unknown[] = [];
  const answer = (
    ...[, , , , source, to, data, size, options, reply]: Uint8Array[]
  ) => {
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
  const winsock = { sendto: () => 1 };
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
  return { libc, calls };
}

type Libc = ReturnType<typeof windows>["libc"];

/** Sends an echo request, and gives it time to be answered. */
async function ask(libc: Libc, fd: number, text: string): Promise<void> {
  const payload = new TextEncoder().encode(text);
  const header = { kind: "echoRequest", identifier: 1, sequence: 9 } as const;
  const request = encodeICMPv6({ ...header, payload });
  const to = toSockaddr("2001:db8::9", 6, -1);
  libc.sendto(fd, request, request.length, 0, to, to.length);
  await Promise.resolve();
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
});

Deno.test("where Windows opens no echo requests of IPv6, there are none", () => {
  const { libc } = windows({ handle: 2n ** 64n - 1n });
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
  assertEquals(errnoName(-fd), "EAFNOSUPPORT");
});
