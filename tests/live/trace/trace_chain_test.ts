/** Traces over many routers, held against the lab's truth and `traceroute`. */

import { assert, assertEquals } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import type { TraceEvent } from "../../../mod.ts";
import { traceroute } from "../../../mod.ts";
import { addLinkLocals, inHost, pairUp, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { Process } from "../pair/pair_process.ts";
import {
  chainAddress,
  chainHops,
  hopsOf,
  PATIENT_MS,
  SILENT_MS as timeoutMs,
  theirHops,
  traceFrom,
  waiting,
} from "./trace_support.ts";

const NEEDS = ["lab", "traceroute"];
const NFT_NEEDS = [...NEEDS, "nft"];
const FAMILIES = [4, 6] as const;
const ROUTERS = 15;

/** Our methods, and theirs. */
const METHODS = [
  ["icmp", "-I"],
  ["udp", "-U"],
  ["tcp", "-T"],
  ["raw", "-P", "253"],
] as const;

await liveTest(
  "every method finds all of 15 routers and the target, both families",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS));
    for (const family of FAMILIES) {
      const target = chainAddress(ROUTERS + 1, family);
      const truth = chainHops(ROUTERS, family);
      for (const [method, ...option] of METHODS) {
        for (const flow of ["paris", "classic"] as const) {
          const trace = await traceFrom(lab, target, { method, flow });
          assertEquals(hopsOf(trace), truth, `${method} ${flow}`);
          assertEquals(trace.isReached, true);
          for (const hop of trace.hops) {
            assertEquals([hop.packetsSent, hop.packetsReceived], [3, 3]);
            assert(hop.minRttMs! > 0 && hop.maxRttMs! < PATIENT_MS);
            assertEquals(hop.answers[0]?.changes, []);
            // As many hops back as forth.
            assertEquals(hop.replyTTL, 65 - hop.distance);
          }
        }
        assertEquals(await theirHops(lab, target, ...option), truth);
      }
    }
  },
);

await liveTest("silent routers are kept", NFT_NEEDS, async () => {
  const silent = [3, 4, 7, 11, 14];
  await using lab = await Lab.up(chain(ROUTERS, { silent }));
  for (const family of FAMILIES) {
    const target = chainAddress(ROUTERS + 1, family);
    const truth = chainHops(ROUTERS, family)
      .map((address, i) => silent.includes(i + 1) ? "*" : address);
    for (const [method] of METHODS) {
      const trace = await traceFrom(lab, target, { method, timeoutMs });
      assertEquals(hopsOf(trace), truth, method);
      assertEquals(trace.isReached, true);
    }
    const theirs = await theirHops(lab, target, ...waiting(timeoutMs), "-I");
    assertEquals(theirs, truth);
  }
});

await liveTest("behind a lossy router some is lost", NFT_NEEDS, async () => {
  await using lab = await Lab.up(chain(ROUTERS, { lossy: { 5: 30 } }));
  for (const family of FAMILIES) {
    const target = chainAddress(ROUTERS + 1, family);
    const { hops } = await traceFrom(lab, target, { probes: 10, timeoutMs });
    const truth = chainHops(ROUTERS, family);
    for (const { distance, addresses, packetsReceived } of hops) {
      // The target may answer to a probe that could have gone further.
      const address = truth[Math.min(distance, truth.length) - 1];
      if (distance <= 5) assertEquals(packetsReceived, 10);
      else assert(addresses.every((found) => found === address));
    }
    const received = hops.slice(5)
      .reduce((sum, hop) => sum + hop.packetsReceived, 0);
    // Half of them come back, of a hundred and more.
    assert(received > 20 && received < 100, `${received}`);
    // They find nobody else either, where they find somebody.
    const options = [...waiting(timeoutMs), "-I", "-q", "10"];
    const theirs = await theirHops(lab, target, ...options);
    for (const [i, found] of theirs.entries()) {
      const address = truth[Math.min(i, truth.length - 1)];
      assert(["*", address].includes(found), found);
    }
  }
});

await liveTest("a loop is followed to the last hop", NEEDS, async () => {
  await using lab = await Lab.up(chain(ROUTERS, { loop: [8] }));
  for (const family of FAMILIES) {
    const target = chainAddress(ROUTERS + 1, family);
    const trace = await traceFrom(lab, target, { maxHops: 12 });
    // Linux answers in IPv6 as the interface that a packet came in by.
    const seventh = family === 4 ? "10.9.7.2" : "2001:db8:9:8::1";
    const eighth = chainAddress(8, family);
    assertEquals(
      hopsOf(trace),
      [...chainHops(7, family), seventh, eighth, seventh, eighth],
    );
    assertEquals(trace.isReached, false);
    assertEquals(hopsOf(trace), await theirHops(lab, target, "-I", "-m", "12"));
  }
});

