import { assert, assertEquals } from "@std/assert";
import { libc } from "../../lib/ffi/libc.ts";
import { POLLIN, POLLOUT } from "../../lib/ffi/linux/numbers.ts";
import { addWatch, removeWatch } from "../../lib/socket/poller.ts";

libc(); // Opened here, or the first test to need it would seem to leak it.

/** An eventfd, which is readable as soon as something was written to it. */
function eventfd(): Disposable & { fd: number; write(): void } {
  const fd = libc().eventfd(0, 0);
  return {
    fd,
    write: () => void libc().write(fd, BigUint64Array.of(1n), 8),
    [Symbol.dispose]: () => void libc().close(fd),
  };
}

/** Resolves to `ready`, or to the error. */
function watched(fd: number, events: number): Promise<unknown> {
  return new Promise((resolve) => {
    addWatch({
      fd,
      events,
      ready: () => resolve("ready"),
      failed: resolve,
    });
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("addWatch() calls ready() once, when the descriptor is", async () => {
  using event = eventfd();
  let count = 0;
  const watch = {
    fd: event.fd,
    events: POLLIN,
    ready: () => void count++,
    failed: (error: Error) => {
      throw error;
    },
  };
  addWatch(watch);
  await turn();
  assertEquals(count, 0);
  event.write();
  // It stays readable; the watch is over all the same.
  while (count === 0) await turn();
  for (let i = 0; i < 5; i++) {
    assertEquals(await watched(event.fd, POLLOUT), "ready");
  }
  assertEquals(count, 1);
});

Deno.test("addWatch() waits for reading and for writing apart", async () => {
  using event = eventfd();
  const reading = watched(event.fd, POLLIN);
  let isReadable = false;
  reading.then(() => isReadable = true);
  assertEquals(await watched(event.fd, POLLOUT), "ready");
  assertEquals(isReadable, false);
  event.write();
  assertEquals(await reading, "ready");
});

Deno.test("addWatch() of a descriptor that is not open fails, and harms no other", async () => {
  using event = eventfd();
  const other = watched(event.fd, POLLIN);
  const error = await watched(1_000_000, POLLIN);
  assert(error instanceof TypeError);
  assertEquals(error.message, "descriptor 1000000 is not open");
  event.write();
  assertEquals(await other, "ready");
});

Deno.test("removeWatch() ends a watch without a word", async () => {
  using event = eventfd();
  using other = eventfd();
  const watch = {
    fd: event.fd,
    events: POLLIN,
    ready: () => {
      throw new Error("was removed");
    },
    failed: (error: Error) => {
      throw error;
    },
  };
  for (const turns of [0, 1, 2]) {
    addWatch(watch);
    for (let i = 0; i < turns; i++) await turn();
    removeWatch(watch);
    removeWatch(watch);
    event.write();
    other.write();
    assertEquals(await watched(other.fd, POLLIN), "ready");
  }
});
