import { assert, assertEquals } from "@std/assert";
import { liveTest, ROOT, run } from "./live.ts";
import { pair } from "./socket_support.ts";

const MILLION = 1_000_000;

await liveTest(
  "RawSocket carries a million packets each way, whole, while memory is collected",
  ["lab", "init-root"],
  async () => {
    await using lab = await pair();
    const signal = AbortSignal.timeout(300_000);
    const finished = await run([
      Deno.execPath(),
      "run",
      "--allow-ffi",
      "--v8-flags=--expose-gc",
      `${ROOT}tests/live/stress.ts`,
      lab.namespace("sender"),
      lab.namespace("receiver"),
      `${MILLION}`,
    ], { signal });
    assertEquals([finished.code, finished.stderr], [0, ""]);
    const { count, dropped, collections } = JSON.parse(finished.stdout);
    assertEquals([count, dropped], [MILLION, [0, 0]]);
    // Once in a thousand packets or so.
    assert(collections > 1900, `${collections} collections`);
  },
);
