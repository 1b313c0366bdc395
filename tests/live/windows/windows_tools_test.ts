/** The other scripts on Windows, through routers: as on Linux. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { planLab, TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { delay } from "../../../lib/socket/time.ts";
import { pairUp } from "../hosts.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";
import { reply, Responder } from "../responder.ts";
import {
  bundles,
  callOnLinux,
  callsOnWindows,
  NEEDS,
  onLinux,
  onWindows,
} from "./windows.ts";

const TARGET = "10.9.3.2";
const chain = planLab("chain", ["2"], {});

await liveTest(
  "ping on Windows hears what Linux hears, as administrator and without",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain);
    const reached = ["-c", "2", "-i", "0.2", TARGET];
    const lost = ["-c", "1", "-t", "1", TARGET];
    const calls = [reached, lost].map((args) => ["ping", "-n", ...args]);
    const raw = await callsOnWindows(lab, "host", calls);
    const own = await callsOnWindows(
      ...[lab, "host"] as const,
      calls.map((call) => [...call, "--unprivileged"]),
    );
    const linux = [];
    for (const call of calls) linux.push(await callOnLinux(lab, "host", call));
    for (const [there, not] of [raw, own, linux]) {
      assertEquals([there.code, not.code], [0, 1], there.text + not.text);
      const replies = lines(there.text)
        .filter((line) => line.includes("icmp_seq"))
        .map((line) => line.replace(/ time=.*/, ""));
      assertEquals(
        replies,
        [1, 2].map((i) => `64 bytes from ${TARGET}: icmp_seq=${i} ttl=62`),
      );
      const error = "From 10.9.1.2 icmp_seq=1 Time to live exceeded";
      assertStringIncludes(not.text, error);
    }
  },
);

await liveTest(
  "sweep and traceroute on Windows find what Linux finds",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain);
    const calls = [
      ["sweep", "--alive-only", "10.9.3.0/29", "10.9.1.2"],
      ...["icmp", "udp", "raw"].map((method) => [
        ...["traceroute", "-n", "-M", method, "--seed-format", TARGET],
      ]),
    ];
    const all = await callsOnWindows(lab, "host", calls);
    for (const [i, call] of calls.entries()) {
      const { code, text } = await callOnLinux(lab, "host", call);
      assertEquals([all[i].code, code], [0, 0], all[i].text);
      const found = all[i].text.match(/\b10\.9\.\d\.\d\b/g)!.sort();
      assertEquals(found, text.match(/\b10\.9\.\d\.\d\b/g)!.sort());
      assertEquals(
        [...new Set(found)],
        i === 0
          ? ["10.9.1.2", "10.9.3.1", TARGET]
          : ["10.9.1.2", "10.9.2.2", TARGET],
      );
    }
    assertMatch(all[0].text, /9 addresses, 9 sent, 3 alive, /);
  },
);

/** A call that sends one packet, its protocol, and how it arrives. */
const SENT: [protocol: string, packet: RegExp, ...call: string[]][] = [
  [
    ...["253", /^45000019004d0000fdfd....c0000207/] as const,
    ...["spoof", TARGET, "-s", "192.0.2.7", "--protocol", "253"],
    ...["--payload", "Hello", "--id", "77"],
  ],
  [
    // What is left out, Linux' kernel writes, and Windows' none.
    ...["udp", /^45000021.{8}4011....0a0901010a090302/] as const,
    ...["spoof", TARGET, "-s", "0.0.0.0", "--protocol", "udp", "-t", "66"],
    ...["--hex", "00070007000d000048656c6c6f"],
  ],
  [
    ...["253", /^4500001900090000..fd....c00002070a0903/] as const,
    ...["craft", "-s", "192.0.2.7", "-d", TARGET, "--protocol", "253"],
    ...["--id", "9", "--payload", "Hello", "--send"],
  ],
];

