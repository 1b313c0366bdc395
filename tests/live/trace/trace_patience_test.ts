/** How long answers are waited for, and what cannot leave at all. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { traceroute } from "../../../mod.ts";
import { inHost, setKernel } from "../hosts.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { Process } from "../pair/pair_process.ts";
import { atItsEnd, Spokesman } from "./spokesman.ts";
import {
  chainAddress,
  chainHops,
  hopsOf,
  SILENT_MS,
  traceFrom,
} from "./trace_support.ts";

const FAMILIES = [4, 6] as const;

await liveTest(
  "a wait that is given is kept, before a target that answers at once",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [2] }));
    for (const family of FAMILIES) {
      // More than anybody waits who was not told to.
      await using _router = new Spokesman(
        lab,
        family,
        (probe, hops) =>
          hops === 2
            ? { router: 2, quoted: atItsEnd(probe, family), afterMs: 700 }
            : undefined,
      );
      const target = chainAddress(4, family);
      const trace = await traceFrom(lab, target);
      assertEquals(hopsOf(trace), chainHops(3, family));
      assertEquals(trace.hops[1].packetsReceived, 3);
      const wait = ["-n", "-w", "60", target];
      const { stdout } = await run(
        lab.inside("host", script("traceroute", ...wait)),
      );
      assert(!stdout.includes("*"), stdout);
    }
  },
);

await liveTest(
  "Linux is waited for that finds a neighbour dead, here and farther on",
  ["lab", "traceroute"],
  async () => {
    await using lab = await Lab.up(chain(1));
    for (const host of ["host", "router1"]) {
      const device = host === "host" ? "eth0" : "eth1";
      // As it is by default: three times a second.
      await setKernel(lab, host, {
        [`net.ipv4.neigh.${device}.retrans_time_ms`]: 1000,
        [`net.ipv6.neigh.${device}.retrans_time_ms`]: 1000,
      });
    }
    const call = async (target: string, ...options: string[]) => {
      const command = script("traceroute", "-n", ...options, target);
      const { stdout, code } = await run(lab.inside("host", command));
      assertEquals(code, 1);
      return stdout;
    };
    const screens = await Promise.all([
      call("10.9.1.77"),
      call("2001:db8:9:1::77"),
      call("10.9.1.78", "-i", "eth0", "-M", "udp"),
      call("10.9.2.77"),
      call("2001:db8:9:2::77"),
      inHost(lab, "host", "traceroute", "-n", "-I", "10.9.1.79"),
      inHost(lab, "host", "traceroute", "-n", "-I", "10.9.2.79"),
    ]);
    const last = screens.map((screen) =>
      screen.trim().split("\n").at(-1)!.replaceAll(/[\d.]+ ms/g, "T")
    );
    const said = (hop: number, from: string) =>
      ` ${hop}  ${from}${"  T !H".repeat(3)}`;
    assertEquals(last, [
      said(1, "10.9.1.1"),
      said(1, "2001:db8:9:1::1"),
      said(1, "10.9.1.1"),
      said(2, "10.9.1.2"),
      said(2, "2001:db8:9:1::2"),
      said(1, "10.9.1.1"),
      said(2, "10.9.1.2"),
    ]);
  },
);

await liveTest(
  "Ctrl-C leaves probes on their way as such",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(2, { silent: [2] }));
    const options = ["-m", "2", "-q", "2", "-w", "600", "10.9.3.2"];
    for (const json of [true, false]) {
      const command = script(
        "traceroute",
        ...json ? ["--json"] : [],
        ...options,
      );
      await using tracing = new Process(lab.inside("host", command));
      await tracing.until(json ? '"distance":1,"addresses"' : " 1  10.9.1.2");
      tracing.kill("SIGINT");
      const { code, stdout } = await tracing.end();
      assertEquals(code, 1);
      if (!json) {
        assertStringIncludes(
          stdout,
          "\n 2  ? ?\nended while 2 probes were still on the way (?)\n",
        );
        continue;
      }
      assert(!stdout.includes('"timeout"'), stdout);
      const hops = stdout.trim().split("\n").map((line) => JSON.parse(line))
        .filter(({ type }) => type === "hop");
      assertEquals(hops.map(({ fates, packetLoss }) => [fates, packetLoss]), [
        [["answered", "answered"], 0],
        [["pending", "pending"], null],
      ]);
    }
  },
);

await liveTest(
  "what a firewall of this host drops is sent, and lost",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(2));
    const rules = `table inet choosy {
      chain out {
        type filter hook output priority 0
        ip ttl 2 drop
        ip6 hoplimit 2 icmpv6 type echo-request drop
      }
    }`;
    await inHost(lab, "host", "nft", rules);
    for (const family of FAMILIES) {
      const target = chainAddress(3, family);
      const run = traceroute(target, {
        namespace: lab.namespace("host"),
        timeoutMs: SILENT_MS,
      });
      const failed: unknown[] = [];
      for await (const event of run) {
        if (event.type !== "failed") continue;
        failed.push([event.distance, event.probe, event.error.code]);
      }
      assertEquals(failed, [1, 2, 3].map((probe) => [2, probe, "EPERM"]));
      const trace = await run.result;
      const truth = chainHops(2, family).toSpliced(1, 1, "*");
      assertEquals([hopsOf(trace), trace.isReached], [truth, true]);
      assertEquals(trace.hops[1].packetLoss, 1);
    }
    await inHost(lab, "host", "nft", "flush table inet choosy");
    const none = "add rule inet choosy out meta l4proto { icmp, icmpv6 } drop";
    await inHost(lab, "host", "nft", none);
    for (const family of FAMILIES) {
      const command = script("traceroute", "-n", chainAddress(3, family));
      const { code, stdout, stderr } = await run(lab.inside("host", command));
      assertEquals([code, stdout.split("\n").slice(1)], [3, [" 1  * * *", ""]]);
      assertStringIncludes(unwrapped(stderr), "Operation not permitted");
      assertEquals(stderr.match(/traceroute: /g)?.length, 1);
    }
  },
);

await liveTest(
  "a trace goes on when the way out is there again",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(1, { silent: [1] }));
    const options = ["--json", "-N", "1", "-q", "1", "-w", "0.5", "-m", "255"];
    const command = script("traceroute", ...options, "10.9.77.7");
    await using tracing = new Process(lab.inside("host", command));
    const route = (what: string) =>
      inHost(lab, "host", "ip", "route", what, "default", "via", "10.9.1.2");
    await tracing.until('"type":"hop"');
    await route("delete");
    await tracing.until('"type":"failed"');
    const lost = tracing.seen.split('"type":"timeout"').length;
    await route("add");
    await tracing.until('"type":"timeout"', lost);
    tracing.kill("SIGINT");
    const { code, stdout, stderr } = await tracing.end();
    assertEquals([code, stderr], [4, ""]);
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const { fates, packetsSent, packetLoss } = events.find(({ type, fates }) =>
      type === "hop" && fates[0] === "failed"
    );
    assertEquals([fates, packetsSent, packetLoss], [["failed"], 1, 1]);
  },
);

await liveTest(
  "routers that claim nonsense do not make up a path MTU",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [2] }));
    for (const [family, mtu] of [[4, 65_000], [4, 68], [6, 65_000]] as const) {
      await using _router = new Spokesman(lab, family, (probe, hops) => {
        if (hops < 2) return undefined;
        return probe.length > 1400
          ? { router: 2, kind: "tooLong", mtu, quoted: probe.subarray(0, 500) }
          : hops === 2
          ? { router: 2, quoted: atItsEnd(probe, family) }
          : undefined;
      });
      // What is that long gets lost there.
      const rules = `table inet narrow {
        chain forth {
          type filter hook forward priority 0
          meta length > 1400 drop
        }
      }`;
      await inHost(lab, "router2", "nft", rules);
      const target = chainAddress(4, family);
      const trace = await traceFrom(lab, target, {
        discoverMTU: true,
      });
      const size = family === 4 ? 1006 : 1280;
      assertEquals([trace.isReached, trace.pathMTU], [true, size]);
      assertEquals(hopsOf(trace), chainHops(3, family));
    }
  },
);

await liveTest(
  "a silent target leaves the path MTU open",
  ["lab", "sysctl"],
  async () => {
    await using lab = await Lab.up(chain(2));
    await setKernel(lab, "target", {
      "net.ipv4.icmp_echo_ignore_all": 1,
      "net.ipv6.icmp.echo_ignore_all": 1,
    });
    for (const family of FAMILIES) {
      const options = ["-n", "-m", "3", "-q", "1", "-w", "0.5", "--mtu"];
      const command = script("traceroute", ...options, chainAddress(3, family));
      const { code, stdout } = await run(lab.inside("host", command));
      const last = "path MTU not known: the target has not answered; 1500 " +
        `octets came as far as hop 2 (${chainAddress(2, family)})`;
      assertStringIncludes(stdout.replaceAll(/\s+/g, " "), last);
      assertEquals(code, 1);
    }
  },
);
