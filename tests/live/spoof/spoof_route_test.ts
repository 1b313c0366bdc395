/** Forged packets across several hosts: who answers whom, and what changes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { lan } from "../../../lib/lab/topology/lan.ts";
import {
  decodeIPv4Options,
  forgedPacket,
  type ForgedPacketFields,
  spoof,
  type SpoofEvent,
} from "../../../mod.ts";
import { inHost } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { lines } from "../pair/pair_process.ts";
import { Tcpdump } from "../sniff/sniff_support.ts";

const TARGET = "10.9.4.2";
const HOST = "10.9.1.1";

await liveTest(
  "the victim answers the user, whose address the attacker forged",
  ["lab", "tcpdump", "tshark", "init-root"],
  async () => {
    await using lab = await Lab.up(lan);
    await using dump = await Tcpdump.start(
      lab,
      "user",
      "icmp",
      "and",
      "dst",
      "10.9.0.5",
    );
    const call = script(
      ...["spoof", "10.9.0.6", "-s", "10.9.0.5", "--why", "--icmp-id", "77"],
      ...["--payload", "are you there?"],
    );
    const { code, stdout } = await run(lab.inside("attacker", call));
    assertEquals(code, 0);
    assertStringIncludes(stdout, "10.9.0.6 answered, and not us: a reply to a");
    await dump.packets(1);
    const fields = await dump.fields("ip.src", "icmp.type", "icmp.ident");
    assertEquals(fields.at(-1)?.map((value) => value.split(",")[0]), [
      "10.9.0.6",
      "0",
      "77",
    ]);
  },
);

/** Spoofs from the first host of a chain, and tells what was told. */
async function events(
  lab: Lab,
  fields: Partial<ForgedPacketFields>,
): Promise<SpoofEvent[]> {
  const packet = forgedPacket({ source: HOST, destination: TARGET, ...fields });
  const namespace = lab.namespace("host");
  const how = { namespace, diff: true, why: true, timeoutMs: 400 };
  return await Array.fromAsync(spoof(packet, how));
}

await liveTest(
  "--diff shows what three routers changed, and by which rules",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(3));
    // Record route, with room for four addresses.
    const options = Uint8Array.of(7, 19, 4, ...new Uint8Array(16), 0);
    const told = await events(lab, { ttl: 9, options });
    const [compared] = told.filter((event) => event.type === "compared");
    const { fields, there } = compared.comparison;
    assertEquals([there?.host, there?.isSeen], ["target", true]);
    const changed = fields.filter(({ way }) => way === "changed");
    assertEquals(changed.map(({ name, rules }) => [name, rules.at(-1)]), [
      ["macSource", "each link has its own"],
      ["ttl", "3 routers on the way took one each (RFC 791 §3.2)"],
      ["checksum", "updated wherever the header was changed (RFC 1624)"],
      ["options", "routers on the way wrote into it (RFC 791 §3.1)"],
    ]);
    const values = (name: string) => {
      const field = fields.find((field) => field.name === name)!;
      return [field.sent?.value, field.left?.value, field.arrived?.value];
    };
    assertEquals(values("ttl"), [9, 9, 6]);
    assertEquals(values("totalLength"), [48, 48, 48]);
    const recorded = Uint8Array.fromHex(`${values("options")[2]}`);
    const [{ option }] = decodeIPv4Options(recorded).options;
    assert(option.kind === "recordRoute");
    assertEquals(option.addresses, [
      ...["10.9.2.1", "10.9.3.1", "10.9.4.1"],
      "0.0.0.0",
    ]);
  },
);

await liveTest(
  "--diff shows a router that remarks, and a packet that is lost",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(3));
    await inHost(
      lab,
      "router2",
      "nft",
      "table ip t { chain c { type filter hook forward priority 0; " +
        "ip protocol 253 drop; ip dscp set 10; }; }",
    );
    const told = await events(lab, { trafficClass: 0 });
    const [compared] = told.filter((event) => event.type === "compared");
    const tos = compared.comparison.fields.find((field) =>
      field.name === "dsField"
    );
    assertEquals(
      [tos?.left?.value, tos?.arrived?.value, tos?.way, tos?.rules],
      [0, 10 << 2, "changed", ["remarked on the way (RFC 2474)"]],
    );

    const lost = await events(lab, { protocol: 253 });
    assertEquals(lost.map(({ type }) => type), [
      ...["sent", "compared", "explained", "summary"],
    ]);
    const [{ comparison }] = lost.filter((event) => event.type === "compared");
    assertEquals(comparison.here.isSeen, true);
    assertEquals(comparison.there?.isSeen, false);
    const [{ verdict }] = lost.filter((event) => event.type === "explained");
    assertEquals(verdict.cause, "notForwarded");
    assertStringIncludes(verdict.text, "It arrived at router2, and");
  },
);

