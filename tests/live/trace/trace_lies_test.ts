/** A bystander who has not seen the probes is not believed. */

import { assert, assertEquals } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  decodeIPv4,
  encodeIPv4,
  type Family,
  icmpv4,
  icmpv6,
  internetChecksum,
  ipv4,
  ipv6,
  type OutgoingDatagram,
  PacketSocket,
  RawSocket,
  tcp,
  traceroute,
  udp,
} from "../../../mod.ts";
import { put16 } from "../../../lib/wire/octets.ts";
import { setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import {
  chainAddress,
  chainHops,
  hopsOf,
  PATIENT_MS,
  SILENT_MS as timeoutMs,
  traceFrom,
} from "./trace_support.ts";

const NEEDS = ["lab", "nft"];
const SOURCE = { 4: "10.9.1.1", 6: "2001:db8:9:1::1" } as const;
/** Router 1's other address, which nobody ever sees who tells the truth. */
const BYSTANDER = { 4: "10.9.2.1", 6: "2001:db8:9:2::1" } as const;
const ROUTERS = 3;
const LIES = 20_000;
const METHODS = ["icmp", "udp", "tcp", "raw"] as const;

const random = (bits: number) =>
  crypto.getRandomValues(new Uint32Array(1))[0] >>> (32 - bits);

/** A probe as a bystander can imagine it: all that is public is right. */
function imagined(method: typeof METHODS[number], family: Family): Uint8Array {
  const [source, destination] = [SOURCE[family], chainAddress(4, family)];
  const payload = crypto.getRandomValues(new Uint8Array(32));
  const echo = {
    kind: "echoRequest" as const,
    identifier: random(16),
    sequence: random(16),
  };
  const inner = method === "icmp"
    ? family === 4 ? icmpv4(echo) : icmpv6(echo)
    : method === "udp"
    ? udp({
      sourcePort: 32_768 + random(16) % 28_232,
      destinationPort: 33_434,
      checksum: random(16),
    })
    : method === "tcp"
    ? tcp({
      sourcePort: 61_000 + random(12),
      destinationPort: 80,
      sequence: random(32),
      window: 5840,
      syn: true,
    })
    : crypto.getRandomValues(new Uint8Array(40));
  const protocol = inner instanceof Uint8Array ? { protocol: 253 } : {};
  const outer = family === 4
    ? ipv4({
      source,
      destination,
      ttl: 1,
      identification: random(16),
      ...protocol,
    })
    : ipv6({
      source,
      destination,
      hopLimit: 1,
      flowLabel: random(20),
      ...protocol,
    });
  return method === "icmp" || method === "udp"
    ? buildPacket(outer, inner, payload)
    : buildPacket(outer, inner);
}

/** An error, as the bystander sends it. */
function error(
  quoted: Uint8Array,
  family: Family,
  kind: "timeExceeded" | "destinationUnreachable",
): OutgoingDatagram {
  const fields = { kind, code: kind === "timeExceeded" ? 0 : 3 };
  const addresses = { source: BYSTANDER[family], destination: SOURCE[family] };
  const bytes = family === 4
    ? buildPacket(ipv4(addresses), icmpv4(fields), quoted)
    : buildPacket(ipv6(addresses), icmpv6(fields), quoted);
  return { bytes, destination: SOURCE[family] };
}

function* lies(
  method: typeof METHODS[number],
  family: Family,
): Generator<OutgoingDatagram> {
  for (let i = 0; i < LIES; i += 2) {
    const quoted = imagined(method, family);
    yield error(quoted, family, "timeExceeded");
    yield error(quoted, family, "destinationUnreachable");
  }
}

function bystander(lab: Lab, family: Family): RawSocket {
  const namespace = lab.namespace("router1");
  return RawSocket.open({
    family,
    namespace,
    protocol: 255,
    headerIncluded: true,
  });
}

for (const family of [4, 6] as const) {
  await liveTest(
    `twenty thousand lies change no trace, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await Lab.up(chain(ROUTERS, { silent: [2] }));
      const target = chainAddress(4, family);
      const truth = chainHops(ROUTERS, family)
        .map((address, i) => i === 1 ? "*" : address);
      for (const method of METHODS) {
        using liar = bystander(lab, family);
        const lying = liar.sendMany(lies(method, family));
        let isLying = true;
        const done = lying.finally(() => isLying = false);
        let traces = 0;
        for (; isLying || traces === 0; traces++) {
          const trace = await traceFrom(lab, target, { method, timeoutMs });
          assertEquals(hopsOf(trace), truth, method);
          assertEquals(trace.hops.map((hop) => hop.duplicates), [0, 0, 0, 0]);
        }
        assertEquals(await done, LIES);
      }
    },
  );

  await liveTest(
    `whoever has seen a probe is believed, IPv${family}`,
    NEEDS,
    async () => {
      await using lab = await Lab.up(chain(ROUTERS, { silent: [2] }));
      using sniffer = PacketSocket.open({
        namespace: lab.namespace("router1"),
        device: "eth0",
      });
      using router = bystander(lab, family);
      const run = traceroute(chainAddress(4, family), {
        method: "udp",
        namespace: lab.namespace("host"),
        firstHop: 2,
        maxHops: 2,
        probes: 1,
        timeoutMs: PATIENT_MS,
      });
      const { result } = run;
      for await (const { bytes } of sniffer) {
        const packet = bytes.subarray(14);
        const isProbe = family === 4
          ? packet[0] === 0x45 && packet[9] === 17
          : packet[0] >> 4 === 6 && packet[6] === 17;
        if (!isProbe) continue;
        const { bytes: lie } = error(packet, family, "timeExceeded");
        router.send(lie, SOURCE[family]);
        break;
      }
      const { hops } = await result;
      assertEquals(hops[0].addresses, [BYSTANDER[family]]);
      // It quotes a probe of two hops that has gone none.
      assertEquals(hops[0].answers[0]?.quotedTTL, 2);
    },
  );
}

await liveTest(
  "an echo reply of somebody else's is no end",
  ["lab", "sysctl"],
  async () => {
    await using lab = await Lab.up(chain(1));
    const ignore = { "net.ipv4.icmp_echo_ignore_all": 1 };
    await setKernel(lab, "target", ignore);
    const namespace = lab.namespace("target");
    using inbox = RawSocket.open({ namespace, protocol: 1 });
    using outbox = RawSocket.open({
      namespace,
      protocol: 255,
      headerIncluded: true,
    });
    const { result } = traceroute("10.9.2.2", {
      namespace: lab.namespace("host"),
      firstHop: 2,
      maxHops: 2,
      probes: 1,
      timeoutMs: PATIENT_MS,
    });
    const { bytes } = await inbox.receive({ timeoutMs: PATIENT_MS });
    const { payload } = decodeIPv4(bytes);
    payload[0] = 0;
    // The right reply, from the target's other address first.
    for (const source of ["10.9.2.77", "10.9.2.2"]) {
      const reply = { source, destination: SOURCE[4], protocol: 1 };
      outbox.send(encodeIPv4(reply, withChecksum(payload)), SOURCE[4]);
    }
    const { hops } = await result;
    assertEquals(hops[0].addresses, ["10.9.2.2"]);
    assert(hops[0].isReached);
  },
);

function withChecksum(message: Uint8Array): Uint8Array {
  const bytes = message.slice();
  put16(bytes, 2, 0);
  put16(bytes, 2, internetChecksum(bytes));
  return bytes;
}
