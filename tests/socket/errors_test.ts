import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { errnoName } from "../../lib/ffi/errno.ts";
import { libc } from "../../lib/ffi/libc.ts";
import {
  NameLookupError,
  SocketAddressError,
  SocketBroadcastError,
  SocketError,
  socketError,
  SocketPermissionError,
  SocketUnavailableError,
  TimeoutExceeded,
} from "../../lib/socket/errors.ts";
import { Raw4Error } from "../../lib/wire/errors.ts";

libc(); // Opened here, or the first test to need it would seem to leak it.

/** A failed call, its error's class, and a part of what to do about it. */
const CASES: [
  syscall: string,
  errno: number,
  code: string,
  type: typeof SocketError,
  remedy: string | undefined,
][] = [
  ["socket", 1, "EPERM", SocketPermissionError, "setpriv"],
  ["socket", 13, "EACCES", SocketPermissionError, "CAP_NET_RAW"],
  ["setns", 1, "EPERM", SocketPermissionError, "CAP_SYS_ADMIN"],
  ["setsockopt", 1, "EPERM", SocketPermissionError, undefined],
  ["sendto", 1, "EPERM", SocketPermissionError, "nft list ruleset"],
  ["sendmmsg", 1, "EPERM", SocketPermissionError, "nft list ruleset"],
  ["sendto", 13, "EACCES", SocketBroadcastError, "broadcast: true"],
  ["sendmmsg", 13, "EACCES", SocketBroadcastError, "broadcast: true"],
  ["bind", 99, "EADDRNOTAVAIL", SocketAddressError, "ip address"],
  ["socket", 24, "EMFILE", SocketError, "ulimit -n"],
  ["open", 2, "ENOENT", SocketError, "ip netns list"],
  ["setsockopt", 2, "ENOENT", SocketError, undefined],
  ["setsockopt", 19, "ENODEV", SocketError, "ip link"],
  ["sendto", 90, "EMSGSIZE", SocketError, "MTU"],
  ["socket", 93, "EPROTONOSUPPORT", SocketError, "protocol 0"],
  ["connect", 101, "ENETUNREACH", SocketError, "ip route"],
  ["sendto", 105, "ENOBUFS", SocketError, "sendBufferBytes"],
  ["sendto", 113, "EHOSTUNREACH", SocketError, "ip route"],
  ["connect", 22, "EINVAL", SocketError, "blackhole"],
  ["connect", 13, "EACCES", SocketPermissionError, "prohibits"],
  ["bind", 22, "EINVAL", SocketError, "fe80::1%eth0"],
  ["sendto", 100, "ENETDOWN", SocketError, "ip link set"],
  ["setsockopt", 22, "EINVAL", SocketError, undefined],
  ["recvmmsg", 12, "ENOMEM", SocketError, undefined],
  ["sendto", 1234, "errno 1234", SocketError, undefined],
];

Deno.test("socketError() chooses the class and the remedy that fit", () => {
  for (const [syscall, errno, code, type, remedy] of CASES) {
    const error = socketError({ syscall, errno, action: "do it" });
    assertEquals(error.constructor, type);
    assertEquals(error.name, type.name);
    assert(error instanceof SocketError && error instanceof Raw4Error);
    assertEquals(
      [error.syscall, error.errno, error.code, error.sent],
      [syscall, errno, code, undefined],
    );
    assert(error.message.startsWith("cannot do it: "), error.message);
    assert(error.message.endsWith(` (${syscall}: ${code})`), error.message);
    if (remedy === undefined) assertEquals(error.remedy, undefined);
    else assert(error.remedy?.includes(remedy), error.remedy);
  }
});

Deno.test("socketError() says the reason in libc's words", () => {
  const { message } = socketError({
    syscall: "sendto",
    errno: 101,
    action: "send 3 octets to 9.9.9.9",
  });
  assertEquals(
    message,
    "cannot send 3 octets to 9.9.9.9: Network is unreachable " +
      "(sendto: ENETUNREACH)",
  );
});

Deno.test("errnoName() knows what Linux calls its numbers", () => {
  // From asm-generic/errno-base.h and errno.h.
  const names: Record<string, number> = {
    EPERM: 1,
    ENOENT: 2,
    EINTR: 4,
    EIO: 5,
    EBADF: 9,
    EAGAIN: 11,
    ENOMEM: 12,
    EACCES: 13,
    EFAULT: 14,
    EBUSY: 16,
    ENODEV: 19,
    EINVAL: 22,
    ENFILE: 23,
    EMFILE: 24,
    ENOSYS: 38,
    ENOTSOCK: 88,
    EMSGSIZE: 90,
    EPROTONOSUPPORT: 93,
    EOPNOTSUPP: 95,
    EAFNOSUPPORT: 97,
    EADDRINUSE: 98,
    EADDRNOTAVAIL: 99,
    ENETDOWN: 100,
    ENETUNREACH: 101,
    ENOBUFS: 105,
    ENOTCONN: 107,
    ETIMEDOUT: 110,
    ECONNREFUSED: 111,
    EHOSTUNREACH: 113,
  };
  for (const [name, number] of Object.entries(names)) {
    assertEquals(errnoName(number), name);
  }
  assertEquals(errnoName(4095), "errno 4095");
});

Deno.test("errors that no system call is behind have their own words", () => {
  const closed = new SocketUnavailableError();
  const late = new TimeoutExceeded(250);
  const unknown = new NameLookupError("no\u001bwhere", "Name unknown");
  for (const error of [closed, late, unknown]) {
    assertInstanceOf(error, Raw4Error);
    assertEquals(error.name, error.constructor.name);
  }
  assertEquals(closed.message, "the socket is closed");
  assertEquals(late.message, "nothing arrived within 250 ms");
  assertEquals(late.timeoutMs, 250);
  // No control character of a name ever reaches a terminal.
  assertEquals(
    unknown.message,
    'cannot resolve "no\\u001bwhere": Name unknown',
  );
  assert(unknown.remedy.includes("spelling"));
});
