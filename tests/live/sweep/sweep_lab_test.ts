/**
 * Sweeps between the hosts of a lab, where a test can answer as it likes. None
 * waits for a time of its own: a sweep ends when it knows of all, or is ended.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  decodeIPv4,
  encodeICMPv4,
  internetChecksum,
  ipv4,
  RawSocket,
  sweep,
  type SweepEvent,
} from "../../../mod.ts";
import { addLinkLocals, inHost, pairUp, setKernel } from "../hosts.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { Process } from "../pair/pair_process.ts";

/** Longer than anything takes that is waited for. */
const timeoutMs = 600_000;

/** What is done in place of the kernel to each request that the receiver gets. */
type Answer = (request: Uint8Array, destination: string) => Uint8Array[];

/** Silences the receiver's kernel, and answers in its place, until disposed of. */
class Answerer implements AsyncDisposable {
  /** The last request. */
  request = new Uint8Array();
  readonly #inbox: RawSocket;
  readonly #outbox: RawSocket;
  readonly #work: Promise<void>;

  private constructor(namespace: string, answer: Answer) {
    this.#inbox = RawSocket.open({ namespace, protocol: 1 });
    this.#outbox = RawSocket.open({
      namespace,
      protocol: 255,
      headerIncluded: true,
    });
    this.#work = this.#answer(answer);
  }

  static async start(lab: Lab, answer: Answer): Promise<Answerer> {
    const silence = { "net.ipv4.icmp_echo_ignore_all": 1 };
    await setKernel(lab, "receiver", silence);
    return new Answerer(lab.namespace("receiver"), answer);
  }

  async #answer(answer: Answer): Promise<void> {
    for await (const { bytes } of this.#inbox) {
      const { header: { destination }, payload } = decodeIPv4(bytes);
      if (payload[0] !== 8) continue;
      this.request = payload.slice();
      for (const packet of answer(payload, destination)) {
        this.#outbox.send(packet, SENDER);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#inbox.close();
    await this.#work;
    this.#outbox.close();
  }
}

const SENDER = "1.1.1.100";
const RECEIVER = "1.1.1.1";

/** The reply to a request, but for an octet and its code. */
function reply(
  request: Uint8Array,
  { source = RECEIVER, change, code = 0 }: {
    source?: string;
    change?: number;
    code?: number;
  } = {},
): Uint8Array {
  const bytes = request.slice();
  bytes[0] = 0;
  bytes[1] = code;
  if (change !== undefined) bytes[change] ^= 1;
  bytes.fill(0, 2, 4);
  new DataView(bytes.buffer).setUint16(2, internetChecksum(bytes));
  const header = ipv4({ source, destination: SENDER, protocol: 1 });
  return buildPacket(header, bytes);
}

/** What a router says that quotes no more of a request than it must. */
function refusal(request: Uint8Array, destination: string): Uint8Array {
  const header = ipv4({ source: SENDER, destination, protocol: 1 });
  const quoted = buildPacket(header, request).subarray(0, 28);
  const fields = { kind: "destinationUnreachable", code: 1, quoted } as const;
  const outer = ipv4({ source: RECEIVER, destination: SENDER, protocol: 1 });
  return buildPacket(outer, encodeICMPv4(fields));
}

await liveTest(
  "sweep finds the neighbour, and what the kernel finds dead",
  ["lab"],
  async () => {
    await using lab = await pairUp();
    const namespace = lab.namespace("sender");
    for (
      const [range, address] of [
        ["1.1.1.1-1.1.1.9", "1.1.1.1"],
        ["2001:db8::1-2001:db8::9", "2001:db8::1"],
      ]
    ) {
      const alive: string[] = [];
      const sweeping = sweep([range], { namespace, timeoutMs, rate: Infinity });
      for await (const event of sweeping) {
        if (event.type === "alive") alive.push(event.address);
      }
      assertEquals(alive, [address]);
      const { refused, unreachable } = await sweeping.result;
      assertEquals([refused, unreachable], [0, 8]);
    }
  },
);