await liveTest(
  "a target that never answers costs one wait",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS));
    await setKernel(lab, "target", {
      "net.ipv4.icmp_echo_ignore_all": 1,
      "net.ipv6.icmp.echo_ignore_all": 1,
    });
    for (const family of FAMILIES) {
      const target = chainAddress(ROUTERS + 1, family);
      const options = { maxHops: 18, timeoutMs };
      const trace = await traceFrom(lab, target, options);
      const truth = [...chainHops(ROUTERS - 1, family), "*", "*", "*"];
      assertEquals([trace.isReached, hopsOf(trace)], [false, truth]);
      const theirs = [...waiting(timeoutMs), "-I", "-m", "18"];
      assertEquals(await theirHops(lab, target, ...theirs), truth);
    }
  },
);

await liveTest(
  "a router that limits its errors hides nothing but itself",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { limited: [4] }));
    for (const family of FAMILIES) {
      const target = chainAddress(ROUTERS + 1, family);
      const trace = await traceFrom(lab, target, { probes: 10, timeoutMs });
      assertEquals(hopsOf(trace), chainHops(ROUTERS, family));
      for (const { distance, packetsReceived } of trace.hops) {
        if (distance !== 4) assertEquals(packetsReceived, 10);
        else assert(packetsReceived < 10, `${packetsReceived}`);
      }
      const theirs = await theirHops(lab, target, ...waiting(timeoutMs), "-I");
      assertEquals(theirs.toSpliced(3, 1), hopsOf(trace).toSpliced(3, 1));
    }
  },
);

await liveTest("a Paris trace keeps to one of equal paths", NEEDS, async () => {
  await using lab = await Lab.up(chain(ROUTERS, { equalCost: [6] }));
  for (const family of FAMILIES) {
    const target = chainAddress(ROUTERS + 1, family);
    const both = [chainAddress(6, family), chainAddress(106, family)];
    for (const [method] of METHODS) {
      for (let times = 0; times < 3; times++) {
        const { hops } = await traceFrom(lab, target, { method });
        assertEquals(hops[5].addresses.length, 1, method);
        assert(both.includes(hops[5].address));
      }
    }
    const found = new Set<string>();
    for (let times = 0; times < 20 && found.size < 2; times++) {
      const { hops } = await traceFrom(lab, target, {
        method: "udp",
        flow: "classic",
        firstHop: 6,
        maxHops: 6,
        probes: 10,
      });
      for (const address of hops[0].addresses) found.add(address);
    }
    assertEquals([...found].sort(), both.toSorted());
    const theirs = await theirHops(lab, target, "-U", "-q", "10");
    for (const address of theirs[5].split(" ")) assert(both.includes(address));
  }
});

await liveTest(
  "whoever is behind a router that rewrites TOS shows it",
  NFT_NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { tos: { 4: 0xb8 } }));
    for (const family of FAMILIES) {
      const target = chainAddress(ROUTERS + 1, family);
      const options = { method: "udp", trafficClass: 0x20 } as const;
      const trace = await traceFrom(lab, target, options);
      assertEquals(hopsOf(trace), chainHops(ROUTERS, family));
      const change = { field: "trafficClass", sent: 0x20, quoted: 0xb8 };
      for (const { distance, answers } of trace.hops) {
        const changes = answers.map((answer) => answer?.changes[0]);
        const seen = distance > 4 ? change : undefined;
        assertEquals(changes as unknown[], [seen, seen, seen]);
      }
      assertEquals(await theirHops(lab, target, "-U"), hopsOf(trace));
    }
  },
);

await liveTest("the path MTU, and where it shrinks", NEEDS, async () => {
  const mtu = { 5: 1400, 11: 1300 };
  await using lab = await Lab.up(chain(ROUTERS, { mtu }));
  for (const family of FAMILIES) {
    const target = chainAddress(ROUTERS + 1, family);
    for (const method of ["icmp", "udp", "raw"] as const) {
      // The second time, the kernel here knows it all.
      const run = traceroute(target, {
        method,
        discoverMTU: true,
        namespace: lab.namespace("host"),
        timeoutMs: PATIENT_MS,
      });
      const steps: TraceEvent[] = [];
      for await (const event of run) {
        if (event.type === "mtu") steps.push(event);
      }
      const trace = await run.result;
      assertEquals(hopsOf(trace), chainHops(ROUTERS, family));
      assertEquals(
        steps,
        [4, 10].map((distance) => ({
          type: "mtu",
          from: chainAddress(distance, family),
          distance,
          mtu: distance === 4 ? 1400 : 1300,
          claimedMTU: distance === 4 ? 1400 : 1300,
        })),
      );
      assertEquals(trace.pathMTU, 1300);
      assertEquals(
        trace.hops.map(({ packetSize }) => packetSize),
        trace.hops.map(({ distance }) =>
          distance < 5 ? 1500 : distance < 11 ? 1400 : 1300
        ),
      );
    }
    const args = ["--mtu", "-n", ...waiting(PATIENT_MS), target];
    const theirs = await inHost(lab, "host", "traceroute", ...args);
    const sizes = [...theirs.matchAll(/^ *(\d+) .*F=(\d+)/gm)]
      .map(([, hop, size]) => [Number(hop), Number(size)]);
    assertEquals(sizes, [[1, 1500], [5, 1400], [11, 1300]]);
  }
});

