/**
 * Building packets and taking them apart.
 *
 * @module
 */

import { buildPacket, dissect, ipv4 } from "../../mod.ts";
import { bestRates, perSecond, type Row } from "./row.ts";

const PACKETS = 300_000;

export async function benchPackets(): Promise<Row[]> {
  const payload = new TextEncoder().encode("Hello World!");
  const build = (identification: number) =>
    buildPacket(
      ipv4({
        source: "1.1.1.100",
        destination: "1.1.1.1",
        protocol: 253,
        identification,
      }),
      payload,
    );
  const packet = build(1);
  const best = await bestRates(5, {
    build: () => rate((i) => build(i & 0xffff).length),
    dissect: () => rate(() => dissect(packet).layers.length),
  });
  return [
    { work: "buildPacket, IPv4", raw4: perSecond(best.build), reference: "" },
    { work: "dissect, IPv4", raw4: perSecond(best.dissect), reference: "" },
  ];
}

function rate(work: (i: number) => number): number {
  // What it returns is used, or the compiler might leave the work out.
  let sum = 0;
  const start = performance.now();
  for (let i = 0; i < PACKETS; i++) sum += work(i);
  const seconds = (performance.now() - start) / 1000;
  return sum > 0 ? PACKETS / seconds : 0;
}