await liveTest("sweep() refuses forged replies", ["lab"], async () => {
  await using lab = await pairUp();
  const namespace = lab.namespace("sender");
  let earlier: Uint8Array | undefined;
  // What comes last is true, so that all before it has been judged by then.
  await using receiver = await Answerer.start(lab, (request) => [
    reply(request, { source: "1.1.1.8" }),
    reply(request, { source: "1.1.1.7" }),
    ...[7, 11, 15, 30].map((change) => reply(request, { change })),
    ...(earlier === undefined ? [] : [reply(earlier)]),
    reply(request),
  ]);
  for (let times = 0; times < 2; times++) {
    const end = new AbortController();
    const { signal } = end;
    // Its neighbour is silent: it does not end by itself.
    const ranges = ["1.1.1.1", "1.1.1.7"];
    const sweeping = sweep(ranges, { namespace, timeoutMs, signal });
    for await (const { type } of sweeping) if (type === "alive") end.abort();
    const { alive, refused } = await sweeping.result;
    assertEquals(alive, 1);
    // An earlier run had another identifier, which the kernel's filter knows.
    assert(refused === 6 || (refused === 7 && earlier), `${refused}`);
    earlier = receiver.request;
  }
});

await liveTest(
  "sweep takes errors that quote eight octets, as fping and ping do",
  ["lab", "fping", "ping"],
  async () => {
    await using lab = await pairUp();
    await using _receiver = await Answerer.start(
      lab,
      (request, destination) => [
        refusal(request, destination),
      ],
    );
    const namespace = lab.namespace("sender");
    for (const shuffle of [false, true]) {
      const events: SweepEvent[] = [];
      const sweeping = sweep([RECEIVER], { namespace, timeoutMs, shuffle });
      for await (const event of sweeping) events.push(event);
      const [{ type }] = events;
      assertEquals(type, "unreachable");
      const { unreachable, refused } = await sweeping.result;
      assertEquals([unreachable, refused], [1, 0]);
    }
    const options = ["-c1", "-t20000", RECEIVER];
    const fping = await run(lab.inside("sender", ["fping", ...options]));
    assertStringIncludes(fping.stderr, "ICMP Host Unreachable from 1.1.1.1");
    const iputils = ["ping", "-c1", "-W20", RECEIVER];
    const { stdout } = await run(lab.inside("sender", iputils));
    assertStringIncludes(stdout, "Destination Host Unreachable");
  },
);

await liveTest(
  "a reply of code 1 is a reply: to sweep, ping, fping and iputils' ping",
  ["lab", "fping", "ping"],
  async () => {
    await using lab = await pairUp();
    await using _receiver = await Answerer.start(lab, (request) => [
      reply(request, { code: 1 }),
    ]);
    for (
      const command of [
        script("sweep", "-w", "600", RECEIVER),
        script("ping", "-c1", "-W", "600", RECEIVER),
        ["fping", "-c1", "-t20000", RECEIVER],
        ["ping", "-c1", "-W20", RECEIVER],
      ]
    ) {
      const { code, stderr } = await run(lab.inside("sender", command));
      assertEquals([code, command], [0, command], stderr);
    }
  },
);

await liveTest(
  "a link-local range is swept on its own link, and shown by its name",
  ["lab", "ip"],
  async () => {
    await using lab = await pairUp();
    await addLinkLocals(lab);
    const call = (...args: string[]) => {
      const command = script("sweep", "-w", "600", ...args);
      return run(lab.inside("sender", command));
    };
    const alive = /^fe80::1%eth0 is alive \(\d+\.\d\d ms, ttl 64\)\n$/;
    for (
      const args of [
        ["fe80::1%eth0"],
        ["fe80::1/128%eth0"],
        ["-I", "eth0", "fe80::1"],
        ["-I", "fe80::100", "fe80::1"],
        // The only link that there is.
        ["fe80::1"],
      ]
    ) {
      const { code, stdout } = await call(...args);
      assertEquals([code, alive.test(stdout)], [0, true], `${args} ${stdout}`);
    }
    // Another link, where the other end has the same address.
    for (
      const command of [
        "link add v0 type veth peer name v1",
        "link set v1 netns receiver",
        "link set v0 addrgenmode none",
        "link set v0 up",
        "address add fe80::5/64 dev v0 nodad",
      ]
    ) {
      const netns = lab.namespace("receiver");
      const words = command.replace("receiver", netns).split(" ");
      await inHost(lab, "sender", "ip", ...words);
    }
    for (
      const command of [
        "link set v1 addrgenmode none",
        "link set v1 up",
        "address add fe80::1/64 dev v1 nodad",
      ]
    ) await inHost(lab, "receiver", "ip", ...command.split(" "));
    const both = await call("--json", "fe80::1%v0", "fe80::1%eth0");
    const found = both.stdout.trim().split("\n").map((line) => JSON.parse(line))
      .flatMap(({ type, address }) => type === "alive" ? address : []);
    assertEquals(found.sort(), ["fe80::1%eth0", "fe80::1%v0"]);
    const neither = await call("fe80::1");
    assertStringIncludes(
      unwrapped(neither.stderr),
      "fe80::1 can be on eth0 or v0: say which, such as fe80::1%eth0",
    );
    assertEquals(neither.code, 2);
  },
);

