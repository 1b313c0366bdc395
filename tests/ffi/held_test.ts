import { assert, assertEquals } from "@std/assert";
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { libc } from "../../lib/ffi/libc.ts";
import { openSymbols } from "../../lib/ffi/darwin/symbols.ts";
import { POLLIN } from "../../lib/ffi/linux/numbers.ts";
import { openLibc } from "../../lib/ffi/linux/libc.ts";
import { openIphlpapi } from "../../lib/ffi/windows/echo_calls.ts";
import { openWinsock } from "../../lib/ffi/windows/winsock.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

type Call = (...args: unknown[]) => Promise<number>;

/** Collects all garbage, also that which only this turn still refers to. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    gc();
  }
}

/** Calls with memory that nobody else has. */
function callWith(call: Call, buffer: BufferSource, ...rest: number[]) {
  return { done: call(buffer, ...rest), memory: new WeakRef(buffer) };
}

Deno.test("a call on another thread keeps its memory until it is done", async () => {
  const fd = libc().eventfd(0, 0);
  const poll = libc().pollInBackground as Call;
  const { done, memory } = callWith(poll, Int32Array.of(fd, POLLIN), 1, -1);
  await collect();
  const isThere = memory.deref() !== undefined;
  libc().write(fd, BigUint64Array.of(1n), 8);
  assertEquals(await done, 1);
  libc().close(fd);
  assert(isThere, "collected while the call ran");
  await collect();
  assertEquals(memory.deref(), undefined);
});

/** Opens libraries whose calls on other threads take until they are let go. */
function openMadeUp(open: () => unknown) {
  const names: string[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  const { dlopen } = Deno;
  const errno = Deno.UnsafePointer.of(new Int32Array(1));
  // deno-lint-ignore no-explicit-any
  (Deno as any).dlopen = (
    _library: string,
    declared: Deno.ForeignLibraryInterface,
  ) => {
    const symbols: Record<string, unknown> = {};
    for (const [name, symbol] of Object.entries(declared)) {
      const runsApart = "nonblocking" in symbol && symbol.nonblocking;
      if (runsApart) names.push(name);
      symbols[name] = runsApart ? () => promise : () => errno;
    }
    return { symbols };
  };
  try {
    const symbols = open() as Record<string, Call>;
    // Those that are opened one by one are so by this.
    const all = Object.fromEntries(
      Object.getOwnPropertyNames(symbols).map((name) => [name, symbols[name]]),
    );
    return { calls: names.map((name) => ({ name, call: all[name] })), resolve };
  } finally {
    Deno.dlopen = dlopen;
  }
}

const LIBRARIES: readonly [
  system: string,
  open: () => unknown,
  count: number,
][] = [
  ["Linux", openLibc, 4],
  ["macOS", () => openSymbols("libSystem"), 3],
  ["Windows' Winsock", openWinsock, 3],
  ["Windows' echo", openIphlpapi, 2],
];

for (const [system, open, count] of LIBRARIES) {
  Deno.test(`all such calls of ${system} keep it, and let it go`, async () => {
    const { calls, resolve } = openMadeUp(open);
    assertEquals(calls.length, count);
    const made = calls.map(({ name, call }) => ({
      name,
      ...callWith(call, new Uint8Array(8)),
    }));
    const collected = () =>
      made.filter(({ memory }) => memory.deref() === undefined)
        .map(({ name }) => name);
    await collect();
    assertEquals(collected(), []);
    resolve(1);
    for (const { done } of made) assertEquals(await done, 1);
    await collect();
    assertEquals(collected(), made.map(({ name }) => name));
  });
}
