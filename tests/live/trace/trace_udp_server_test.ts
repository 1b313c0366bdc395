/** Traces by UDP to a port at which a server listens, or nobody. */

import { assert, assertEquals } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  type Family,
  ipv4,
  ipv6,
  type OutgoingDatagram,
  RawSocket,
  type Trace,
  traceroute,
  udp,
} from "../../../mod.ts";
import { inHost } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { Process } from "../pair/pair_process.ts";
import {
  chainAddress,
  chainHops,
  hopsOf,
  theirHops,
  traceFrom,
  waiting,
} from "./trace_support.ts";

const NEEDS = ["lab", "nft", "python3", "traceroute"];
const FAMILIES = [4, 6] as const;
const ROUTERS = 4;
const SILENT = 3;
const PORT = 5300;
/** What a server of Python's may need to answer; a silent hop costs it. */
const timeoutMs = 3000;

/**
 * A server at a port, and what it says to whoever sends what: `echo` the same,
 * `dns` a format error to what is a query (RFC 1035 §4.1.1), `silent` nothing.
 */
const SERVER = `
import select, socket, sys
kind, port = sys.argv[1], int(sys.argv[2])
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
server.bind(("::", port))
print("ready", flush=True)
while True:
    data, client = server.recvfrom(65535)
    if kind == "dns" and not data[2] & 0x80:
        server.sendto(data[:2] + bytes([0x80, 1]) + bytes(8), client)
    elif kind == "echo":
        server.sendto(data, client)
`;

/** Runs a server at the target while something is done. */
async function serving(
  lab: Lab,
  kind: "echo" | "dns" | "silent",
  test: () => Promise<void>,
): Promise<void> {
  const command = ["python3", "-c", SERVER, kind, `${PORT}`];
  await using server = new Process(lab.inside("target", command));
  await server.until("ready");
  await test();
}

/** Everybody on the way, but for the silent router. */
function truth(family: Family): string[] {
  return chainHops(ROUTERS, family)
    .map((address, i) => i + 1 === SILENT ? "*" : address);
}

/** What a kernel has counted since its namespace was made. */
async function counted(lab: Lab, host: string, name: string): Promise<number> {
  const counters = await inHost(lab, host, "nstat", "-asz", name);
  return Number(counters.match(new RegExp(`${name} +(\\d+)`))![1]);
}

function assertReached(trace: Trace, family: Family): void {
  assertEquals(hopsOf(trace), truth(family));
  assert(trace.isReached);
  const { answers, packetsReceived, replyTTL } = trace.hops.at(-1)!;
  assertEquals(packetsReceived, 3);
  assertEquals(replyTTL, 64 - ROUTERS);
  for (const answer of answers) {
    assertEquals(answer?.description, "UDP reply");
    assertEquals([answer?.type, answer?.isFinal], [undefined, true]);
    assert(answer!.roundTripMs > 0 && answer!.roundTripMs < timeoutMs);
  }
}

await liveTest(
  "a server that answers by UDP is the end of the route",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { silent: [SILENT] }));
    for (const kind of ["echo", "dns"] as const) {
      await serving(lab, kind, async () => {
        for (const family of FAMILIES) {
          const target = chainAddress(ROUTERS + 1, family);
          const trace = await traceFrom(lab, target, {
            method: "udp",
            port: PORT,
            timeoutMs,
          });
          assertReached(trace, family);
          if (kind === "dns") continue;
          const theirs = [...waiting(timeoutMs), "-U", "-p", `${PORT}`];
          assertEquals(await theirHops(lab, target, ...theirs), truth(family));
        }
      });
    }
    // The port is taken: the kernel has not complained of the replies.
    assertEquals(await counted(lab, "host", "IcmpOutDestUnreachs"), 0);
    assertEquals(await counted(lab, "host", "Icmp6OutDestUnreachs"), 0);
  },
);

await liveTest(
  "classic probes go to a server by their ports, whichever it is",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { silent: [SILENT] }));
    await serving(lab, "echo", async () => {
      for (const family of FAMILIES) {
        const target = chainAddress(ROUTERS + 1, family);
        // The target's are the thirteenth probe, and the two behind it.
        const port = PORT - 3 * ROUTERS - 1;
        const { hops, isReached } = await traceFrom(lab, target, {
          method: "udp",
          flow: "classic",
          port,
          timeoutMs,
        });
        assert(isReached);
        const { distance, answers } = hops.at(-1)!;
        assertEquals(distance, ROUTERS + 1);
        assertEquals(
          answers.map((answer) => answer?.description === "UDP reply"),
          [false, true, false],
        );
      }
    });
  },
);

