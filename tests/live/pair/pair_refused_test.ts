/** What the system or Deno refuses: one sentence, and what to do. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { OrdinaryUser, USER_NEEDS } from "../lab/lab_user.ts";
import { liveTest, ROOT, run, script, unwrapped } from "../live.ts";
import { packetsSent } from "./pair_counter.ts";
import { lines, send } from "./pair_process.ts";

const NO_ROUTE =
  /^No route leads there: `ip route get ADDRESS` shows .* `ip route add` adds one\.$/;

/** What the system refuses, and what is said: a sentence, and what to do. */
const REFUSED: [args: string[], sentence: RegExp, remedy: RegExp][] = [
  [
    ["nobody.raw4.invalid", "Hi"],
    /^send: cannot resolve "nobody\.raw4\.invalid": [A-Z].+$/,
    /^Check the spelling, or give the address itself: no name server/,
  ],
  [
    ["192.0.2.1", "Hi"],
    /^send: cannot find a route to 192\.0\.2\.1: Network is unreachable \(connect: ENETUNREACH\)$/,
    NO_ROUTE,
  ],
  [
    ["1.1.1.1", "Hi", "-s", "1.1.1.77"],
    /^send: cannot bind to 1\.1\.1\.77: Cannot assign requested address \(bind: EADDRNOTAVAIL\)$/,
    /^No interface of this host has that address; `ip address` lists/,
  ],
  [
    ["1.1.1.1", "Hi", "-p", "0"],
    /^send: cannot open a raw socket for protocol 0: Protocol not supported \(socket: EPROTONOSUPPORT\)$/,
    /^Linux has no raw sockets of protocol 0/,
  ],
];

await liveTest(
  "the pair tells what the system refuses, and what to do: exit 4",
  [
    "lab",
  ],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const before = await packetsSent(lab);
    for (const [args, sentence, remedy] of REFUSED) {
      const { code, stderr } = await send(lab, ...args);
      // What to do begins with a line of its own; both are wrapped.
      const said = lines(stderr);
      const end = said.findIndex((_, i) =>
        remedy.test(unwrapped(said.slice(i).join("\n")))
      );
      assert(end > 0, stderr);
      assertMatch(unwrapped(said.slice(0, end).join("\n")), sentence);
      assertEquals(code, 4, stderr);
    }
    assertEquals(await packetsSent(lab), before);

    const receive = script("receive", "-b", "1.1.1.100");
    const { code, stderr } = await run(lab.inside("receiver", receive));
    assertEquals(
      unwrapped(stderr),
      "receive: cannot bind to 1.1.1.100: Cannot assign requested address " +
        "(bind: EADDRNOTAVAIL) No interface of this host has that address; " +
        "`ip address` lists those it has.",
    );
    assertEquals(code, 4);
  },
);

await liveTest("the pair says what it lacks of Deno's permission: exit 3", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  for (const [name, ...args] of [["send", "1.1.1.1", "Hi"], ["receive"]]) {
    const path = `${ROOT}scripts/${name}.ts`;
    const command = [Deno.execPath(), "run", path, ...args];
    const { code, stdout, stderr } = await run(lab.inside("sender", command));
    assertEquals([code, stdout], [3, ""]);
    assertEquals(lines(stderr), [
      `${name}: not permitted by Deno to call libc's sockets`,
      "Add --allow-ffi to the command:",
      "  deno run --allow-ffi …",
    ]);
  }
});

await liveTest("the pair says what it lacks of the system's: exit 3", [
  "lab",
  ...USER_NEEDS,
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await using user = await OrdinaryUser.create();
  const before = await packetsSent(lab);
  for (const [name, ...args] of [["send", "1.1.1.1", "Hi"], ["receive"]]) {
    const command = user.command(user.script(name, ...args));
    const { code, stderr } = await run(lab.inside("sender", command));
    assertMatch(
      unwrapped(stderr),
      /^\w+: cannot open a raw socket .*\(socket: EPERM\) Raw sockets need/,
    );
    assert(stderr.includes("\n  sudo setpriv --reuid"), stderr);
    assertEquals(code, 3);
  }
  assertEquals(await packetsSent(lab), before);
});

await liveTest("the one capability that the pair asks for is enough", [
  "lab",
  ...USER_NEEDS,
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await using user = await OrdinaryUser.create();
  const command = user.command(user.script("send", "1.1.1.1", "Hi"), {
    capabilities: ["--inh-caps=+net_raw", "--ambient-caps=+net_raw"],
  });
  const { code, stdout } = await run(lab.inside("sender", command));
  assertEquals(lines(stdout).at(-1), "--- 1 sent, 2 octets, 1 refused");
  assertEquals(code, 1);
});
