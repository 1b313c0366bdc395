/** The receiver's word on a packet, against Wireshark's on its capture file. */

import { assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { encodeIPv4, type IPv4Fields } from "../../../lib/wire/ipv4/ipv4.ts";
import {
  encodeIPv4Options,
  type IPv4Option,
} from "../../../lib/wire/ipv4/ipv4_options.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { liveTest, run, script } from "../live.ts";
import {
  lines,
  Process,
  receiver,
  senderSocket,
  writingReceiver,
} from "./pair_process.ts";

/** What all three say of a packet, in the same words. */
type Facts = Record<string, string>;

// deno-lint-ignore no-explicit-any
type JSONValue = any;

function factsOfTshark(layers: JSONValue): Facts {
  const { ip, data } = layers;
  return {
    version: ip["ip.version"],
    headerLength: ip["ip.hdr_len"],
    dscp: ip["ip.dsfield_tree"]["ip.dsfield.dscp"],
    ecn: ip["ip.dsfield_tree"]["ip.dsfield.ecn"],
    totalLength: ip["ip.len"],
    identification: `${Number(ip["ip.id"])}`,
    reserved: ip["ip.flags_tree"]["ip.flags.rb"],
    dontFragment: ip["ip.flags_tree"]["ip.flags.df"],
    moreFragments: ip["ip.flags_tree"]["ip.flags.mf"],
    fragmentOffset: ip["ip.frag_offset"],
    ttl: ip["ip.ttl"],
    protocol: ip["ip.proto"],
    checksum: `${Number(ip["ip.checksum"])}`,
    source: ip["ip.src"],
    destination: ip["ip.dst"],
    data: data?.["data.data"].replaceAll(":", "") ?? "",
  };
}

function factsOfJSON({ header, payloadHex }: JSONValue): Facts {
  const { options: _, ...fields } = header;
  return Object.fromEntries(
    Object.entries({ ...fields, data: payloadHex }).map(([name, value]) => [
      name,
      `${typeof value === "boolean" ? Number(value) : value}`,
    ]),
  );
}

function factsOfExplanation(text: string): Facts {
  const flat = text.replace(/\n {12}(?=\S)/g, " ");
  const find = (pattern: string) =>
    new RegExp(`${pattern}`, "m").exec(flat)?.[1] ?? "?";
  const flag = (label: string) =>
    find(`${label}: (Set|Not set)$`) === "Set" ? "1" : "0";
  const dump = [...flat.matchAll(/^[0-9a-f]{4} {2}(.{48})/gm)];
  return {
    version: find("Version: (\\d+)$"),
    headerLength: find("Header Length: (\\d+) bytes"),
    dscp: find("Codepoint: .*\\((\\d+)\\)$"),
    ecn: find("Congestion Notification: .*\\((\\d+)\\)$"),
    totalLength: find("Total Length: (\\d+)$"),
    identification: find("Identification: 0x.{4} \\((\\d+)\\)$"),
    reserved: flag("Reserved bit"),
    dontFragment: flag("Don't fragment"),
    moreFragments: flag("More fragments"),
    fragmentOffset: find("Fragment Offset: (\\d+)$"),
    ttl: find("Time to Live: (\\d+)$"),
    protocol: find("Protocol: .*\\((\\d+)\\)$"),
    checksum: `${Number(find("Header Checksum: (0x.{4}) "))}`,
    source: find("Source Address: (\\S+)$"),
    destination: find("Destination Address: (\\S+)$"),
    data: dump.map(([, hex]) => hex.replaceAll(" ", "")).join(""),
  };
}

/** Whether the checksum is right, and what it should be. */
function verdictOfTshark({ ip }: JSONValue): string {
  return ip["ip.checksum.status"] === "1"
    ? "[correct]"
    : `[incorrect, should be ${ip["ip.checksum_calculated"]}]`;
}

/** The options as our tree words them. */
function optionsOfTshark({ ip }: JSONValue): string[] {
  const key = Object.keys(ip).find((key) => key.startsWith("Options: "));
  const all = (value: string | string[] | undefined) =>
    value === undefined ? [] : [value].flat();
  return Object.entries<JSONValue>(key === undefined ? {} : ip[key])
    .flatMap(([name, tree]) => {
      switch (name) {
        case "ip.options.record_route_tree":
          return `Record Route, pointer ${tree["ip.opt.ptr"]}: ` +
            [...all(tree["ip.rec_rt"]), ...all(tree["ip.empty_rt"])].join(" ");
        case "ip.options.timestamp_tree": {
          const addresses = all(tree["ip.opt.time_stamp_addr"]);
          const entries = all(tree["ip.opt.time_stamp"]).map((stamp, i) =>
            addresses.length > 0 ? `${addresses[i]} ${stamp} ms` : `${stamp} ms`
          );
          return `Time Stamp, pointer ${tree["ip.opt.ptr"]}, ` +
            `overflow ${tree["ip.opt.overflow"]}, ` +
            `flag ${Number(tree["ip.opt.flag"])}: ${entries.join(", ")}`;
        }
        case "ip.options.routeralert_tree":
          return `Router Alert, examine packet (${tree["ip.opt.ra"]})`;
        case "ip.options.nop_tree":
          return "No-Operation (NOP)";
        case "ip.options.eol_tree":
          return "End of Options List (EOL)";
      }
      return [];
    });
}

const empty = (count: number) => Array<string>(count).fill("0.0.0.0");
const OPTIONS: readonly (readonly IPv4Option[])[] = [
  [{ kind: "recordRoute", pointer: 4, addresses: empty(9) }],
  [{ kind: "recordRoute", pointer: 8, addresses: ["9.8.7.6", ...empty(2)] }],
  [{
    kind: "timestamp",
    pointer: 5,
    overflow: 0,
    flag: 0,
    entries: [{ timestamp: 0 }, { timestamp: 0 }],
  }],
  [{
    kind: "timestamp",
    pointer: 13,
    overflow: 3,
    flag: 1,
    entries: [{ address: "9.8.7.6", timestamp: 86_399_999 }],
  }],
  [{ kind: "routerAlert", value: 0 }],
  [
    { kind: "noOperation" },
    { kind: "routerAlert", value: 0 },
    { kind: "recordRoute", pointer: 4, addresses: empty(1) },
  ],
];

/** Packets with options, then packets with everything else at random. */
function* packets(): Generator<Uint8Array<ArrayBuffer>> {
  const fields: IPv4Fields = { protocol: 253, destination: "1.1.1.1" };
  for (const options of OPTIONS) {
    yield encodeIPv4(
      { ...fields, options: encodeIPv4Options(options) },
      Uint8Array.of(0x48, 0x69),
    );
  }
  const random = seededRandom(1);
  for (let i = 0; i < 40; i++) {
    yield encodeIPv4({
      ...fields,
      source: random() < 0.5 ? undefined : "1.1.1.99",
      dscp: randomInt(random, 0, 63),
      ecn: randomInt(random, 0, 3),
      identification: randomInt(random, 1, 0xffff),
      reserved: random() < 0.5,
      dontFragment: random() < 0.5,
      ttl: randomInt(random, 1, 255),
    }, randomBytes(random, randomInt(random, 0, 100)));
  }
}

await liveTest(
  "receive explains every field as tshark does in its capture file",
  ["lab", "tshark"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/pair.pcap`;
      await using json = await writingReceiver(lab, file, "--json");
      await using explained = await receiver(lab, "--explain");
      using socket = senderSocket(lab, 253, { headerIncluded: true });
      let count = 0;
      for (const bytes of packets()) {
        socket.send(bytes, "1.1.1.1");
        await json.until('"type":"packet"', ++count);
      }
      const command = script("send", "1.1.1.1", "Quit", "-Q", "0xb9");
      await using sending = new Process(lab.inside("sender", command));
      assertEquals((await sending.end()).code, 0);

      const ours = lines((await json.end()).stdout).slice(1, -1)
        .map((line) => JSON.parse(line));
      const screen = (await explained.end()).stdout;
      const texts = screen.split(/^(?=Internet Protocol)/m).slice(1);
      const options = "-T json --no-duplicate-keys -o ip.check_checksum:TRUE";
      const { stdout } = await run(
        ["tshark", "-r", file, ...options.split(" ")],
      );
      const theirs = JSON.parse(stdout).map((packet: JSONValue) =>
        packet._source.layers
      );
      assertEquals(
        [ours.length, texts.length, theirs.length],
        Array(3).fill(count + 1),
      );
      for (const [i, layers] of theirs.entries()) {
        const facts = factsOfTshark(layers);
        assertEquals(factsOfJSON(ours[i]), facts, `--json, packet ${i}`);
        const text = texts[i];
        assertEquals(factsOfExplanation(text), facts, `--explain, packet ${i}`);
        const verdict = /Header Checksum: 0x.{4} (\[.*\])/.exec(text)?.[1];
        assertEquals(verdict, verdictOfTshark(layers), `packet ${i}`);
        const flat = text.replace(/\n {12}(?=\S)/g, " ");
        const shown = [...flat.matchAll(/IP Option: (.*)/g)];
        assertEquals(shown.map(([, text]) => text), optionsOfTshark(layers));
        const { timestamp } = ours[i];
        const seconds = Math.floor(Date.parse(timestamp) / 1000);
        assertEquals(
          `${seconds}.${timestamp.slice(20, 29)}`,
          layers.frame["frame.time_epoch"],
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "receive writes pcapng with the interface that each packet came in by",
  ["lab", "tshark"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/pair.pcapng`;
      await using receiving = await writingReceiver(lab, file, "-c", "2");
      using far = senderSocket(lab);
      far.send(Uint8Array.of(65), "1.1.1.1");
      await receiving.until("\nA\n");
      using near = senderSocket(lab, 253, {
        namespace: lab.namespace("receiver"),
      });
      near.send(Uint8Array.of(66), "127.0.0.1");
      assertEquals((await receiving.end()).code, 0);
      const fields = ["frame.interface_name", "data.data"]
        .flatMap((field) => ["-e", field]);
      const { stdout } = await run(
        ["tshark", "-r", file, "-T", "fields", ...fields],
      );
      assertEquals(lines(stdout), ["eth0\t41", "lo\t42"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