await liveTest(
  "a silent server is not reached, an absent one is",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { silent: [SILENT] }));
    const maxHops = ROUTERS + 3;
    const options = { method: "udp", port: PORT, maxHops, timeoutMs } as const;
    for (const family of FAMILIES) {
      const target = chainAddress(ROUTERS + 1, family);
      const there = await traceFrom(lab, target, options);
      assertEquals([hopsOf(there), there.isReached], [truth(family), true]);
      assertEquals(there.hops.at(-1)?.answers[0]?.type, family === 4 ? 3 : 1);
    }
    await serving(lab, "silent", async () => {
      for (const family of FAMILIES) {
        const target = chainAddress(ROUTERS + 1, family);
        const trace = await traceFrom(lab, target, options);
        const silence = [...truth(family).slice(0, -1), "*", "*", "*"];
        assertEquals([hopsOf(trace), trace.isReached], [silence, false]);
        const port = ["-U", "-p", `${PORT}`, "-m", `${maxHops}`];
        const theirs = [...waiting(timeoutMs), ...port];
        assertEquals(await theirHops(lab, target, ...theirs), silence);
      }
    });
  },
);

await liveTest(
  "a server on this host itself is one hop away",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(1));
    await serving(lab, "echo", async () => {
      const namespace = lab.namespace("target");
      for (const target of ["127.0.0.1", "10.9.2.2", "::1"]) {
        const { hops, isReached } = await traceFrom(lab, target, {
          namespace,
          method: "udp",
          port: PORT,
          timeoutMs,
        });
        assertEquals(hops.map((hop) => hop.addresses), [[target]]);
        assert(isReached);
        assertEquals(hops[0].packetsReceived, 3);
      }
    });
  },
);

await liveTest(
  "the longest probes reach a server, and tell the path MTU",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(2, { mtu: { 2: 1300 } }));
    await serving(lab, "echo", async () => {
      for (const family of FAMILIES) {
        const { isReached, pathMTU, hops } = await traceFrom(
          lab,
          chainAddress(3, family),
          { method: "udp", port: PORT, discoverMTU: true, timeoutMs },
        );
        assertEquals([isReached, pathMTU, hops.length], [true, 1300, 3]);
        assertEquals(hops[2].answers[0]?.description, "UDP reply");
      }
    });
  },
);

/** Datagrams to all ports that a trace may be from, all else being public. */
function* datagrams(
  family: Family,
  source: string,
  sourcePort: number,
  checksum?: number,
): Generator<OutgoingDatagram> {
  const destination = family === 4 ? "10.9.1.1" : "2001:db8:9:1::1";
  const outer = (family === 4 ? ipv4 : ipv6)({ source, destination });
  for (let port = 32_768; port < 61_000; port++) {
    const inner = udp({ sourcePort, destinationPort: port, checksum });
    yield { bytes: buildPacket(outer, inner, "not true"), destination };
  }
}

await liveTest(
  "datagrams from elsewhere, of another port or damaged are no end",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(2));
    // Only what is a lie arrives.
    const drop = `table inet silence {
      chain only {
        type filter hook input priority 0
        meta l4proto udp drop
      }
    }`;
    await inHost(lab, "target", "nft", drop);
    for (const family of FAMILIES) {
      const target = chainAddress(3, family);
      const lies = [
        datagrams(family, chainAddress(2, family), PORT),
        datagrams(family, target, PORT + 1),
        datagrams(family, target, PORT, 0x1234),
        // Without a checksum, which IPv4 alone allows.
        datagrams(family, family === 4 ? chainAddress(2, 4) : target, PORT, 0),
      ];
      using liar = RawSocket.open({
        family,
        namespace: lab.namespace("router1"),
        protocol: 255,
        headerIncluded: true,
      });
      const traceAmid = async (
        said: Iterable<OutgoingDatagram>,
        timeoutMs: number,
      ) => {
        const tracing = traceroute(target, {
          namespace: lab.namespace("host"),
          method: "udp",
          port: PORT,
          firstHop: 3,
          maxHops: 3,
          probes: 1,
          timeoutMs,
        });
        // Everything is open when it says that it begins.
        for await (const { type } of tracing) {
          if (type === "start") assert(await liar.sendMany(said) > 28_000);
        }
        return await tracing.result;
      };
      for (const lie of lies) {
        const trace = await traceAmid(lie, 3000);
        assertEquals([hopsOf(trace), trace.isReached], [["*"], false]);
      }
      // The same is believed where it is true.
      const trace = await traceAmid(
        datagrams(family, target, PORT),
        20_000,
      );
      assertEquals([hopsOf(trace), trace.isReached], [[target], true]);
    }
  },
);

await liveTest(
  "traceroute.ts shows a server's reply as traceroute does",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { silent: [SILENT] }));
    await serving(lab, "echo", async () => {
      const target = chainAddress(ROUTERS + 1, 4);
      const port = ["-n", "-p", `${PORT}`];
      const wait = ["-w", `${timeoutMs / 1000}`];
      const ours = script("traceroute", ...port, ...wait, "-M", "udp", target);
      const { code, stdout } = await run(lab.inside("host", ours));
      const theirs = await inHost(
        lab,
        "host",
        ...["traceroute", ...port, ...waiting(timeoutMs), "-U", target],
      );
      const timeless = (screen: string) =>
        screen.replaceAll(/\d+\.\d+ ms/g, "T ms");
      assertEquals(timeless(stdout), timeless(theirs));
      assertEquals(code, 0);
    });
  },
);
