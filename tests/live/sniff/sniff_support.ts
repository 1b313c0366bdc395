/**
 * What the tests of sniffing share: tcpdump beside it, and frames to be seen.
 *
 * @module
 */

import type { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  type CaptureFilePacket,
  ethernet,
  icmpv4,
  ipv4,
  ipv6,
  PacketSocket,
  type PacketSocketOptions,
  readCapture,
  tcp,
  udp,
} from "../../../mod.ts";
import { run } from "../live.ts";
import {
  RECEIVER,
  RECEIVER6,
  SENDER,
  SENDER6,
} from "../socket/socket_support.ts";

/** Opens a packet socket on the cable's end in a host. */
export function packetSocketIn(
  lab: Lab,
  host: string,
  options: PacketSocketOptions = {},
): PacketSocket {
  return PacketSocket.open({
    device: "eth0",
    namespace: lab.namespace(host),
    receiveBufferBytes: 32 * 1024 * 1024,
    ...options,
  });
}

/** tcpdump in a host, which writes a file until it is ended. */
export class Tcpdump implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #file: string;
  readonly #stderr: ReadableStreamDefaultReader<string>;

  private constructor(
    child: Deno.ChildProcess,
    file: string,
    stderr: ReadableStreamDefaultReader<string>,
  ) {
    this.#child = child;
    this.#file = file;
    this.#stderr = stderr;
  }

  /** Starts it, and waits until it listens. */
  static async start(
    lab: Lab,
    host: string,
    ...args: string[]
  ): Promise<Tcpdump> {
    const file = await Deno.makeTempFile({ suffix: ".pcap" });
    const options = "-Z root -U -B 32768 --time-stamp-precision nano -w";
    const [program, ...rest] = lab.inside(host, [
      ...["tcpdump", ...options.split(" "), file],
      ...args,
    ]);
    const child = new Deno.Command(program, {
      args: rest,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const reader = child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
    for (let seen = ""; !seen.includes("listening on");) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`tcpdump ended: ${seen}`);
      seen += value;
    }
    return new Tcpdump(child, file, reader);
  }

  /** What tshark makes of its file so far: the values of fields, a packet each. */
  async fields(...names: string[]): Promise<string[][]> {
    const options = "-o ip.check_checksum:TRUE -T fields".split(" ");
    const fields = names.flatMap((name) => ["-e", name]);
    const { stdout } = await run(
      ["tshark", "-r", this.#file, ...options, ...fields],
    );
    return stdout.split("\n").filter((line) => line !== "")
      .map((line) => line.split("\t"));
  }

  /** Waits until it has written so many packets, and ends it. */
  async packets(count: number): Promise<CaptureFilePacket[]> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const packets = await readPackets(this.#file);
      if (packets.length >= count || Date.now() > deadline) return packets;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#stderr.cancel();
    await Deno.remove(this.#file);
  }
}

/** The packets of a capture file that are whole so far. */
export async function readPackets(path: string): Promise<CaptureFilePacket[]> {
  const packets: CaptureFilePacket[] = [];
  try {
    for await (const packet of readCapture([await Deno.readFile(path)])) {
      packets.push(packet);
    }
  } catch {
    // The rest has not been written yet.
  }
  return packets;
}

/** Frames of many kinds, from the sender's host to the receiver's. */
export function variedFrames(): Uint8Array<ArrayBuffer>[] {
  const link = {
    destination: "02:00:00:00:00:01",
    source: "02:00:00:00:00:02",
  };
  const there = { source: SENDER, destination: RECEIVER };
  const back = { source: RECEIVER, destination: SENDER };
  const six = { source: SENDER6, destination: RECEIVER6 };
  const other = { source: "1.1.1.77", destination: "1.1.2.5" };
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (const addresses of [there, back, other]) {
    for (const [sourcePort, destinationPort] of [[53, 9999], [9, 53], [7, 8]]) {
      const ports = { sourcePort, destinationPort };
      frames.push(
        buildPacket(ethernet(link), ipv4(addresses), udp(ports), "datagram"),
        buildPacket(
          ethernet(link),
          ipv4(addresses),
          tcp({ ...ports, syn: true }),
        ),
        buildPacket(
          ethernet(link),
          ipv4({ ...addresses, options: Uint8Array.of(1, 1, 1, 0) }),
          udp(ports),
          "behind options",
        ),
        // Fragments: the first, and one in which the ports are data.
        buildPacket(
          ethernet(link),
          ipv4({ ...addresses, moreFragments: true }),
          udp(ports),
          "12345678",
        ),
        buildPacket(
          ethernet(link),
          ipv4({ ...addresses, protocol: 17, fragmentOffset: 16 }),
          Uint8Array.of(0, 53, 0, 53, 0, 8, 0, 0),
        ),
      );
    }
    frames.push(
      buildPacket(
        ethernet(link),
        ipv4(addresses),
        icmpv4({ kind: "echoRequest", identifier: 7 }),
      ),
      buildPacket(ethernet(link), ipv4({ ...addresses, protocol: 253 }), "hi"),
    );
  }
  for (const [sourcePort, destinationPort] of [[53, 9999], [9, 53], [7, 8]]) {
    const ports = { sourcePort, destinationPort };
    frames.push(
      buildPacket(ethernet(link), ipv6(six), udp(ports), "datagram"),
      buildPacket(ethernet(link), ipv6(six), tcp(ports)),
    );
  }
  return frames;
}

/** What tcpdump makes of a capture file: its lines. */
export async function tcpdumpLines(
  path: string,
  ...args: string[]
): Promise<string[]> {
  const { stdout } = await run(["tcpdump", "-n", "-r", path, ...args]);
  return stdout.split("\n").filter((line) => line !== "");
}
