import { assert, assertEquals, assertThrows } from "@std/assert";
import { errno, libc } from "../../lib/ffi/libc.ts";
import { check, SocketError } from "../../lib/socket/errors.ts";

libc(); // Opened here, or the first test to need it would seem to leak it.

const EBADF = 9;

Deno.test("check() tells why the last call failed", () => {
  const error = assertThrows(
    () => check(libc().close(-1), "close", "close nothing"),
    SocketError,
  );
  assertEquals([error.errno, error.code], [EBADF, "EBADF"]);
});

Deno.test("errno() is right while garbage is collected", () => {
  const symbols = libc();
  const headers = new Uint8Array(64);
  let garbage: unknown[] = [];
  const wrong: number[] = [];
  for (let i = 0; i < 2_000_000; i++) {
    garbage.push({ i, text: `${i}` }, new Uint8Array(100));
    if (garbage.length > 5000) garbage = [];
    symbols.recvmmsg(-1, headers, 1, 0, null);
    const number = errno();
    if (number !== EBADF) wrong.push(number);
  }
  // Some ten were, where a view of it was made anew at each call.
  assert(wrong.length <= 1, `${wrong}`);
});
