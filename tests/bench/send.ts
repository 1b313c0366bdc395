/**
 * Sending 12 octets over loopback, against C, and over a cable.
 *
 * @module
 */

import { type OutgoingDatagram, RawSocket } from "../../mod.ts";
import { compileReference, referenceRate } from "./peers/reference.ts";
import { alternate } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";
import { benchSendFast } from "./send_fast.ts";

const PACKETS = 1_000_000;
const ROUNDS = 5;
const DESTINATION = "127.0.0.1";
const PAYLOAD = new TextEncoder().encode("Hello World!");
/** As many as leave between two turns of the event loop. */
const SOME: readonly OutgoingDatagram[] = Array(1024)
  .fill({ bytes: PAYLOAD, destination: DESTINATION });
/** Takes the packets, so that the kernel answers none, and keeps nothing. */
const KEEP_NOTHING = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

export async function benchSend(): Promise<Row[]> {
  const program = await compileReference("reference");
  if (program === undefined) return [];
  using sink = RawSocket.open({ protocol: 253, bindAddress: DESTINATION });
  sink.attachFilter(KEEP_NOTHING);
  // Each has one, and only while it sends: it is handed what it sends.
  const open = () => {
    const socket = RawSocket.open({ protocol: 253 });
    socket.attachFilter(KEEP_NOTHING);
    return socket;
  };
  const rounds = await alternate(ROUNDS, {
    sendto: () => referenceRate(program, "sendto", PACKETS),
    send: () => {
      using socket = open();
      const start = performance.now();
      for (let i = 0; i < PACKETS; i++) socket.send(PAYLOAD, DESTINATION);
      return PACKETS / (performance.now() - start) * 1000;
    },
    sendmmsg: () => referenceRate(program, "sendmmsg", PACKETS),
    sendMany: async () => {
      using socket = open();
      const start = performance.now();
      let sent = 0;
      while (sent < PACKETS) sent += await socket.sendMany(SOME);
      return sent / (performance.now() - start) * 1000;
    },
  });
  const work = "sendMany, 12 octets on loopback";
  const sendto = ["C sendto", "sendto"] as const;
  const sendmmsg = ["C sendmmsg", "sendmmsg"] as const;
  return [
    rounds.row(work, "sendMany", sendto, { wanted: 1 }),
    rounds.row(work, "sendMany", sendmmsg, { wanted: 1 }),
    rounds.row("send, one by one", "send", sendto, { wanted: 0.95 }),
    ...await benchSendFast(),
  ];
}
