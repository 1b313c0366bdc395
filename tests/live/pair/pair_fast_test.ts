/** send --fast: what leaves, what the kernel counts of it, and what is refused. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FastSender } from "../../../mod.ts";
import type { Lab } from "../../../lib/lab/lab.ts";
import { inHost, pairUp, routedUp, setKernel } from "../hosts.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { Tcpdump } from "../sniff/sniff_support.ts";
import { eventually, lines, Process, send } from "./pair_process.ts";

const NEEDS = ["lab", "init-root", "tcpdump", "tshark"];
const OURS = ["-i", "eth0", "ip proto 253"];
const MANY = 1_000_000_000_000;

/** IPv4 packets that have arrived at a host, by its kernel's count. */
async function arrived(lab: Lab, host: string): Promise<number> {
  const text = await inHost(lab, host, "cat", "/proc/net/snmp");
  const [names, values] = text.split("\n")
    .filter((line) => line.startsWith("Ip: "))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf("InReceives")]);
}

// deno-lint-ignore no-explicit-any
function summaryOf(stdout: string): any {
  return JSON.parse(lines(stdout).at(-1)!);
}

await liveTest(
  "send --fast sends the octets that send sends",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const MESSAGES = [
      ["Hello", "World!"],
      ["-t", "7", "-Q", "0xb9", "-p", "253", "--size", "1480"],
      ["-s", "1.1.1.100", "--hex", "00"],
    ];
    await using tcpdump = await Tcpdump.start(lab, "receiver", ...OURS);
    for (const [i, message] of MESSAGES.entries()) {
      for (const how of [[], ["--fast"]]) {
        const command = ["1.1.1.1", ...message, "-c", "4", ...how] as const;
        const { stdout } = await send(lab, ...command);
        assertStringIncludes(stdout, "--- 4 sent, ");
      }
      const frames = (await tcpdump.packets(8 * (i + 1))).slice(8 * i)
        .map(({ bytes }) => {
          // But for the identification, and the checksum over it.
          bytes.fill(0, 18, 20).fill(0, 24, 26);
          return bytes.toHex();
        });
      assertEquals(frames, Array(8).fill(frames[0]), message.join(" "));
    }
    const statuses = await tcpdump.fields("ip.checksum.status");
    assertEquals(statuses.flat(), Array(24).fill("1"));
  },
);

await liveTest(
  "send --fast counts identifications, and never repeats one soon",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    // Without "don't fragment", they are what fragments are told apart by.
    await setKernel(lab, "sender", { "net.ipv4.ip_no_pmtu_disc": 1 });
    await using tcpdump = await Tcpdump.start(lab, "receiver", ...OURS);
    const COUNT = 1000;
    await send(lab, "1.1.1.1", "Hi", "-c", `${COUNT}`, "--fast");
    const frames = await tcpdump.packets(COUNT);
    assertEquals(new Set(frames.map(({ bytes }) => bytes[20])), new Set([0]));
    // The first is the kernel's.
    const [, ...fields] = await tcpdump.fields("ip.id", "ip.checksum.status");
    assertEquals(new Set(fields.map(([, status]) => status)), new Set(["1"]));
    const numbers = fields.map(([number]) => Number(number));
    assertEquals(
      numbers,
      numbers.map((_, i) => (numbers[0] + i) & 0xffff),
    );
  },
);

await liveTest(
  "send --fast finds out a neighbour that is not known, and a router's",
  NEEDS,
  async () => {
    await using lab = await routedUp();
    await using tcpdump = await Tcpdump.start(lab, "server", ...OURS);
    await inHost(lab, "client", "ip", "neighbour", "flush", "dev", "eth0");
    const before = await arrived(lab, "server");
    const command = script("send", "1.1.2.2", "Hi", "-c", "5000", "--fast");
    const { stdout } = await run(lab.inside("client", command));
    assertStringIncludes(stdout, "--- 5000 sent, 10000 octets, ");
    await eventually(
      "all are there",
      async () => await arrived(lab, "server") - before >= 5000,
    );
    assertEquals(await arrived(lab, "server") - before, 5000);
    const [ttls] = await tcpdump.fields("ip.ttl");
    assertEquals(ttls, ["63"]);
  },
);

await liveTest(
  "send --fast sends by a device without ARP what the kernel sends",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using tcpdump = await Tcpdump.start(lab, "receiver", ...OURS);
    await inHost(lab, "sender", "ip", "link", "set", "eth0", "arp", "off");
    const { stdout } = await send(lab, "1.1.1.1", "Hi", "-c", "5", "--fast");
    assertStringIncludes(stdout, "--- 5 sent, ");
    // The first is the kernel's.
    const heads = (await tcpdump.packets(5))
      .map(({ bytes }) => bytes.subarray(0, 14).toHex());
    assertEquals(heads, Array(5).fill(heads[0]));
  },
);

