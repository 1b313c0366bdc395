/**
 * Ending what runs in labs that nobody else can find, when the process that
 * made them is killed.
 *
 * @module
 */

import { start, SYSTEM_PATH } from "./command.ts";

/** Waits for a line, which is good; or the end of its input, which is not. */
const GUARD = `PATH=${SYSTEM_PATH}
read -r over && exit
pids() {
  ip netns list | while read -r name rest; do
    case $name in raw4-*) ip netns pids "$name" ;; esac
  done
}
# A shell that this ends puts its terminal right first.
kill -HUP $(pids)
sleep 0.1
while pids=$(pids) && test -n "$pids"; do
  kill -KILL $pids
  sleep 0.1
done`;

/**
 * Starts a process which, as soon as this one has ended in whatever way, kills
 * all that runs in hosts of labs here: in this process's `/run`, which has to
 * be its own. One that is killed itself is followed by another.
 *
 * @returns to be disposed of when that is not to happen any more
 */
export function guardLabs(): AsyncDisposable {
  let guard = startGuard();
  let isOver = false;
  const watching = (async () => {
    while ((await guard.status).signal !== null && !isOver) {
      guard = startGuard();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      // It may have been killed just now.
      await new Blob(["over\n"]).stream().pipeTo(guard.stdin).catch(() => {});
      await watching;
    },
  };
}

/** In a session of its own, so that no terminal ends it with the others. */
function startGuard(): Deno.ChildProcess {
  return start("nsenter", {
    args: ["/bin/sh", "-c", GUARD],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  });
}
