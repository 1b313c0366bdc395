import { assertEquals, assertRejects } from "@std/assert";
import { EACCES } from "../../../lib/ffi/errno.ts";
import { namingPingSockets } from "../../../lib/cli/options/ping_options.ts";
import { ScriptError } from "../../../lib/cli/exit.ts";
import { socketError } from "../../../lib/socket/errors.ts";

/** Notes how it is started, and may not open a raw socket. */
function unprivileged(started: boolean[]) {
  return (_: AbortSignal, privileged: boolean) => {
    started.push(privileged);
    if (!privileged) return Promise.resolve(0);
    const action = "open a raw socket for protocol 1";
    const failure = { syscall: "socket", errno: EACCES, action };
    return Promise.reject(socketError(failure));
  };
}

Deno.test("ping takes the other way by itself where it is for everybody", async () => {
  const { signal } = new AbortController();
  const started: boolean[] = [];
  const windows = { name: "Windows", everybodyPings: true };
  const ping = namingPingSockets(unprivileged(started), windows);
  assertEquals([await ping(signal), started], [0, [true, false]]);
});

Deno.test("ping names the other way where the system may not allow it", async () => {
  const { signal } = new AbortController();
  const started: boolean[] = [];
  const ping = namingPingSockets(unprivileged(started), { name: "Linux" });
  await assertRejects(() => ping(signal), ScriptError, "raw socket");
  assertEquals(started, [true]);
});
