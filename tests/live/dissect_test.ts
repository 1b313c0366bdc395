/** The dissect script, from the outside. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  encodePcapRecord,
} from "../../mod.ts";
import { SEED } from "../render/packets.ts";
import { liveTest, run, script, unwrapped } from "./live.ts";
import { lines } from "./pair_process.ts";

const HEX = SEED[1][0];
const BYTES = Uint8Array.fromHex(HEX);
const TIME_NS = 1_700_000_000_123_456_789n;
const RECORD = encodePcapRecord({ timestampNs: TIME_NS, bytes: BYTES });
const PCAP = join(encodePcapHeader(101), RECORD);

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
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
    for (const content of [PCAP, pcapng, `0000: ${HEX}\n`, HEX]) {
      await withFile(content, async (path) => {
        const call = script("dissect", path, "--json");
        assertEquals(layersOf((await run(call)).stdout), wanted);
        const piped = script("dissect", "-", "--json").join(" ");
        const { stdout } = await run(["sh", "-c", `${piped} <${path}`]);
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
      [Uint8Array.of(0x1f, 0x8b, 8, 0), 0, "it is compressed: `gunzip`"],
    ];
    for (const [octets, packets, reason] of BROKEN) {
      await withFile(octets, async (path) => {
        const { code, stdout, stderr } = await run(
          script("dissect", path, "--json"),
        );
        assertEquals(stdout.split("\n").length - 1, packets);
        assertStringIncludes(unwrapped(stderr), reason.slice(0, 38));
        assertEquals([code, unwrapped(stderr).includes("\n")], [1, false]);
      });
    }
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
    const call = script("dissect", path, "--json").join(" ");
    const { stdout, stderr } = await run(["sh", "-c", `${call} | head -n 1`]);
    assertEquals([stdout.split("\n").length, stderr], [2, ""]);
  });
});