await liveTest(
  "spoof and craft on Windows send from any source, headers complete",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain);
    for (const [protocol, packet, ...call] of SENT) {
      for (const isWindows of [true, false]) {
        const listen = await onLinux(
          ...[lab, "target", "receive", "-c", "1", "-p", protocol] as const,
        );
        await using receiver = new Process(listen);
        await receiver.until("Socket Info");
        const { code, text } = isWindows
          ? (await callsOnWindows(lab, "host", [call]))[0]
          : await callOnLinux(lab, "host", call);
        assertEquals(code, 0, text);
        const [, , digits] = lines((await receiver.end()).stdout);
        // Two routers were passed, and each has mended the checksum.
        assertMatch(digits, packet, call.join(" "));
        assert(digits.endsWith("48656c6c6f"), digits);
      }
    }
  },
);

await liveTest(
  "without an administrator ping asks Windows to send, and the others say who may",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const calls = [
      ["ping", "-c", "2", "-i", "0.3", "-W", "0.5", "1.1.1.1"],
      ["send", "1.1.1.1", "Hi"],
      ["sweep", "1.1.1.1"],
      ["ping", "--csv", "-c", "1", "-W", "0.5", "1.1.1.1"],
    ];
    const [ping, send, sweep, table] = await callsOnWindows(
      ...[lab, "sender", calls, { isAdministrator: false }] as const,
    );
    assertStringIncludes(
      ping.text,
      "ping: no raw socket, so Windows itself sends the requests\nPING 1.1.1.1",
    );
    // Wine has no leave to send, either, and says so to nobody but its caller.
    assertEquals(ping.code, 4, ping.text);
    assertStringIncludes(unwrapped(ping.text), "Windows did not send the last");
    for (const { code, text } of [send, sweep]) {
      assertEquals(code, 3, text);
      assertStringIncludes(unwrapped(text), "by “Run as administrator”");
    }
    // The table has one head, though it began twice.
    assertEquals(table.text.match(/^type,/gm), ["type,"], table.text);
    // What Windows does for everybody, Wine does by a socket that Linux allows.
    const allowed = "net.ipv4.ping_group_range=0 0";
    await run(lab.inside("sender", ["sysctl", "-qw", allowed]));
    const [heard] = await callsOnWindows(
      ...[lab, "sender", [["ping", "-c", "1", "--unprivileged", "1.1.1.1"]], {
        isAdministrator: false,
      }] as const,
    );
    assertEquals(heard.code, 0, heard.text);
    assertStringIncludes(heard.text, "1 packets transmitted, 1 received");
  },
);

await liveTest(
  "Windows waits for a reply as long as ping says, and sends from no other's address",
  NEEDS,
  async () => {
    await using lab = await pairUp();
    await using _ = await Responder.start(lab, 4, (request) => [
      { ...reply(request), after: delay(5000) },
    ]);
    const allowed = "net.ipv4.ping_group_range=0 0";
    await run(lab.inside("sender", ["sysctl", "-qw", allowed]));
    const own = ["ping", "-c", "1", "--unprivileged", "1.1.1.1"];
    const [patient, other] = await callsOnWindows(lab, "sender", [
      [...own, "-W", "20"],
      [...own, "-I", "192.0.2.1"],
    ]);
    assertEquals(patient.code, 0, patient.text);
    assertStringIncludes(patient.text, "1 packets transmitted, 1 received");
    assertEquals(other.code, 4, other.text);
    assertStringIncludes(other.text, "cannot bind to 192.0.2.1");
  },
);

await liveTest(
  "what needs no socket is the same on Windows",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const packet = "4500001c00010000400166ca0a0901010a0903020800f7ff00000000";
    const calls = [
      ["dissect", packet],
      ["craft", "-d", "192.0.2.1", "--icmp-type", "8", "--id", "1"],
      [
        ...["spoof", "10.9.3.2", "-s", "192.0.2.7", "--dry-run"],
        ...["--id", "1", "--protocol", "253"],
      ],
    ];
    const all = await callsOnWindows(lab, "sender", calls);
    for (const [i, call] of calls.entries()) {
      assertEquals(all[i], await callOnLinux(lab, "sender", call));
      assertEquals(all[i].code, 0, all[i].text);
    }
  },
);