await liveTest(
  "what is too long for a link is said, where nobody looks for the MTU",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(4, { mtu: { 3: 1300 } }));
    const trace = await traceFrom(lab, chainAddress(5, 6), {
      packetSize: 1400,
    });
    const [, , last] = trace.hops;
    assertEquals([trace.isReached, trace.hops.length], [false, 3]);
    assertEquals(last.answers[0]?.nextHopMTU, 1300);
    // Without the flag, an IPv4 router fragments it.
    const { isReached } = await traceFrom(lab, chainAddress(5, 4), {
      packetSize: 1400,
    });
    assertEquals(isReached, true);
  },
);

await liveTest(
  "a translator on the way keeps no answer back",
  NFT_NEEDS,
  async () => {
    await using lab = await Lab.up(chain(4, { nat: [2] }));
    for (const family of FAMILIES) {
      for (const [method] of METHODS) {
        const trace = await traceFrom(lab, chainAddress(5, family), { method });
        assertEquals(hopsOf(trace), chainHops(4, family), method);
        assertEquals(trace.hops[4].packetsReceived, 3, method);
      }
    }
  },
);

const SERVER = "import socket, time\n" +
  "s = socket.socket(socket.AF_INET6)\n" +
  "s.bind(('', 8080))\ns.listen()\n" +
  "print('listening', flush=True)\ntime.sleep(60)\n";

await liveTest(
  "a server that listens answers each SYN, and nobody is connected",
  [...NEEDS, "python3"],
  async () => {
    await using lab = await Lab.up(chain(4));
    const command = ["python3", "-c", SERVER];
    await using server = new Process(lab.inside("target", command));
    await server.until("listening");
    for (const family of FAMILIES) {
      const options = { method: "tcp", port: 8080 } as const;
      const trace = await traceFrom(lab, chainAddress(5, family), options);
      assertEquals(hopsOf(trace), chainHops(4, family));
      const said = trace.hops[4].answers.map((answer) => answer?.description);
      assertEquals(said, Array(3).fill("TCP SYN-ACK"));
    }
  },
);

await liveTest(
  "two traces at once to the same target do not mix",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS));
    for (const family of FAMILIES) {
      const target = chainAddress(ROUTERS + 1, family);
      const methods = ["icmp", "icmp", "udp", "udp", "tcp", "tcp"] as const;
      const traces = await Promise.all(
        methods.map((method) => traceFrom(lab, target, { method })),
      );
      for (const trace of traces) {
        assertEquals(hopsOf(trace), chainHops(ROUTERS, family));
        assertEquals(
          trace.hops.map((hop) => hop.duplicates),
          Array(16).fill(0),
        );
      }
    }
  },
);

await liveTest(
  "cables that double and reorder what they carry",
  NEEDS,
  async () => {
    const bad = { duplicating: { 2: 60 }, reordering: { 3: 60 } };
    await using lab = await Lab.up(chain(4, { ...bad, slow: { 1: 2 } }));
    for (const family of FAMILIES) {
      const trace = await traceFrom(lab, chainAddress(5, family));
      assertEquals(hopsOf(trace), chainHops(4, family));
      for (const { packetsReceived } of trace.hops) {
        assertEquals(packetsReceived, 3);
      }
    }
  },
);

await liveTest(
  "a link-local target is found by its zone, and sent to from there",
  ["lab", "sysctl"],
  async () => {
    await using lab = await pairUp();
    await addLinkLocals(lab);
    const options = {
      namespace: lab.namespace("sender"),
      source: "fe80::100%eth0",
    };
    for (const method of ["icmp", "tcp"] as const) {
      const all = { method, timeoutMs: PATIENT_MS, ...options };
      const run = traceroute("fe80::1%eth0", all);
      const { hops, isReached } = await run.result;
      assertEquals([isReached, hops.length], [true, 1]);
      assertEquals(hops[0].address, "fe80::1%eth0");
    }
  },
);
