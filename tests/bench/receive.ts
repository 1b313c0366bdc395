/**
 * Receiving what a C program sends as fast as it can.
 *
 * @module
 */

import { RawSocket, TimeoutExceeded } from "../../mod.ts";
import { compileReference, referenceRate } from "./peers/reference.ts";
import { perSecond, type Row } from "./frame/row.ts";

const PACKETS = 2_000_000;
/** Silence after which nothing more can come. */
const SILENCE_MS = 500;

export async function benchReceive(): Promise<Row[]> {
  const program = await compileReference("reference");
  if (program === undefined) return [];
  using socket = RawSocket.open({
    protocol: 253,
    bindAddress: "127.0.0.1",
    receiveBufferBytes: 32 * 1024 * 1024,
  });
  let received = 0;
  const receiving = (async () => {
    for (;;) {
      // The first one may take as long as the program takes to start.
      const timeoutMs = received === 0 ? 10_000 : SILENCE_MS;
      received += (await socket.receiveBatch({ timeoutMs })).length;
    }
  })();
  const rate = await referenceRate(program, "sendmmsg", PACKETS);
  await receiving.catch((error) => {
    if (!(error instanceof TimeoutExceeded)) throw error;
  });
  return [{
    work: "receiveBatch, none dropped",
    raw4: `${
      received.toLocaleString("en")
    } received, ${socket.dropped} dropped`,
    reference: `C sendmmsg ${perSecond(rate)}`,
    ratio: received / PACKETS,
    wanted: 1,
  }];
}
