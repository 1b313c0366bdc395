/** traceroute on macOS: on the shim, over routers of a lab. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { lines } from "../pair/pair_process.ts";

const ROUTERS = 5;
const TARGET = `10.9.${ROUTERS + 1}.2`;

/** What is asked for in vain. */
const LACKING = [
  [["--method", "tcp", "127.0.0.1"], "macOS shows raw sockets no TCP"],
  [["-6", "::1"], "macOS sends no IPv6 packets with a header of their own"],
] as const;

/** Every hop, and what it says of itself, without its times. */
const hopsIn = (stdout: string) =>
  lines(stdout).map((line) => line.replace(/ +[\d.]+ ms/g, " … ms"));

await liveTest(
  "traceroute finds on macOS what it finds on Linux, by each method",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(chain(ROUTERS));
    for (
      const args of [
        ["--method", "icmp"],
        ["--method", "udp"],
        ["--method", "raw"],
        ["--method", "raw", "--protocol", "47", "--packet-size", "300"],
        ["--mtu"],
      ]
    ) {
      const given = ["-n", "-w", "30", ...args, TARGET];
      const onMac = mac.script("traceroute", ...given);
      const { code, stdout, stderr } = await run(lab.inside("host", onMac));
      assertEquals([code, stderr], [0, ""], args.join(" "));
      const linux = lab.inside("host", script("traceroute", ...given));
      assertEquals(hopsIn(stdout), hopsIn((await run(linux)).stdout));
      assert(hopsIn(stdout).length >= ROUTERS + 2, stdout);
    }
    // By name there, and with names back.
    const [onMac, onLinux] = await Promise.all(
      [mac.script("traceroute", "localhost"), script("traceroute", "localhost")]
        .map((command) => run(lab.inside("host", command))),
    );
    assertEquals(hopsIn(onMac.stdout), hopsIn(onLinux.stdout));
    assertStringIncludes(onMac.stdout, "\n 1  localhost (127.0.0.1)");
    const unknown = mac.script("traceroute", "no-such-host.invalid");
    const { code, stderr } = await run(lab.inside("host", unknown));
    assertEquals(code, 4);
    assertStringIncludes(
      unwrapped(stderr),
      'traceroute: cannot resolve "no-such-host.invalid": nodename nor ' +
        "servname provided, or not known",
    );
  },
);

await liveTest(
  "traceroute says what macOS cannot do, and sends nothing",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    for (const [args, said] of LACKING) {
      const { code, stdout, stderr } = await run(
        mac.script("traceroute", ...args),
      );
      assertEquals([code, stdout], [4, ""]);
      assertEquals(lines(stderr)[0], `traceroute: ${said}`);
    }
  },
);