await liveTest(
  "send --fast says what it cannot send, and sends none of it",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using tcpdump = await Tcpdump.start(lab, "receiver", ...OURS);
    const REFUSED: [args: string[], exit: number, said: string][] = [
      [["1.1.1.77", "Hi"], 1, "cannot find out the link address of 1.1.1.77"],
      [["1.1.1.255", "Hi"], 4, "not one other host; the route is broadcast"],
      [["1.1.1.100", "Hi"], 4, "not one other host; the route is local"],
      [["127.0.0.1", "Hi"], 4, "not one other host; the route is local"],
      [["9.9.9.9", "Hi"], 4, "cannot find a route to 9.9.9.9"],
      [["1.1.1.1", "--size", "1481"], 2, "1501 octets long, and the way to"],
      [["1.1.1.1", "Hi", "--mtu", "576"], 2, "cannot be used with option"],
      [["1.1.1.1", "Hi", "-i", "1"], 2, "cannot be used with option"],
      [["1.1.1.1"], 2, "--fast wants a message"],
    ];
    for (const [args, exit, said] of REFUSED) {
      const { code, stdout, stderr } = await send(
        lab,
        ...[...args, "-c", "99", "--fast"],
      );
      assertStringIncludes(unwrapped(stderr), said);
      assertEquals(code, exit, stderr);
      // What is wrong is said but once.
      assert(!stdout.includes("unreachable"), stdout);
    }
    await inHost(lab, "sender", "ip", "route", "add", "prohibit", "1.1.1.1");
    const { code, stderr } = await send(lab, "1.1.1.1", "Hi", "--fast");
    assertEquals(code, 3, stderr);
    await inHost(lab, "sender", "ip", "route", "del", "prohibit", "1.1.1.1");
    await send(lab, "1.1.1.1", "the first", "--fast");
    const [first] = await tcpdump.packets(1);
    assert(new TextDecoder().decode(first.bytes).endsWith("the first"));
  },
);

await liveTest(
  "send --fast ends on Ctrl-C, and has counted what it has sent",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const before = await arrived(lab, "receiver");
    const options = ["-c", `${MANY}`, "--fast", "--json"];
    const command = script("send", "1.1.1.1", "Hi", ...options);
    await using sending = new Process(lab.inside("sender", command));
    await sending.untilItMindsCtrlC();
    await eventually(
      "it has sent some",
      async () => await arrived(lab, "receiver") - before > 10_000,
    );
    sending.kill("SIGINT");
    const { code, stdout } = await sending.end();
    const { sent, octets, failed } = summaryOf(stdout);
    const there = await arrived(lab, "receiver") - before;
    // Nobody listens there, which is said, and answered by 1.
    assertEquals([code, octets, failed], [1, 2 * sent, 0]);
    assertEquals(there, sent);
  },
);

await liveTest(
  "send --fast ends when the cable is out, and says how many have left",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    const before = await arrived(lab, "receiver");
    const options = ["-c", `${MANY}`, "--fast", "--json"];
    const command = script("send", "1.1.1.1", "Hi", ...options);
    await using sending = new Process(lab.inside("sender", command));
    await sending.until('"type":"refused"');
    await inHost(lab, "sender", "ip", "link", "set", "eth0", "down");
    const { code, stdout } = await sending.end();
    const { sent, octets, failed } = summaryOf(stdout);
    const there = await arrived(lab, "receiver") - before;
    assertEquals([code, failed], [4, 1]);
    assertEquals([sent - failed, octets], [there, 2 * there]);
    const failure = lines(stdout).map((line) => JSON.parse(line))
      .find(({ type }) => type === "failed");
    assertEquals(failure.number, sent);
  },
);

await liveTest(
  "FastSender sends on as long as it is open, and is closed once",
  ["lab"],
  async () => {
    await using lab = await pairUp();
    const before = await arrived(lab, "receiver");
    const options = { protocol: 253, destination: "1.1.1.1" };
    const sender = FastSender.open({
      ...options,
      namespace: lab.namespace("sender"),
    });
    for (const count of [1, 2, 257]) {
      assertEquals(await sender.send(new Uint8Array(count), count), count);
    }
    assertEquals(await arrived(lab, "receiver") - before, 260);
    assertEquals(
      await sender.send(new Uint8Array(), 9, AbortSignal.abort()),
      0,
    );
    sender.close();
    sender.close();
    assertEquals(await arrived(lab, "receiver") - before, 260);
  },
);