await liveTest(
  "--why knows what happens on the way",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(3));
    const cases: [Partial<ForgedPacketFields>, cause: string, says: string][] =
      [
        [{}, "answered", "10.9.4.2 answered 10.9.1.1"],
        [{ ttl: 2 }, "ttlExpired", "10.9.2.2 answers: time exceeded"],
        [
          { destination: "10.9.7.7" },
          "notForwarded",
          "It arrived at target, and no further: that host does not forward",
        ],
        [
          { destination: "10.9.2.77" },
          "icmpError",
          "10.9.1.2 answers: destination unreachable: host unreachable",
        ],
        [
          { source: "10.9.3.2" },
          "martianSource",
          "It arrived at router3, which dropped it",
        ],
      ];
    for (const [fields, cause, says] of cases) {
      const told = await events(lab, fields);
      const verdict = told.find((event) => event.type === "explained")?.verdict;
      assertEquals(verdict?.cause, cause, verdict?.text);
      assertStringIncludes(verdict!.text, says);
    }
    await inHost(
      lab,
      "router2",
      "sysctl",
      "-qw",
      "net.ipv4.conf.all.rp_filter=1",
    );
    const told = await events(lab, { source: "192.0.2.1" });
    const verdict = told.find((event) => event.type === "explained")?.verdict;
    assertEquals(verdict?.cause, "sourceFiltered", verdict?.text);
    assertStringIncludes(verdict!.text, "It arrived at router2 by eth0");

    await inHost(lab, "router2", "ip", "link", "set", "eth1", "mtu", "600");
    const payload = new Uint8Array(700);
    const long = await events(lab, { flags: 2, payload });
    const last = long.find((event) => event.type === "explained")?.verdict;
    assertEquals(last?.cause, "tooLong", last?.text);
    assertStringIncludes(last!.text, "10.9.2.2 answers: ");
  },
);

/** The verdict of a script's --why, in a line, as the chain's host runs it. */
async function why(lab: Lab, name: string, ...args: string[]): Promise<string> {
  const call = script(name, ...args, "--why");
  const { stdout } = await run(lab.inside("host", call));
  return stdout.replaceAll(/\s+/g, " ").match(/Why: .*/)?.[0] ?? stdout;
}

await liveTest(
  "--why knows where a TTL ran out, and which is enough, though a router is silent",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(3, { silent: [1, 2] }));
    for (
      const [name, ...args] of [
        ["spoof", TARGET, "-s", HOST, "-t", "2"],
        ["spoof", TARGET, "-s", "192.0.2.1", "-t", "2"],
        ["send", TARGET, "Hi", "-t", "2"],
        ["craft", "-d", TARGET, "--ttl", "2", "--payload", "Hi", "--send"],
      ]
    ) {
      const verdict = await why(lab, name, ...args);
      assertStringIncludes(
        verdict,
        "Why: Its TTL of 2 ran out at router2, where it arrived with 1 (RFC " +
          "1812 §5.3.1); and router2 sent no time exceeded",
      );
      assertStringIncludes(
        verdict,
        "--ttl 4 or more: 10.9.4.2 lies behind 3 routers.",
      );
    }
    const spoofed = (ttl: number) =>
      why(lab, "spoof", TARGET, "-s", HOST, "-t", `${ttl}`);
    assertStringIncludes(await spoofed(1), "Its TTL of 1 ran out at router1");
    // As the kernels of routers that do speak confirm.
    assertStringIncludes(await spoofed(3), "10.9.3.2 answers: time exceeded");
    assertStringIncludes(await spoofed(4), "10.9.4.2 answered 10.9.1.1");
  },
);

await liveTest(
  "--why knows of no TTL that takes a packet out of a circle",
  ["lab", "nft"],
  async () => {
    const silent = [1, 2];
    await using lab = await Lab.up(chain(3, { silent, loop: [2] }));
    const verdict = await why(lab, "spoof", TARGET, "-s", HOST, "-t", "9");
    assertStringIncludes(verdict, "Its TTL of 9 ran out at router1, where");
    assertStringIncludes(verdict, "routers send it in a circle");
  },
);

await liveTest(
  "the screen of a packet on its way keeps to 80 columns",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(2));
    const call = script(
      ...["spoof", "10.9.3.2", "-s", HOST, "--diff", "--why"],
      ...["--options", "01".repeat(40)],
    );
    const { stdout } = await run(lab.inside("host", call));
    assertStringIncludes(stdout, "~ changed on the way");
    assertStringIncludes(stdout, "2 routers on the way took one each");
    for (const line of lines(stdout)) assert(line.length <= 80, line);
  },
);