await liveTest(
  "what a firewall of this host drops is sent, and lost",
  ["lab", "nft"],
  async () => {
    await using lab = await pairUp();
    const rules = `table inet choosy {
      chain out {
        type filter hook output priority 0
        ip daddr 1.1.1.7 drop
        icmpv6 type echo-request drop
      }
    }`;
    await inHost(lab, "sender", "nft", rules);
    const call = (...args: string[]) =>
      run(lab.inside("sender", script("sweep", "-w", "0.1", ...args)));
    const refused = ["1.1.1.7", "2001:db8::1"];
    const json = await call("--json", ...refused);
    const events = json.stdout.trim().split("\n")
      .map((line) => JSON.parse(line));
    const reason = (address: string) =>
      `cannot send an echo request to ${address}: Operation not permitted ` +
      "(sendmmsg: EPERM)";
    assertEquals(
      events.slice(0, -1).map(({ timestamp: _, ...facts }) => facts),
      refused.map((address) => ({
        type: "failed",
        address,
        reason: reason(address),
      })),
    );
    const { sent, unsent, alive, failure } = events.at(-1);
    assertEquals([sent, unsent, alive], [2, 2, 0]);
    assertEquals(failure, reason(refused[0]));
    assertEquals([json.code, json.stderr], [3, ""]);
    const text = await call(...refused);
    const said = unwrapped(text.stderr);
    assertStringIncludes(said, "2 sent, 2 of them could not leave, 0 alive, ");
    assertStringIncludes(said, `sweep: ${reason(refused[0])}`);
    assertStringIncludes(said, "`nft list ruleset` shows them");
    assertEquals([text.code, text.stdout], [3, ""]);
  },
);

await liveTest(
  "a sweep goes on when the cable is in again",
  ["lab", "ip"],
  async () => {
    await using lab = await pairUp();
    const options = ["--json", "--rate", "20", "-w", "0", "--retries", "1000"];
    const command = script("sweep", ...options, "1.1.1.1-1.1.1.3");
    const cable = (state: string) =>
      inHost(lab, "sender", "ip", "link", "set", "eth0", state);
    await cable("down");
    await using sweeping = new Process(lab.inside("sender", command));
    await sweeping.until('"type":"failed"', 7);
    await cable("up");
    await sweeping.until('"type":"alive"');
    sweeping.kill("SIGINT");
    const { code, stdout, stderr } = await sweeping.end();
    assertEquals([code, stderr], [0, ""]);
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const failed = events.filter(({ type }) => type === "failed").length;
    const { sent, unsent, alive } = events.at(-1);
    assertEquals([unsent, alive], [failed, 1]);
    assert(sent > unsent);
  },
);

await liveTest(
  "a queue that takes nothing does not keep a sweep for ever",
  ["lab", "tc", "ip"],
  async () => {
    await using lab = await pairUp();
    const neighbour = ["2001:db8::1", "lladdr", "02:00:00:00:00:01"];
    const known = ["dev", "eth0", "nud", "permanent"];
    await inHost(
      lab,
      "sender",
      ...["ip", "neigh", "replace", ...neighbour, ...known],
    );
    const full = ["qdisc", "replace", "dev", "eth0", "root", "bfifo", "limit"];
    await inHost(lab, "sender", "tc", ...full, "1");
    const command = script("sweep", "-w", "0", "2001:db8::1");
    const { code, stderr } = await run(lab.inside("sender", command));
    assertStringIncludes(stderr, "1 sent, 1 of them could not leave, 0 alive");
    assertStringIncludes(stderr, "No buffer space available");
    assertEquals(code, 4);
  },
);
