/**
 * Building packets and taking them apart, against scapy where it is.
 *
 * @module
 */

import { buildPacket, dissect, icmpv4, ipv4 } from "../../mod.ts";
import { alternate } from "./frame/rounds.ts";
import { perSecond, type Row } from "./frame/row.ts";
import { scapyRates } from "./peers/scapy.ts";

const PACKETS = 300_000;
const ROUNDS = 5;

/** An echo request of 40 octets, each with an identification of its own. */
export async function benchPackets(): Promise<Row[]> {
  const payload = new TextEncoder().encode("Hello World!");
  const build = (i: number) =>
    buildPacket(
      ipv4({
        source: "1.1.1.100",
        destination: "1.1.1.1",
        identification: i,
      }),
      icmpv4({ kind: "echoRequest", identifier: 1, sequence: i }),
      payload,
    );
  const packets = Array.from({ length: 1000 }, (_, i) => build(i));
  const rounds = await alternate(ROUNDS, {
    build: () => rate((i) => build(i & 0xffff).length),
    dissect: () => rate((i) => dissect(packets[i % 1000]).layers.length),
  });
  const scapy = await scapyRates(packets[1]);
  const row = (work: "build" | "dissect", wanted: number): Row => ({
    work: `${work} IPv4/ICMP, ${packets[1].length} octets`,
    raw4: perSecond(rounds.median(work)),
    reference: scapy === undefined ? "" : `scapy ${Math.round(scapy[work])}/s`,
    ...(scapy === undefined
      ? {}
      : { ratio: rounds.median(work) / scapy[work], wanted }),
  });
  return [row("build", 400), row("dissect", 100)];
}

function rate(work: (i: number) => number): number {
  // What it returns is used, or the compiler might leave the work out.
  let sum = 0;
  const start = performance.now();
  for (let i = 0; i < PACKETS; i++) sum += work(i);
  const seconds = (performance.now() - start) / 1000;
  return sum > 0 ? PACKETS / seconds : 0;
}