await liveTest(
  "files have Windows' paths there, and umlauts are what they are",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const listen = await onLinux(lab, "receiver", "receive", "-c", "1");
    await using receiver = new Process(listen);
    await receiver.until("Socket Info");
    const file = `${await bundles()}/windows/two words.pcap`;
    await run(script("craft", "-d", "192.0.2.1", "--write", file));
    const [seen, missing, refused] = await callsOnWindows(
      ...[lab, "sender"] as const,
      [
        ["dissect", "Z:\\dist\\two words.pcap"],
        ["dissect", "Z:\\dist\\none.pcap"],
        ["craft", "-d", "192.0.2.1", "--write", "Z:\\dist\\new.pcap"],
      ],
    );
    const { stdout } = await run(script("dissect", file));
    assertEquals(seen, { code: 0, text: stdout });
    assertEquals([missing.code, refused.code], [4, 3]);
    assertStringIncludes(missing.text, "cannot read the file Z:");
    assertStringIncludes(refused.text, "Add --allow-write=Z:");
    const send = await onWindows(lab, "sender", "send", "1.1.1.1", "Grüße");
    assertEquals((await run(send)).code, 0);
    const [, , , payload] = lines((await receiver.end()).stdout);
    assertEquals(payload, "Grüße");
  },
);

const THERE = "1.1.1.1";
const FORGED = ["spoof", "-s", "192.0.2.7", "10.9.9.9"];

/** A call that fails, its exit code, and what is said of it. */
const FAILURES: [code: number, said: RegExp, ...call: string[]][] = [
  [1, /100% packet loss/, "ping", "-c", "1", "-W", "0.3", "1.1.1.77"],
  [2, /--count/, "send", THERE, "Hi", "-c", "x"],
  [2, /neither an address nor a host name/, "ping", "1.1.1"],
  [4, /Network is unreachable.*route print/, "send", "192.0.2.1", "Hi"],
  [4, /Cannot assign requested.*ipconfig/, "receive", "-b", "192.0.2.1"],
  [4, /protocol 0: Protocol not.*Windows has/, "send", "-p", "0", THERE, "Hi"],
  [4, /cannot resolve "nobody.invalid"/, "send", "nobody.invalid", "Hi"],
  [4, /sniff: Windows shows no program.*Wireshark/, "sniff"],
  [4, /no network namespaces.*on Linux/, "lab", "status"],
  [4, /no network namespaces.*on Linux/, "demo"],
  [4, /sends no TCP.*Send ICMP/, "traceroute", "-M", "tcp", THERE],
  [4, /does not tell what its link/, "traceroute", "--mtu", THERE],
  [4, /by its name.*ipconfig/, "ping", "-c", "1", "-I", "eth0", THERE],
  // Wine has no requests of IPv6, which Windows has.
  [4, /ping socket: Address family not/, "ping", "-c", "1", "::1"],
  [4, /no raw IPv6/, "sweep", "::1"],
  [4, /sends no TCP/, "send", "-p", "tcp", THERE, "Hi"],
  [4, /shows raw sockets no TCP/, "receive", "-p", "tcp"],
  [4, /shows no program what/, "send", "--diff", THERE, "Hi"],
  [4, /shows no program what/, "send", "--why", THERE, "Hi"],
  [4, /shows no program what/, ...FORGED, "--diff"],
  [4, /shows no program what/, ...FORGED, "--why"],
  [4, /sends no TCP/, ...FORGED, "--protocol", "tcp"],
  [4, /drops UDP whose source/, ...FORGED, "--protocol", "udp"],
];

await liveTest(
  "scripts say on Windows what fails and what to do, and end with their codes",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const calls = FAILURES.map(([, , ...call]) => call);
    const all = await callsOnWindows(lab, "sender", calls);
    for (const [i, [code, said]] of FAILURES.entries()) {
      const call = `${calls[i].join(" ")}: ${all[i].text}`;
      assertEquals(all[i].code, code, call);
      assertMatch(unwrapped(all[i].text), said, call);
    }
  },
);
