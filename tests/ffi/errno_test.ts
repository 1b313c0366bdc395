import { assert, assertEquals, assertThrows } from "@std/assert";
import { errnoName, strerror } from "../../lib/ffi/errno.ts";
import { libc } from "../../lib/ffi/libc.ts";
import { runProgram } from "../../lib/lab/command.ts";
import { check, SocketError } from "../../lib/socket/errors.ts";
import { liveTest } from "../live/live.ts";

libc(); // Opened here, or the first test to need it would seem to leak it.

const EBADF = 9;

Deno.test("check() tells why the last call failed", () => {
  const error = assertThrows(
    () => check(libc().close(-1), "close", "close nothing"),
    SocketError,
  );
  assertEquals([error.errno, error.code], [EBADF, "EBADF"]);
});

Deno.test("libc tells why a call failed while garbage is collected", () => {
  const symbols = libc();
  const octets = new Uint8Array(64);
  let garbage: unknown[] = [];
  const wrong: number[] = [];
  for (let i = 0; i < 1_000_000; i++) {
    garbage.push({ i, text: `${i}` }, new Uint8Array(100));
    if (garbage.length > 5000) garbage = [];
    const failed = [
      symbols.recvmmsg(-1, octets, 1, 0, null),
      symbols.sendto(-1, octets, 1, 0, null, 0),
      symbols.read(-1, octets, 1),
    ];
    wrong.push(...failed.filter((number) => number !== -EBADF));
  }
  assertEquals(wrong, []);
});

Deno.test("libc gives what a call returns that did not fail", () => {
  const symbols = libc();
  const fd = symbols.eventfd(3, 0);
  assert(fd >= 0);
  const value = new BigUint64Array(1);
  assertEquals(symbols.read(fd, value, 8), 8);
  assertEquals([value[0], symbols.close(fd)], [3n, 0]);
});

await liveTest(
  "error numbers are worded as libc does",
  ["python3"],
  async () => {
    const program = "import errno, os\n" +
      "for n, name in errno.errorcode.items(): print(n, name, os.strerror(n))";
    const lines = (await runProgram("python3", ["-c", program])).split("\n");
    let known = 0;
    for (const line of lines) {
      const [, number, name, words] = /^(\d+) (\w+) (.*)/.exec(line) ?? [];
      if (errnoName(Number(number)) !== name) continue;
      assertEquals(strerror(Number(number)), words);
      known++;
    }
    assert(known > 40, `${known}`);
  },
);
