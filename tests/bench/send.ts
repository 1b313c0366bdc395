/**
 * Sending 12 octets over loopback, against C.
 *
 * @module
 */

import { type OutgoingDatagram, RawSocket } from "../../mod.ts";
import { compileReference, referenceRate } from "./reference.ts";
import { bestRates, perSecond, type Row } from "./row.ts";

const PACKETS = 1_000_000;
const ROUNDS = 5;
const DESTINATION = "127.0.0.1";
const PAYLOAD = new TextEncoder().encode("Hello World!");
/** Takes the packets, so that the kernel answers none, and keeps nothing. */
const KEEP_NOTHING = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

export async function benchSend(): Promise<Row[]> {
  const program = await compileReference("reference");
  if (program === undefined) return [];
  using sink = RawSocket.open({ protocol: 253, bindAddress: DESTINATION });
  sink.attachFilter(KEEP_NOTHING);
  using socket = RawSocket.open({ protocol: 253 });
  socket.attachFilter(KEEP_NOTHING);

  const best = await bestRates(ROUNDS, {
    sendto: () => referenceRate(program, "sendto", PACKETS),
    send: () => {
      const start = performance.now();
      for (let i = 0; i < PACKETS; i++) socket.send(PAYLOAD, DESTINATION);
      return PACKETS / (performance.now() - start) * 1000;
    },
    sendmmsg: () => referenceRate(program, "sendmmsg", PACKETS),
    sendMany: async () => {
      const start = performance.now();
      await socket.sendMany(packets());
      return PACKETS / (performance.now() - start) * 1000;
    },
  });
  return [
    {
      work: "sendMany, 12 octets on loopback",
      raw4: perSecond(best.sendMany),
      reference: `C sendto ${perSecond(best.sendto)}`,
      ratio: best.sendMany / best.sendto,
      wanted: 1,
    },
    {
      work: "sendMany, 12 octets on loopback",
      raw4: perSecond(best.sendMany),
      reference: `C sendmmsg ${perSecond(best.sendmmsg)}`,
      ratio: best.sendMany / best.sendmmsg,
      wanted: 0.95,
    },
    {
      work: "send, one by one",
      raw4: perSecond(best.send),
      reference: `C sendto ${perSecond(best.sendto)}`,
      ratio: best.send / best.sendto,
      wanted: 0.8,
    },
  ];
}

function* packets(): Generator<OutgoingDatagram> {
  for (let i = 0; i < PACKETS; i++) {
    yield { bytes: PAYLOAD, destination: DESTINATION };
  }
}
