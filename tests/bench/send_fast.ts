/**
 * Sending 12 octets over a cable past the kernel's own way out, against trafgen
 * and C. In a lab of two hosts.
 *
 * @module
 */

import {
  buildPacket,
  ethernet,
  FastSender,
  ipv4,
  Lab,
  neighbourAt,
  RawSocket,
  TOPOLOGIES,
} from "../../mod.ts";
import { runProgram } from "../../lib/lab/command.ts";
import { findRung } from "../../lib/lab/rung.ts";
import { compileReference } from "./peers/reference.ts";
import { alternate } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";
import { isInstalled } from "./peers/installed.ts";

const PACKETS = 1_000_000;
const ROUNDS = 5;
const SOURCE = "1.1.1.100";
const DESTINATION = "1.1.1.1";
const PAYLOAD = new TextEncoder().encode("Hello World!");
const WORK = "send --fast, 12 octets over a cable";

export async function benchSendFast(): Promise<Row[]> {
  if (await findRung() !== "namespaces") return [];
  const program = await compileReference("frames");
  if (program === undefined) return [];
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const namespace = lab.namespace("sender");
  // Takes the packets, so that the kernel answers none, and keeps nothing.
  using sink = RawSocket.open({
    protocol: 253,
    namespace: lab.namespace("receiver"),
  });
  sink.attachFilter([{ code: 0x06, jt: 0, jf: 0, k: 0 }]);
  const way = { protocol: 253, destination: DESTINATION, namespace };
  using sender = FastSender.open(way);
  await sender.send(PAYLOAD, 2);
  const frame = await frameOf(lab);
  const byC = async (mode: string) => {
    const command = [program, mode, "eth0", frame.toHex(), `${PACKETS}`];
    const [name, ...args] = lab.inside("sender", command);
    return Number(await runProgram(name, args));
  };
  const hasTrafgen = await isInstalled("trafgen");
  const rounds = await alternate(ROUNDS, {
    fast: async () => {
      const start = performance.now();
      await sender.send(PAYLOAD, PACKETS);
      return PACKETS / (performance.now() - start) * 1000;
    },
    trafgen: () => hasTrafgen ? trafgenRate(lab, frame) : 0,
    ring: () => byC("ring"),
    sendmmsg: () => byC("sendmmsg"),
    sendMany: async () => {
      using socket = RawSocket.open({ protocol: 253, namespace });
      const batch = Array(1024).fill({
        bytes: PAYLOAD,
        destination: DESTINATION,
      });
      const start = performance.now();
      let sent = 0;
      while (sent < PACKETS) sent += await socket.sendMany(batch);
      return sent / (performance.now() - start) * 1000;
    },
  });
  const [least, trafgen] = [{ wanted: 0.9 }, ["trafgen", "trafgen"] as const];
  const [ring, sendmmsg] = ["C PACKET_TX_RING", "C sendmmsg, AF_PACKET"];
  const ordinary = "sendMany, the ordinary way";
  return [
    ...(hasTrafgen ? [rounds.row(WORK, "fast", trafgen, least)] : []),
    rounds.row(WORK, "fast", [ring, "ring"], least),
    rounds.row(WORK, "fast", [sendmmsg, "sendmmsg"], least),
    rounds.row(WORK, "fast", [ordinary, "sendMany"], { wanted: 1 }),
  ];
}

/** The frame that our own sender sends, for the others to send it, too. */
async function frameOf(lab: Lab): Promise<Uint8Array> {
  const namespace = lab.namespace("sender");
  const show = lab.inside("sender", ["ip", "-j", "link", "show", "eth0"]);
  const [link] = JSON.parse(await runProgram(show[0], show.slice(1)));
  return buildPacket(
    ethernet({
      source: link.address,
      destination: neighbourAt(DESTINATION, { namespace })!.linkAddress!,
    }),
    ipv4({
      source: SOURCE,
      destination: DESTINATION,
      protocol: 253,
      dontFragment: true,
    }),
    PAYLOAD,
  );
}

/** Packets a second of one process of trafgen's: by default it has one a core. */
async function trafgenRate(lab: Lab, frame: Uint8Array): Promise<number> {
  const file = await Deno.makeTempFile({ suffix: ".cfg" });
  const octets = Array.from(frame, (octet) => `0x${octet.toString(16)}`);
  await Deno.writeTextFile(file, `{ ${octets.join(", ")} }\n`);
  const one = ["--cpus", "1", "--no-sock-mem"];
  const options = [...one, "--in", file, "--out", "eth0"];
  const [program, ...args] = lab.inside(
    "sender",
    ["trafgen", ...options, "--num", `${PACKETS}`],
  );
  const said = await runProgram(program, args);
  const [, seconds, microseconds] = /(\d+) sec, (\d+) usec/.exec(said)!;
  return PACKETS / (Number(seconds) + Number(microseconds) / 1e6);
}
