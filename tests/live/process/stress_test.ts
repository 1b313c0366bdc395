import { assert, assertEquals } from "@std/assert";
import { liveTest, ROOT, run } from "../live.ts";
import { pair } from "../socket/socket_support.ts";

const PACKETS = 300_000;

await liveTest(
  "RawSocket carries 300,000 packets each way, whole, while memory is collected",
  ["lab", "init-root"],
  async () => {
    await using lab = await pair();
    const finished = await run([
      Deno.execPath(),
      "run",
      "--allow-ffi",
      "--v8-flags=--expose-gc",
      `${ROOT}tests/live/process/stress.ts`,
      lab.namespace("sender"),
      lab.namespace("receiver"),
      `${PACKETS}`,
    ]);
    assertEquals([finished.code, finished.stderr], [0, ""]);
    const { count, dropped, collections } = JSON.parse(finished.stdout);
    assertEquals([count, dropped], [PACKETS, [0, 0]]);
    // Once in a thousand packets or so.
    assert(collections > 570, `${collections} collections`);
  },
);
