/** The dissect script, from the outside. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  encodePcapRecord,
} from "../../../mod.ts";
import { parseTimestamp } from "../../../lib/render/timestamp.ts";
import { Octets, PcapngFile } from "../../capture/files.ts";
import { SEED } from "../../render/packets.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { lines } from "../pair/pair_process.ts";

const HEX = SEED[1][0];
const BYTES = Uint8Array.fromHex(HEX);
const TIME_NS = 1_700_000_000_123_456_789n;
const RECORD = encodePcapRecord({ timestampNs: TIME_NS, bytes: BYTES });
const PCAP = join(encodePcapHeader(101), RECORD);

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function gzip(octets: Uint8Array<ArrayBuffer>) {
  const stream = new Blob([octets]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

/** A file that is gone after `use`. */
async function withFile(
  octets: Uint8Array | string,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    const bytes = typeof octets === "string"
      ? new TextEncoder().encode(octets)
      : octets;
    await Deno.writeFile(path, bytes);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

const layersOf = (stdout: string) => JSON.parse(stdout).layers;

await liveTest(
  "dissect takes files, hexadecimal and standard input",
  [],
  async () => {
    const { stdout } = await run(script("dissect", HEX, "--json"));
    const wanted = layersOf(stdout);
    assertEquals(wanted.length, 2);
    const pcapng = join(
      encodePcapngSection(),
      encodePcapngInterface(101),
      encodePcapngPacket({ timestampNs: TIME_NS, bytes: BYTES }),
    );
    const words = HEX.match(/../g)!;
    const inWords = await run(script("dissect", ...words, "--json"));
    assertEquals(layersOf(inWords.stdout), wanted);
    const packed = [await gzip(PCAP), await gzip(pcapng)];
    for (const content of [PCAP, pcapng, ...packed, `0000: ${HEX}\n`, HEX]) {
      await withFile(content, async (path) => {
        const call = script("dissect", path, "--json");
        assertEquals(layersOf((await run(call)).stdout), wanted);
        const { stdout } = await run([
          ...["sh", "-c", `exec "$@" <${path}`, "sh"],
          ...script("dissect", "-", "--json"),
        ]);
        assertEquals(layersOf(stdout), wanted);
      });
    }
  },
);

await liveTest(
  "dissect reads hexadecimal as the link type says",
  [],
  async () => {
    const frame = `ffffffffffff0200000000010800${HEX}`;
    const cooked = `0800000000000002000104060200000000010000${HEX}`;
    const TYPES: [type: string, hex: string, protocol: string][] = [
      ["ethernet", frame, "ethernet"],
      ["1", frame, "ethernet"],
      ["loopback", `02000000${HEX}`, "loopback"],
      ["loopback", `00000002${HEX}`, "loopback"],
      ["108", `00000002${HEX}`, "loopback"],
      ["linux-sll", `000000010006020000000001${"0000"}0800${HEX}`, "sll"],
      ["linux-sll2", cooked, "sll2"],
      ["276", cooked, "sll2"],
      ["ipv4", HEX, "ipv4"],
    ];
    for (const [type, hex, protocol] of TYPES) {
      const { stdout } = await run(
        script("dissect", hex, "--json", "--link-type", type),
      );
      const layers: { protocol: string }[] = layersOf(stdout);
      assertEquals(layers[0].protocol, protocol, type);
      assertEquals(layers.at(-2)?.protocol, "ipv4", type);
    }
  },
);

await liveTest(
  "dissect shows what it could read of a damaged file, exit 1",
  [],
  async () => {
    const BROKEN: [Uint8Array, number, string][] = [
      [
        PCAP.subarray(0, -3),
        0,
        "the file ends after 35 of the 38 octets of a packet's record",
      ],
      [
        join(PCAP, RECORD, RECORD.subarray(0, 5)),
        2,
        "the file ends after 5 of the 16 octets",
      ],
      [new Uint8Array(), 0, "capture file at octet 0: the file is empty"],
      [
        (await gzip(PCAP)).subarray(0, -8),
        1,
        "what gzip has compressed is damaged or cut short",
      ],
      [
        new TextEncoder().encode("snoop\0\0\0"),
        0,
        "a snoop file: `editcap` makes a pcap file",
      ],
    ];
    for (const [octets, packets, reason] of BROKEN) {
      await withFile(octets, async (path) => {
        const { code, stdout, stderr } = await run(
          script("dissect", path, "--json"),
        );
        assertEquals(stdout.split("\n").length - 1, packets);
        const { message, exitCode } = JSON.parse(stderr);
        assertStringIncludes(message, reason.slice(0, 38));
        assertEquals([code, exitCode], [1, 1]);
      });
    }
  },
);

await liveTest(
  "dissect reads as much hexadecimal as a packet can be, and cuts nothing",
  [],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/long.txt`;
      for (const [count, isRead] of [[2 ** 21, true], [2_500_000, false]]) {
        await Deno.writeTextFile(path, "ff".repeat(Number(count)));
        for (const [what, redirection] of [[path, ""], ["-", `<${path}`]]) {
          const { code, stdout, stderr } = await run([
            ...["sh", "-c", `"$@" ${redirection} | head -n 1`, "sh"],
            ...script("dissect", what),
          ]);
          const said = what === "-" ? "standard input" : path;
          const refusal = `dissect: ${said} is no capture file, and more ` +
            "than 4194304 octets of hexadecimal text are no packet";
          assertEquals(unwrapped(stderr), isRead ? "" : refusal);
          assertEquals(
            stdout,
            isRead ? `Packet 1, ${count} octets, Raw IP\n` : "",
          );
          assertEquals(code, 0);
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "dissect reads on behind a packet of any time, as tshark does",
  ["tshark"],
  async () => {
    const file = new PcapngFile().section();
    const clocks: (readonly [resolution: number, offset: bigint])[] = [
      ...[[0, 0n], [0, 2n ** 63n - 1n], [0, -(2n ** 63n)]] as const,
      ...[[9, -1n], [9, -62_167_219_201n], [6, 253_402_300_800n]] as const,
      ...[[0x80, 0n], [0xa0, -(2n ** 40n)], [19, 0n]] as const,
    ];
    for (const [i, [resolution, offset]] of clocks.entries()) {
      const seconds = new Octets(true).i64(offset).toBytes();
      file.interface(101, { options: [[9, [resolution]], [14, seconds]] });
      for (const ticks of [0n, 1n, 2n ** 63n, 2n ** 64n - 1n]) {
        const packet = { ticks, timestampNs: 0n, bytes: BYTES };
        file.enhanced({ ...packet, interfaceIndex: i });
      }
    }
    file.enhanced({ ticks: 1n, timestampNs: 0n, bytes: BYTES });
    await withFile(file.build("").bytes, async (path) => {
      const { code, stdout, stderr } = await run(
        script("dissect", path, "--json"),
      );
      assertEquals([code, stderr], [0, ""]);
      const seen: { timestamp: string }[] = lines(stdout)
        .map((line) => JSON.parse(line));
      assertEquals(seen.length, 4 * clocks.length + 1);
      // tshark keeps seconds in 64 bits, and ours have no end.
      const theirs = (await run([
        ...["tshark", "-n", "-r", path, "-T", "fields"],
        ...["-e", "frame.time_epoch"],
      ])).stdout.trimEnd().split("\n");
      let compared = 0;
      for (const [i, { timestamp }] of seen.entries()) {
        const ns = parseTimestamp(timestamp);
        const seconds = (ns - (ns % 10n ** 9n + 10n ** 9n) % 10n ** 9n) /
          10n ** 9n;
        if (BigInt.asIntN(64, seconds) !== seconds) continue;
        if (BigInt(theirs[i].split(".")[0]) !== seconds) {
          throw new Error(`${timestamp} here, ${theirs[i]} there`);
        }
        compared++;
      }
      assertEquals(compared > 20, true);
      const text = await run(script("dissect", path));
      assertEquals([text.code, text.stderr], [0, ""]);
      assertEquals(text.stdout.match(/^Packet /gm)?.length, seen.length);
    });
  },
);

await liveTest(
  "dissect shows what is no packet, and says so, exit 1",
  [],
  async () => {
    const SAYS = "dissect: that is no packet of link type Raw IP";
    for (const what of ["ff00", "00", "4500"]) {
      const { code, stdout, stderr } = await run(script("dissect", what));
      assertStringIncludes(stdout, "[Problem: ipv4 header at ");
      assertEquals([code, stderr.split("\n")[0]], [1, SAYS]);
      assertStringIncludes(stderr, "--link-type ethernet");
    }
    const strange = encodePcapRecord({
      timestampNs: TIME_NS,
      bytes: Uint8Array.of(0xff, 0),
    });
    await withFile(join(encodePcapHeader(101), strange), async (path) => {
      const { code, stderr } = await run(script("dissect", path));
      assertEquals([code, stderr], [1, `${SAYS}\n`]);
    });
    // One among others is theirs, who have sent it.
    await withFile(join(PCAP, strange), async (path) => {
      const { code, stderr } = await run(script("dissect", path));
      assertEquals([code, stderr], [0, ""]);
    });
    await withFile(encodePcapHeader(101), async (path) => {
      assertEquals((await run(script("dissect", path))).code, 0);
    });
  },
);

/** What a parser that is not ours makes of a drawing. */
const PARSE_SVG = `
import json, sys
from xml.dom import minidom
svg = minidom.parse(sys.argv[1]).documentElement
text = lambda name: svg.getElementsByTagName(name)[0].firstChild.data
print(json.dumps([svg.tagName, svg.namespaceURI, text("title"), text("desc")]))`;

await liveTest(
  "dissect --svg draws the first packet for a handout",
  ["python3"],
  async () => {
    const folder = await Deno.makeTempDir();
    const svg = `${folder}/bits.svg`;
    const [deno, ...args] = script("dissect", "--svg", svg);
    const dissect = (...more: string[]) =>
      run([deno, "run", `--allow-write=${svg}`, ...args.slice(1), ...more]);
    try {
      await withFile(join(PCAP, RECORD), async (path) => {
        const { code, stdout, stderr } = await dissect(path);
        assertEquals([code, stderr], [0, ""]);
        assertStringIncludes(stdout, "Packet 2, ");
      });
      const drawn = await run(["python3", "-c", PARSE_SVG, svg]);
      assertEquals(drawn.stderr, "");
      const [name, space, title, description] = JSON.parse(drawn.stdout);
      assertEquals([name, space], ["svg", "http://www.w3.org/2000/svg"]);
      assertStringIncludes(title, "Internet Protocol Version 4");
      assertStringIncludes(description, "Time to Live ");
      const first = await Deno.readTextFile(svg);
      await dissect(HEX);
      assertEquals(await Deno.readTextFile(svg), first);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    // Before anything is read.
    const refused = await run(script("dissect", "--svg", "x.svg", "-"));
    assertEquals([refused.code, refused.stdout], [3, ""]);
    assertStringIncludes(refused.stderr, "--allow-write=x.svg");
  },
);

await liveTest("dissect refuses bad input, exit 2", [], async () => {
  const BAD: [args: string[], ...said: string[]][] = [
    [
      ["4500 zz"],
      'dissect: hex line 1, column 6: "z" is no hexadecimal digit',
      "  4500 zz",
      "       ^",
    ],
    [
      ["45", "00", "zz"],
      'dissect: hex line 1, column 7: "z" is no hexadecimal digit',
      "  45 00 zz",
      "        ^",
    ],
    [
      ["one.pcap", "two.pcap"],
      "dissect: only hexadecimal may be several words, one.pcap is none",
      "Give one file at a time.",
    ],
    [
      ["database"],
      'dissect: hex line 1, column 3: "t" is no hexadecimal digit',
      "  database",
      "    ^",
      "If it is a file, write ./database",
    ],
    [
      [Deno.execPath()],
      `dissect: ${Deno.execPath()} is neither a capture file nor ` +
      "hexadecimal text",
    ],
  ];
  for (const [args, ...said] of BAD) {
    const { code, stdout, stderr } = await run(script("dissect", ...args));
    assertEquals(
      unwrapped(stderr),
      said.join("\n").replaceAll(/\n(?! )/g, " "),
    );
    assertEquals([code, stdout], [2, ""]);
  }
});

await liveTest(
  "dissect names the text that is no packet, exit 2",
  [],
  async () => {
    await withFile(new TextEncoder().encode("# raw4\n"), async (path) => {
      const { code, stderr } = await run(script("dissect", path));
      assertEquals(lines(stderr), [
        'dissect: hex line 1, column 1: "#" is no hexadecimal digit',
        "  # raw4",
        "  ^",
        `${path} is neither a capture file nor hexadecimal text.`,
      ]);
      assertEquals(code, 2);
    });
  },
);

await liveTest(
  "dissect says that there is no such file, exit 4",
  [],
  async () => {
    const { code, stderr } = await run(script("dissect", "./none.pcap"));
    assertStringIncludes(stderr, "cannot read the file ./none.pcap: No such");
    assertEquals(code, 4);
  },
);

await liveTest(
  "dissect shows packets as a pipe brings them, until Ctrl-C",
  [],
  async () => {
    const [program, ...args] = script("dissect", "-", "--json");
    const child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(join(PCAP, RECORD.subarray(0, 7)));
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assertEquals(JSON.parse(new TextDecoder().decode(value)).number, 1);
    child.kill("SIGINT");
    assertEquals((await child.status).code, 0);
    await reader.cancel();
    await writer.abort().catch(() => {});
  },
);

await liveTest("dissect ends when nobody reads any more", [], async () => {
  const many = join(
    encodePcapHeader(101),
    ...Array.from({ length: 20_000 }, () => RECORD),
  );
  await withFile(many, async (path) => {
    const { stdout, stderr } = await run([
      ...["sh", "-c", '"$@" | head -n 1', "sh"],
      ...script("dissect", path, "--json"),
    ]);
    assertEquals([stdout.split("\n").length, stderr], [2, ""]);
  });
});
