/** What the kernel's own TCP makes, and a reader by the letter takes for wrong. */

import { assert, assertEquals } from "@std/assert";
import {
  dissect,
  encodePcapHeader,
  encodePcapRecord,
  type Frame,
  headersOf,
  LINK_TYPE_ETHERNET,
  packetFromJSON,
  packetToJSON,
} from "../../../mod.ts";
import { runProgram } from "../../../lib/lab/command.ts";
import type { Lab } from "../../../lib/lab/lab.ts";
import { inFolder, succeed, write } from "../../capture/programs.ts";
import { liveTest, run } from "../live.ts";
import { pair, RECEIVER, RECEIVER6, SOON } from "../socket/socket_support.ts";
import { packetSocketIn } from "./sniff_support.ts";

/** Connects over a route, of which nobody answers. */
const ROUTED = `
import socket, struct
def connect(s, to):
    s.setblocking(False)
    try: s.connect((to, 80))
    except BlockingIOError: pass
four = socket.socket()
hops = b''.join(map(socket.inet_aton, ('${RECEIVER}', '1.1.1.9')))
four.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([131, 11, 4]) + hops + b'\\0')
connect(four, '1.1.2.7')
six = socket.socket(socket.AF_INET6)
last, hop = (socket.inet_pton(socket.AF_INET6, a) for a in ('2001:db8::77', '${RECEIVER6}'))
header = struct.pack('>BBBBBBH', 0, 4, 4, 1, 1, 0, 0) + last + hop
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, header)
connect(six, '2001:db8::77')
`;

await liveTest(
  "the kernel's TCP segments over a route are right, and are built the same",
  ["lab", "init-root", "python3"],
  async () => {
    await using lab = await pair();
    await inside(
      lab,
      "sender",
      "ip",
      "route",
      "add",
      "1.1.2.0/24",
      "dev",
      "eth0",
    );
    using socket = packetSocketIn(lab, "receiver", {
      filter: "ip proto 6 or ip6 proto 43",
    });
    await inside(lab, "sender", "python3", "-c", ROUTED);
    const seen = new Map<string, Frame>();
    while (seen.size < 2) {
      const frame = await socket.receive(SOON);
      seen.set(frame.bytes[14] >>> 4 === 4 ? "ipv4" : "ipv6", frame);
    }
    for (const [version, { bytes, linkType }] of seen) {
      const dissection = dissect(bytes, { linkType });
      assertEquals(dissection.problems, [], version);
      const described = packetToJSON(bytes, dissection);
      for (const layer of described.layers) {
        delete (layer.fields as Record<string, unknown>).checksum;
      }
      assertEquals(packetFromJSON(described), bytes);
    }
    const { ipv4 } = headersOf(
      dissect(seen.get("ipv4")!.bytes, { linkType: LINK_TYPE_ETHERNET }),
    );
    // It goes to the first hop, and is for the last.
    assertEquals(ipv4?.destination, RECEIVER);
  },
);

/** Sends so much at once that the kernel makes jumbograms of it. */
const FLOOD = `
import socket, sys
if sys.argv[1] == 'listen':
    s = socket.socket(socket.AF_INET6); s.bind(('::', 5000)); s.listen()
    print('ready', flush=True); c, _ = s.accept()
    while c.recv(1 << 20): pass
else:
    s = socket.create_connection(('${RECEIVER6}', 5000))
    for _ in range(16): s.sendall(bytes(1 << 20))
    s.close()
`;

/** iproute2 knows it since 5.19, and so does Linux. */
const knowsBigTCP = (await run(["ip", "link", "help"])).stderr
  .includes("gso_max_size");

await liveTest(
  "the kernel's BIG TCP is read as tshark does",
  ["lab", "init-root", "python3", "ethtool", "tshark"].concat(
    knowsBigTCP ? [] : ["an ip program that knows gso_max_size"],
  ),
  async () => {
    await using lab = await pair();
    for (const host of ["sender", "receiver"]) {
      const sizes = ["gso_max_size", "185000", "gro_max_size", "185000"];
      await inside(lab, host, "ip", "link", "set", "eth0", ...sizes);
      await inside(lab, host, "ethtool", "-K", "eth0", "tx", "on", "tso", "on");
    }
    using socket = packetSocketIn(lab, "sender", {
      filter: "ip6 dst host 2001:db8::1",
    });
    const listening = new Deno.Command("sh", {
      args: ["-c", 'exec "$@"', "sh"].concat(
        lab.inside("receiver", ["python3", "-c", FLOOD, "listen"]),
      ),
      stdout: "piped",
    }).spawn();
    const reader = listening.stdout.getReader();
    await reader.read();
    await inside(lab, "sender", "python3", "-c", FLOOD, "send");
    await listening.status;
    await reader.cancel();
    const frames: Frame[] = [];
    for (let isOver = false; !isOver;) {
      for (const frame of await socket.receiveBatch(SOON)) {
        const { tcp } = headersOf(dissect(frame.bytes, frame));
        if (tcp === undefined) continue;
        frames.push(frame);
        isOver ||= tcp.fin;
      }
    }
    const jumbograms = frames.filter(({ bytes }) => bytes.length > 66_000);
    assert(jumbograms.length > 10, `${jumbograms.length} jumbograms`);
    const ours = frames.map(({ bytes, linkType }) => {
      const { layers, problems } = dissect(bytes, { linkType });
      // The interface has yet to compute them.
      assertEquals(problems.filter(({ field }) => field !== "checksum"), []);
      const [, , upper] = layers;
      assert(upper.protocol === "tcp");
      const { sequence, window } = upper.header;
      return [upper.payloadLength, sequence, window].join("\t");
    });
    await inFolder(async (path) => {
      await write(path("file"), [
        encodePcapHeader(LINK_TYPE_ETHERNET),
        ...frames.map(encodePcapRecord),
      ]);
      const text = await succeed(
        ...["tshark", "-n", "-r", path("file"), "-T", "fields"],
        ...[
          "-e",
          "tcp.len",
          "-e",
          "tcp.seq_raw",
          "-e",
          "tcp.window_size_value",
        ],
      );
      assertEquals(ours, text.trimEnd().split("\n"));
    });
  },
);

async function inside(
  lab: Lab,
  host: string,
  ...command: string[]
): Promise<void> {
  const [program, ...args] = lab.inside(host, command);
  await runProgram(program, args);
}
