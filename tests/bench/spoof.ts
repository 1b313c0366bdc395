/**
 * Forged packets over loopback, against the same with the kernel's header.
 *
 * @module
 */

import { forgedPacket, type OutgoingDatagram, RawSocket } from "../../mod.ts";
import { alternate } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";

const PACKETS = 200_000;
/** Short ones, and many, since the two are nearly the same. */
const ROUNDS = 20;
const DESTINATION = "127.0.0.1";
const PAYLOAD = new TextEncoder().encode("Hello World!");
const PROTOCOL = 253;
/** Takes the packets, so that the kernel answers none, and keeps nothing. */
const KEEP_NOTHING = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

export async function benchSpoof(): Promise<Row[]> {
  using sink = RawSocket.open({
    protocol: PROTOCOL,
    bindAddress: DESTINATION,
  });
  sink.attachFilter(KEEP_NOTHING);
  using plain = RawSocket.open({ protocol: PROTOCOL });
  plain.attachFilter(KEEP_NOTHING);
  using forging = RawSocket.open({ protocol: 255, headerIncluded: true });
  const packet = forgedPacket({
    source: "127.0.0.7",
    destination: DESTINATION,
    protocol: PROTOCOL,
    payload: PAYLOAD,
    // Don't Fragment, as the kernel's own headers have it. Without it the
    // kernel chooses an identification for each, which is one or two per cent.
    flags: 2,
  });
  const rounds = await alternate(ROUNDS, {
    plain: () => rate(plain, PAYLOAD),
    forged: () => rate(forging, packet),
  });
  const work = "spoof: sendMany with own headers, 12 octets";
  const peer = ["sendMany without", "plain"] as const;
  return [rounds.row(work, "forged", peer, { wanted: 1 })];
}

/** Packets a second. */
async function rate(socket: RawSocket, bytes: Uint8Array): Promise<number> {
  const start = performance.now();
  await socket.sendMany(packets(bytes));
  return PACKETS / (performance.now() - start) * 1000;
}

function* packets(bytes: Uint8Array): Generator<OutgoingDatagram> {
  for (let i = 0; i < PACKETS; i++) yield { bytes, destination: DESTINATION };
}
