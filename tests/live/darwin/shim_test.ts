/**
 * The shim against XNU's rules: what it is for is to refuse what a Mac refuses.
 * Here it is spoken to as libSystem is, without raw4's own translation.
 */

import { assertEquals } from "@std/assert";
import { openLibc } from "../../../lib/ffi/darwin/libc.ts";
import * as darwin from "../../../lib/ffi/darwin/numbers.ts";
import { withHostOrder } from "../../../lib/ffi/darwin/sending.ts";
import { openSymbols } from "../../../lib/ffi/darwin/symbols.ts";
import { errnoName } from "../../../lib/ffi/errno.ts";
import * as linux from "../../../lib/ffi/linux/numbers.ts";
import { encodeICMPv4, encodeIPv4 } from "../../../mod.ts";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { liveTest } from "../live.ts";

type Symbols = ReturnType<typeof openSymbols>;

const { AF_INET, IP_HDRINCL, IPPROTO_IP, SOCK_DGRAM, SOCK_RAW } = darwin;
/** 127.0.0.1, port 9 and none. */
const LOOPBACK = Uint8Array.of(16, AF_INET, 0, 9, 127, 0, 0, 1, ...Array(8));
const NO_PORT = Uint8Array.of(16, AF_INET, 0, 0, 127, 0, 0, 1, ...Array(8));

/** A result by the name of its error, or "ok". */
const said = (result: number) => result < 0 ? errnoName(-result) : "ok";

/** Sends octets to this host by a socket made for it. */
function send(
  symbols: Symbols,
  [type, protocol]: readonly [number, number],
  octets: Uint8Array<ArrayBuffer>,
  to = LOOPBACK,
  prepare: (fd: number) => void = () => {},
): string {
  const fd = symbols.socket(AF_INET, type, protocol);
  if (fd < 0) return said(fd);
  prepare(fd);
  const sent = symbols.sendto(fd, octets, octets.length, 0, to, to.length);
  symbols.close(fd);
  return said(sent);
}

await liveTest(
  "the shim explains the first seed's table",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    const symbols = openSymbols(mac.library);
    const header = (totalLength?: number) =>
      encodeIPv4({
        source: "127.0.0.1",
        destination: "127.0.0.1",
        protocol: 253,
        totalLength,
      }, new Uint8Array(8));
    const include = (fd: number) =>
      symbols.setsockopt(fd, IPPROTO_IP, IP_HDRINCL, Int32Array.of(1), 4);
    // The seed blames 0 and 255; it is the length that it packs by "!H".
    for (const protocol of [0, 255, 1, 253]) {
      const socket = [SOCK_RAW, protocol] as const;
      const by = (packet: Uint8Array<ArrayBuffer>) =>
        send(symbols, socket, packet, LOOPBACK, include);
      assertEquals(by(header()), "EINVAL", `${protocol}, network order`);
      assertEquals(
        by(withHostOrder(header())),
        "ok",
        `${protocol}, host order`,
      );
      assertEquals(by(withHostOrder(header(0))), "EINVAL", "a length of 0");
      assertEquals(
        by(withHostOrder(header(29))),
        "EINVAL",
        "more than there is",
      );
    }
  },
);

await liveTest("the shim refuses what XNU refuses", MAC_NEEDS, async () => {
  await using mac = await Mac.make();
  const symbols = openSymbols(mac.library);
  const { socket, setsockopt } = symbols;
  const raw = [SOCK_RAW, 253] as const;
  const ping = [SOCK_DGRAM, 1] as const;
  // Flags of Linux's, an address family of Linux's.
  assertEquals(said(socket(AF_INET, SOCK_RAW | 0o2000000, 253)), "errno 91");
  assertEquals(said(socket(10, SOCK_RAW, 58)), "EAFNOSUPPORT");
  assertEquals(said(socket(AF_INET, SOCK_DGRAM, 2)), "EPROTONOSUPPORT");
  // 8,192 octets, unless it is told otherwise.
  assertEquals(send(symbols, raw, new Uint8Array(8192)), "ok");
  assertEquals(send(symbols, raw, new Uint8Array(8193)), "EMSGSIZE");
  // An address whose length is not its own, as Linux lays it out.
  const theirs = Uint8Array.of(AF_INET, 0, ...LOOPBACK.subarray(2));
  assertEquals(send(symbols, raw, new Uint8Array(8), theirs), "EINVAL");
  // Echo, time stamp and mask requests alone.
  const echo = encodeICMPv4({
    kind: "echoRequest",
    identifier: 1,
    sequence: 1,
  });
  for (
    const [octets, wanted] of [
      [echo, "ok"],
      [echo.subarray(0, 7), "EINVAL"],
      [Uint8Array.of(8, 1, ...echo.subarray(2)), "EINVAL"],
      [Uint8Array.of(0, 0, ...echo.subarray(2)), "EINVAL"],
      [Uint8Array.of(13, 0, ...new Uint8Array(18)), "ok"],
      [Uint8Array.of(13, 0, ...new Uint8Array(6)), "EINVAL"],
    ] as const
  ) assertEquals(send(symbols, ping, octets.slice()), wanted);

  const on = Int32Array.of(1);
  const option = (fd: number, name: number, value = on) =>
    said(setsockopt(fd, IPPROTO_IP, name, value, 4));
  const pinging = socket(AF_INET, ...ping);
  assertEquals(option(pinging, darwin.IP_PKTINFO), "EINVAL");
  assertEquals(option(pinging, darwin.IP_RECVIF), "ok");
  const receiving = socket(AF_INET, ...raw);
  assertEquals(option(receiving, darwin.IP_PKTINFO), "ok");
  const buffer = Int32Array.of(32 * 1024 * 1024);
  const { SOL_SOCKET, SO_RCVBUF } = darwin;
  assertEquals(
    said(setsockopt(receiving, SOL_SOCKET, SO_RCVBUF, buffer, 4)),
    "ENOBUFS",
  );
  const udp = socket(AF_INET, SOCK_DGRAM, 0);
  assertEquals(said(symbols.connect(udp, NO_PORT, 16)), "EADDRNOTAVAIL");
  assertEquals(said(symbols.connect(udp, LOOPBACK, 16)), "ok");
  assertEquals(said(symbols.clock_gettime(1, new BigInt64Array(2))), "EINVAL");
  for (const fd of [pinging, receiving, udp]) symbols.close(fd);
});

await liveTest(
  "openLibc() tells the time, and of signals, as Linux does",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    const libc = openLibc(mac.library);
    const [monotonic, realtime] = [linux.CLOCK_MONOTONIC, linux.CLOCK_REALTIME]
      .map((clock) => {
        const time = new BigInt64Array(2);
        assertEquals(libc.clock_gettime(clock, time), 0);
        return time[0];
      });
    assertEquals(monotonic > 0n && monotonic < realtime, true);

    const action = new DataView(new ArrayBuffer(linux.SIGACTION.SIZE));
    const handler = linux.SIGACTION.HANDLER;
    for (const wanted of [linux.SIG_IGN, 0n]) {
      action.setBigUint64(handler, wanted, true);
      assertEquals(libc.sigaction(linux.SIGHUP, action, null), 0);
      action.setBigUint64(handler, 7n, true);
      assertEquals(libc.sigaction(linux.SIGHUP, null, action), 0);
      assertEquals(action.getBigUint64(handler, true), wanted);
    }
  },
);
